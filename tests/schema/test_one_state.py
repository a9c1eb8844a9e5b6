"""All reads of an operation see one state of the database."""

import asyncio
import sqlite3
import time
from contextlib import suppress

import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError

import models
from models.database import SIGN_IN
from models.sqlite_reads import READERS, SqliteReads
from models.transaction import single_read, snapshot, transaction
from resolvers.reads import operation
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.factories import save_tree
from tests.support.tree_reads import reading_without_a_transaction

TREE = """query($id: ID!) { ticket(id: $id) { title milestones { title tasks { title } } children { title } } }"""


async def rename(tree, name):
    """Give everything in a tree one name, in one transaction."""
    async with transaction():
        for model in (models.Ticket, models.Milestone, models.Task):
            await model.filter(tree_id=tree.parent.id).update(title=name)


def names_in(data):
    found = {data["title"]}
    for below in (*data.get("milestones", ()), *data.get("tasks", ()), *data.get("children", ())):
        found |= names_in(below)
    return found


async def is_torn(ask, count):
    """Whether one of so many reads of a tree shows two names, while somebody renames everything in it."""
    tree = await save_tree(children=2)
    await rename(tree, "0")

    async def write():
        number = 1
        while True:
            await rename(tree, str(number))
            number += 1

    writer = asyncio.create_task(write())
    torn = False
    while count and not torn:
        data = await ask(TREE, id=tree.parent.id)
        torn = len(names_in(data["ticket"])) > 1
        count -= 1
    writer.cancel()
    with suppress(asyncio.CancelledError):
        await writer
    return torn


async def test_no_tree_is_torn_by_a_writer(ask):
    assert not await is_torn(ask, 100)


async def test_control_without_the_read_transaction_trees_are_torn(ask, monkeypatch):
    monkeypatch.setattr(operation, "reading", reading_without_a_transaction)

    assert await is_torn(ask, 5000)


async def test_each_payload_of_a_mutation_sees_its_own_commit(execute):
    tree = await save_tree(children=0)
    task = await models.Task.filter(tree_id=tree.parent.id).first()
    begin = "startTask(taskId: $id) { task { status } problems { code } }"
    result = await execute(
        f"mutation($id: ID!) {{ first: {begin} second: completeTask(taskId: $id) {{ task {{ status }} }} }}",
        context_for(Role.OPERATOR),
        id=task.id,
    )

    assert result.errors is None
    assert result.data["first"]["task"] == {"status": "IN_PROGRESS"}
    assert result.data["second"]["task"] == {"status": "DONE"}


async def test_readers_do_not_wait_for_each_other(db):
    async with snapshot() as one, snapshot() as other:
        async with asyncio.timeout(60):
            await one.execute_query("SELECT 1")
            await other.execute_query("SELECT 1")


async def test_a_hundred_cancelled_reads_leave_the_database_readable(ask):
    tree = await save_tree(children=2)
    for number in range(100):
        task = asyncio.create_task(ask(TREE, id=tree.parent.id))
        for _ in range(number % 25):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async with asyncio.timeout(60):
        assert await ask(TREE, id=tree.parent.id)


FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"


async def several():
    async with snapshot() as connection:
        await connection.execute_query(FOREVER)


async def single():
    await single_read().execute_query(FOREVER)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("read", [several, single])
async def test_slow_readers_do_not_keep_callers_from_signing_in(db, read):
    slow = [asyncio.create_task(read()) for _ in range(2 * READERS)]
    await asyncio.sleep(0.1)

    async with asyncio.timeout(60):
        await get_connection(SIGN_IN).execute_query("SELECT 1")

    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    async with asyncio.timeout(60), snapshot() as connection:
        await connection.execute_query("SELECT 1")
        await single_read().execute_query("SELECT 1")


@pytest.mark.only_on("sqlite")
async def test_a_single_read_ends_when_its_time_is_up(db):
    read = single_read()
    read.stop_at(time.monotonic())

    async with asyncio.timeout(60):
        with pytest.raises(OperationalError, match="interrupted"):
            await read.execute_query(FOREVER)
        assert await single_read().execute_query("SELECT 1")


LOCAL_DAY = "SELECT local_day('2026-07-10 22:30:00+00:00', 'Europe/Rome')"


@pytest.mark.only_on("sqlite")
async def test_callers_who_leave_while_a_reader_is_opened_leave_it_whole(db):
    for steps in range(READERS):
        task = asyncio.create_task(single_read().execute_query("SELECT 1"))
        for _ in range(steps):
            await asyncio.sleep(0)
        await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async with asyncio.timeout(60):
        found = await asyncio.gather(*(single_read().execute_query(LOCAL_DAY) for _ in range(READERS)))

    assert {rows[0][0] for _, rows in found} == {"2026-07-11"}


async def test_a_reader_that_could_not_be_opened_is_opened_anew(tmp_path):
    file = tmp_path / "hub.sqlite3"
    file.write_bytes(b"no database" * 1000)
    reads = SqliteReads(str(file), connection_name="reads")
    with pytest.raises(sqlite3.DatabaseError):
        await reads.single_read().execute_query(LOCAL_DAY)
    file.unlink()

    _, [found] = await reads.single_read().execute_query(LOCAL_DAY)

    await reads.close()
    assert found[0] == "2026-07-11"
