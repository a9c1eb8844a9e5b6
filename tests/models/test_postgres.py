"""What only PostgreSQL can do, and what it does otherwise than SQLite."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.connection import get_connection
from tortoise.exceptions import TransactionManagementError

from models import Stream, postgres
from models.database import ALL, READS, WRITES
from models.postgres import (
    FROZEN_AFTER,
    LOST,
    SESSION,
    PostgresClient,
    alone,
    connected,
    end_frozen,
    queue_inside,
)
from models.transaction import snapshot, transaction
from server.application import log_durability

pytestmark = pytest.mark.only_on("postgres")

PROJECT = Path(__file__).parents[2]
MIGRATE = """
import asyncio
from models.database import close_database, migrate, open_database

async def run():
    await open_database("{url}")
    await migrate()
    await close_database()

asyncio.run(run())
"""


async def begin_in_vain(count, monkeypatch):
    async def fail(self):
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    with monkeypatch.context() as patch:
        patch.setattr(TransactionWrapper, "begin", fail)
        for _ in range(count):
            with pytest.raises(asyncpg.ConnectionDoesNotExistError):
                async with transaction():
                    raise AssertionError("never entered")


async def test_transactions_that_cannot_begin_leave_no_connection_behind(db, monkeypatch):
    await begin_in_vain(20, monkeypatch)

    async with asyncio.timeout(60), transaction():
        await Stream.create(id="after")

    assert await Stream.filter(id="after").exists()


async def test_a_transaction_after_a_restart_takes_a_connection_that_holds(db):
    async with transaction():
        await Stream.create(id="before")
    await get_connection(READS).execute_query_dict(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    async with transaction():
        await Stream.create(id="after")

    assert await Stream.filter(id="after").exists()


async def test_control_the_orm_s_own_ones_use_up_the_pool(db, monkeypatch):
    monkeypatch.setattr(PostgresClient, "_in_transaction", AsyncpgDBClient._in_transaction)
    client = get_connection(WRITES)
    await begin_in_vain(client.pool_maxsize, monkeypatch)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1), transaction():
            await Stream.create(id="after")
    client._pool.terminate()


async def test_a_process_that_froze_before_a_prepared_statement_loses_its_locks(db, database_url):
    """It stands still where the server still counts it as active, so its own time limit never strikes."""
    await Stream.create(id="wanted")
    frozen = await asyncpg.connect(database_url, server_settings=SESSION)
    await frozen.execute("BEGIN; SELECT * FROM stream FOR UPDATE")
    await frozen.prepare("SELECT 1")

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5), transaction():
            await Stream.filter(id="wanted").update(seq=1)
    async with connected(get_connection(WRITES)) as connection:
        await end_frozen(connection, after=0.5)
    async with asyncio.timeout(60), transaction():
        await Stream.filter(id="wanted").update(seq=2)

    assert (await Stream.get(id="wanted")).seq == 2
    with pytest.raises(LOST):
        await frozen.fetch("SELECT 1")


async def shown(connection: str, name: str) -> str:
    (row,) = await get_connection(connection).execute_query_dict(f"SHOW {name}")
    return row[name]


@pytest.mark.parametrize("isolation", ["repeatable read", "serializable"])
async def test_the_isolation_that_the_code_counts_on_is_set_whatever_the_database_s_default(db, isolation):
    (row,) = await get_connection(WRITES).execute_query_dict("SELECT current_database() AS name")
    await get_connection(WRITES).execute_script(
        f"ALTER DATABASE \"{row['name']}\" SET default_transaction_isolation = '{isolation}'"
    )
    for name in ALL:
        await get_connection(name)._expire_connections()

    in_use = [await shown(name, "transaction_isolation") for name in ALL]

    assert in_use == ["read committed"] * len(ALL)
    async with transaction() as client:
        (row,) = await client.execute_query_dict("SHOW transaction_isolation")
    assert row == {"transaction_isolation": "read committed"}
    async with snapshot() as reads:
        _, rows = await reads.execute_query("SHOW transaction_isolation")
    assert rows[0][0] == "repeatable read"


async def test_what_was_answered_is_on_disk_whatever_the_server_s_default(db):
    await get_connection(WRITES).execute_script("ALTER ROLE hub SET synchronous_commit = off")

    await get_connection(WRITES)._expire_connections()

    assert await shown(WRITES, "synchronous_commit") == "on"
    await get_connection(WRITES).execute_script("ALTER ROLE hub RESET synchronous_commit")


async def test_a_server_that_may_forget_is_named_in_the_log(db):
    with capture_logs() as reported:
        await log_durability()

    # As tests/support/postgres_server.py starts it.
    assert [(one["event"], one["log_level"], one["switched_off"]) for one in reported] == [
        ("database_may_forget", "warning", ["fsync", "full_page_writes"])
    ]


async def test_a_server_that_keeps_everything_is_not_named(db, monkeypatch):
    monkeypatch.setattr(postgres, "RESTS_ON", ("autovacuum", "synchronous_commit"))

    with capture_logs() as reported:
        await log_durability()

    assert reported == []


async def test_reads_cannot_write(db):
    with pytest.raises(TransactionManagementError):
        await get_connection(READS).execute_script("INSERT INTO stream (id, seq) VALUES ('catalog', 1)")


async def test_a_transaction_that_froze_is_ended_by_the_server_and_lets_others_go_on(db, monkeypatch):
    await Stream.create(id="catalog")
    with pytest.raises(asyncpg.InterfaceError):
        async with transaction() as client:
            await client.execute_script("SET LOCAL idle_in_transaction_session_timeout = '100ms'")
            await Stream.filter(id="catalog").update(seq=1)
            await asyncio.sleep(0.3)
            await Stream.filter(id="catalog").update(seq=2)

    assert (await Stream.get(id="catalog")).seq == 0
    assert await shown(WRITES, "idle_in_transaction_session_timeout") == f"{FROZEN_AFTER}s"


async def test_processes_that_start_together_migrate_one_after_the_other(databases):
    url = await databases.create("together")
    processes = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATE.format(url=url), cwd=PROJECT)
        for _ in range(2)
    ]

    assert [await process.wait() for process in processes] == [0, 0]
    await databases.drop("together")


@pytest.fixture
def soon_frozen(db, monkeypatch) -> PostgresClient:
    client = get_connection(WRITES)
    session = {**client.session, "idle_in_transaction_session_timeout": "300ms"}
    monkeypatch.setattr(client, "session", session)
    monkeypatch.setattr("models.postgres.FROZEN_AFTER", 0.3)
    return client


async def test_a_process_that_froze_alone_lets_the_next_one_in(soon_frozen, monkeypatch):
    async def freeze(connection, done):
        await done.wait()

    with suppress(*LOST), monkeypatch.context() as patch:
        patch.setattr("models.postgres._keep_alive", freeze)
        async with alone(soon_frozen, "migrate"), asyncio.timeout(60), alone(soon_frozen, "migrate"):
            entered = True

    assert entered


async def test_a_process_that_works_alone_for_long_stays_alone(soon_frozen):
    async with alone(soon_frozen, "migrate"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1), alone(soon_frozen, "migrate"):
                raise AssertionError("never entered")


@pytest.mark.parametrize("committed", [pytest.param(True, id="commit"), pytest.param(False, id="rollback")])
async def test_a_job_is_there_with_the_rows_or_not_at_all(db, committed):
    try:
        async with transaction() as client:
            await queue_inside(client).enqueue("advance", b"lane")
            if not committed:
                raise LookupError
    except LookupError:
        pass

    (row,) = await get_connection(READS).execute_query_dict("SELECT count(*) AS jobs FROM hub_pgqueuer")
    assert row["jobs"] == committed
