import asyncio
import gc
import random
from contextlib import asynccontextmanager

import pytest
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from models import Stream
from models.database import WRITES
from models.transaction import after_commit, transaction
from tests.support.background import tasks_that_go_on


async def test_what_a_transaction_wrote_is_there_after_it(db):
    async with transaction():
        await Stream.create(id="catalog")

    assert await Stream.all().count() == 1


async def test_an_exception_leaves_no_trace_and_runs_no_hook(db):
    called = []

    with pytest.raises(LookupError):
        async with transaction():
            await Stream.create(id="catalog")
            after_commit(lambda: called.append("woken"))
            raise LookupError

    assert await Stream.all().count() == 0
    assert called == []


async def test_a_hook_runs_after_the_commit(db):
    called = []

    async with transaction():
        after_commit(lambda: called.append("woken"))
        assert called == []

    assert called == ["woken"]


async def write_something(name: str, open_transaction) -> None:
    async with open_transaction():
        await Stream.create(id=name)
        await asyncio.sleep(0)


async def cancel_at_random(count: int, open_transaction) -> None:
    chance = random.Random(2026)
    for number in range(count):
        task = asyncio.create_task(write_something(f"s{number}", open_transaction))
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() * 0.004)
        task.cancel()


async def test_a_thousand_random_cancellations_leave_the_database_usable(db):
    await cancel_at_random(1000, transaction)

    async with asyncio.timeout(60), transaction():
        await Stream.create(id="after")
    assert await Stream.filter(id="after").exists()


async def test_a_connection_that_fails_after_its_caller_left_is_no_error_of_anybody(db, monkeypatch):
    begun, lost = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def connecting(name):
        begun.set()
        await lost.wait()
        raise ConnectionRefusedError
        yield

    monkeypatch.setattr("models.transaction.in_transaction", connecting)
    logged = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context["message"]))
    before = asyncio.all_tasks()
    caller = asyncio.create_task(write_something("s", transaction))
    await begun.wait()
    caller.cancel()
    await asyncio.wait([caller])
    del caller  # What failed without anybody looking is logged when nothing refers to it any more.

    lost.set()

    assert not await tasks_that_go_on(besides=before)
    gc.collect()
    assert logged == []


@pytest.mark.only_on("sqlite")
async def test_control_the_orm_s_own_transaction_is_lost_to_cancellation(db, monkeypatch):
    """The reason why our helper exists: without it the same cancellations hold the lock for ever."""
    monkeypatch.setattr(type(get_connection(WRITES)), "_in_transaction", SqliteClient._in_transaction)
    await cancel_at_random(100, lambda: in_transaction(WRITES))

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3), transaction():
            await Stream.create(id="after")
    gc.collect()  # The lost transactions must not be found by a collection inside somebody else's work.
