"""What SQLite's one writing connection survives, and how its dates are read."""

import asyncio
import random
import sqlite3
from collections.abc import Iterator

import ciso8601
import pytest
from tortoise.backends.sqlite.client import SqliteClient
from tortoise.connection import get_connection
from tortoise.fields import data

from models import Stream
from models.database import READS, WRITES, close_database, open_database
from models.transaction import transaction

pytestmark = pytest.mark.only_on("sqlite")


@pytest.fixture
def another_process(db) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(get_connection(WRITES).filename, isolation_level=None)
    yield connection
    connection.close()


async def test_a_transaction_that_cannot_begin_lets_the_next_one_in(db, another_process):
    await get_connection(WRITES).execute_query("PRAGMA busy_timeout = 50")
    another_process.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        async with transaction():
            raise AssertionError("never entered")
    another_process.execute("ROLLBACK")

    async with asyncio.timeout(3), transaction():
        await Stream.create(id="after")

    assert await Stream.filter(id="after").exists()


async def test_a_transaction_that_cannot_commit_is_undone_and_lets_the_next_one_in(db, monkeypatch):
    await Stream.create(id="before")
    with monkeypatch.context() as patch, pytest.raises(sqlite3.OperationalError, match="disk"):
        patch.setattr(get_connection(WRITES)._connection, "commit", fail)
        async with transaction():
            await Stream.create(id="undone")

    await Stream.create(id="by itself")
    async with asyncio.timeout(3), transaction():
        await Stream.create(id="after")

    assert await Stream.all().order_by("id").values_list("id", flat=True) == ["after", "before", "by itself"]


async def fail() -> None:
    raise sqlite3.OperationalError("disk I/O error")


async def insert(name: str) -> None:
    await Stream.bulk_create([Stream(id=name)], ignore_conflicts=True)


async def insert_and_cancel(count: int) -> None:
    """Insert rows outside a transaction, and cancel each insert at some moment of its life."""
    await Stream.create(
        id="before"
    )  # Here the connection is opened; to be cancelled there is another test's matter.
    chance = random.Random(2026)
    for number in range(count):
        task = asyncio.create_task(insert(f"s{number}"))
        for _ in range(chance.randrange(8)):
            await asyncio.sleep(0)
        await asyncio.sleep(chance.random() * 0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_inserts_that_are_cancelled_outside_a_transaction_leave_none_open(db):
    await insert_and_cancel(200)

    async with asyncio.timeout(3), transaction():
        await Stream.create(id="after")


async def test_control_the_orm_s_own_inserts_leave_one_open(db, monkeypatch):
    monkeypatch.setattr(type(get_connection(WRITES)), "execute_many", SqliteClient.execute_many)

    await insert_and_cancel(200)

    assert get_connection(WRITES)._connection.in_transaction


async def test_a_caller_cancelled_at_the_first_read_of_all_blocks_no_other(database_url):
    await open_database(database_url)
    reads = get_connection(READS)
    first = asyncio.create_task(reads.execute_query("SELECT 1"))
    await asyncio.sleep(0)
    first.cancel()

    async with asyncio.timeout(3):
        await reads.execute_query("SELECT 2")

    await close_database()


def test_tortoise_reads_dates_with_the_parser_in_c():
    """Without it, it falls back in silence to one that takes 150 times as long."""
    assert data.parse_datetime is ciso8601.parse_datetime
