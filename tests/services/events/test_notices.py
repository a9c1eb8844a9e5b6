"""Wake-ups between processes. Each broadcast here stands for a process of its own."""

import asyncio
from contextlib import suppress

import pytest
from tortoise.connection import get_connection

from models.database import READS, shared_client
from models.row_writes import Writes
from models.transaction import transaction
from services.events import SharedBroadcast

pytestmark = pytest.mark.only_on("postgres")


@pytest.fixture
def here(db):
    return SharedBroadcast(shared_client())


@pytest.fixture
async def elsewhere(db):
    broadcast = SharedBroadcast(shared_client())
    signal = broadcast.listen("ready")
    async with broadcast.listening():
        # A new listener reads everything once.
        assert await woken(signal)
        yield broadcast


async def woken(signal: asyncio.Event, seconds: float = 5.0) -> bool:
    """Whether it is given in time; it may be given again afterwards."""
    with suppress(TimeoutError):
        await asyncio.wait_for(signal.wait(), seconds)
    given = signal.is_set()
    signal.clear()
    return given


async def publish(broadcast, *topics):
    async with transaction():
        await send(broadcast, topics)


async def send(broadcast, topics):
    writes = Writes()
    broadcast.publish(topics, writes)
    await writes.send()


async def test_a_commit_wakes_those_who_listen_in_another_process(here, elsewhere):
    wanted, other = elsewhere.listen("tck_1"), elsewhere.listen("tck_2")

    await publish(here, "tck_1")

    assert await woken(wanted)
    assert not other.is_set()


async def test_a_rollback_wakes_no_watcher(here, elsewhere):
    signal, after = elsewhere.listen("tck_1"), elsewhere.listen("after")
    with pytest.raises(LookupError):
        async with transaction():
            await send(here, ["tck_1"])
            raise LookupError

    await publish(here, "after")

    assert await woken(after)
    assert not signal.is_set()


async def test_a_listener_that_was_cut_off_reads_everything_and_is_notified_again(here, elsewhere):
    signal = elsewhere.listen("tck_1")
    await get_connection(READS).execute_query_dict(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
    )

    caught_up = await woken(signal)
    await publish(here, "tck_1")
    received = await woken(signal)

    assert (caught_up, received) == (True, True)
