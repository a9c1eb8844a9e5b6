"""PostgreSQL for Tortoise, and what only PostgreSQL can do: locks, notices and a queue that many processes share."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import cast

import asyncpg  # type: ignore[import-untyped]
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.queries import Queries
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)

FROZEN_AFTER = 10
"""Seconds after which a transaction that does nothing is ended: a process that froze, or a machine that went away in
the middle of one, holds its locks no longer."""

SESSION = {
    # A mutation that was answered is on disk, whatever the server's own default says.
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": f"{FROZEN_AFTER}s",
    "application_name": "intelligencehub",
    "timezone": "UTC",
}

RESTS_ON = ("fsync", "full_page_writes")
"""What no session can ask for, and without which a power cut takes back or breaks what is on disk."""

CONNECT_SECONDS = 10.0
CLOSE_SECONDS = 2.0
COMMAND_SECONDS = 60.0

LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a connection says that has been lost; the server's own farewell is among it."""

# The rows of the ledger are the truth, so the queue's own log may be lost with a crash.
QUEUE = DBSettings(prefix="hub_", durability=Durability.balanced)


class ReleasingContext(TransactionContextPooled):
    """Leaves no connection behind where a transaction cannot begin, and tries the next one.

    As after a restart of the server: the pool does not know yet that its connections are gone. Nothing has happened on
    one that could not even begin, so trying again does no harm.
    """

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        left = cast(PostgresClient, self.client._parent).pool_maxsize
        while True:
            try:
                return await super().__aenter__()
            except LOST:
                left -= 1
                if not await self._discard() or left < 0:
                    raise
            except BaseException:
                await self._discard()
                raise

    async def _discard(self) -> bool:
        """Whether there was a connection at all."""
        connection, pool = self.client._connection, self.client._parent._pool
        self.client._connection = None
        if connection is None or pool is None:
            return False
        connection.terminate()
        await pool.release(connection)
        return True


class PostgresClient(AsyncpgDBClient):
    def _in_transaction(self) -> TransactionContext:
        return ReleasingContext(TransactionWrapper(self), self._pool_init_lock)


client_class = PostgresClient


async def _connect(client: PostgresClient) -> asyncpg.Connection:
    return await asyncpg.connect(
        host=client.host,
        port=client.port,
        user=client.user,
        password=client.password,
        database=client.database,
        server_settings=client.server_settings,
        timeout=CONNECT_SECONDS,
        **{name: value for name, value in client.extra.items() if name == "ssl"},
    )


def queue_over(connection: asyncpg.Connection) -> Queries:
    """PgQueuer's jobs, read and written over one connection."""
    return Queries(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(QUEUE),
        QueryQueueBuilder(QUEUE),
        QuerySchedulerBuilder(QUEUE),
    )


def queue_inside(transaction: TransactionalDBClient) -> Queries:
    """PgQueuer's jobs, written with the transaction's rows or not at all."""
    return queue_over(cast(TransactionWrapper, transaction)._connection)


async def install_queue(client: PostgresClient) -> None:
    """Make PgQueuer's tables, or bring them up to its present version."""
    async with connected(client) as connection:
        queue = queue_over(connection)
        await (queue.upgrade() if await queue.schema_is_installed() else queue.install())


async def server_time(client: PostgresClient) -> datetime:
    """The one clock that all processes over this database agree upon."""
    (row,) = await client.execute_query_dict("SELECT clock_timestamp() AS now")
    now: datetime = row["now"]
    return now


async def missing_supports(client: PostgresClient) -> list[str]:
    """Which of the settings that durability rests on the server has switched off."""
    rows = await client.execute_query_dict(
        "SELECT name FROM pg_settings WHERE name = ANY($1) AND setting = 'off' ORDER BY name",
        [list(RESTS_ON)],
    )
    return [row["name"] for row in rows]


async def end_frozen(connection: asyncpg.Connection | AsyncpgDriver, after: float = FROZEN_AFTER) -> None:
    """End our sessions whose process has stood still for so many seconds in the middle of a statement.

    The server's own time limit does not see them. asyncpg prepares a statement first and then asks for it to be run;
    in between, the server counts a transaction as active, however long its client stays silent.
    """
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = current_user AND application_name = $1"
        " AND state = 'active' AND wait_event = 'ClientRead' AND xact_start IS NOT NULL"
        " AND state_change < clock_timestamp() - make_interval(secs => $2)",
        SESSION["application_name"],
        after,
    )


@asynccontextmanager
async def alone(client: PostgresClient, purpose: str) -> AsyncIterator[None]:
    """Of all processes over this database, one at a time is inside; one that freezes there loses its place."""
    done = asyncio.Event()
    async with connected(client) as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", purpose)
        talking = asyncio.create_task(_keep_talking(connection, done))
        try:
            yield
        finally:
            done.set()
            await talking


async def _keep_talking(connection: asyncpg.Connection, done: asyncio.Event) -> None:
    """Keep the server from taking the transaction for one that froze."""
    while not done.is_set():
        await connection.execute("SELECT 1")
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), FROZEN_AFTER / 3)


@asynccontextmanager
async def connected(client: PostgresClient) -> AsyncIterator[asyncpg.Connection]:
    """A connection beside the client's pool, to the same database."""
    connection = await _connect(client)
    try:
        yield connection
    finally:
        try:
            await connection.close(timeout=CLOSE_SECONDS)
        except (TimeoutError, OSError):
            connection.terminate()
