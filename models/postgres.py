"""PostgreSQL for Tortoise, and what only PostgreSQL can do: locks, notices and a queue for many processes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, cast

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

from models.address import PostgresAddress
from models.held_writes import SendsHeldWrites

FROZEN_AFTER = 10
"""After so many seconds, an idle transaction is ended.

A process that froze, or a machine that disappeared, then no longer holds its locks.
"""

NAME = "application_name"
LONGER = "SET LOCAL idle_in_transaction_session_timeout = '300s'"
"""For a migration, which computes for seconds between two statements, and for longer on a busy machine."""

SESSION = {
    # A mutation that was answered is on disk, whatever the server's own default says.
    "synchronous_commit": "on",
    "idle_in_transaction_session_timeout": f"{FROZEN_AFTER}s",
    NAME: "intelligencehub",
    "timezone": "UTC",
    # The code relies on it: a statement that waited for a lock sees what was committed meanwhile.
    "default_transaction_isolation": "read committed",
}

READ_ONLY = {"default_transaction_read_only": "on", "statement_timeout": "15s"}
"""For connections that never write. The timeout is the last limit; each read sets a shorter one."""

RESTS_ON = ("fsync", "full_page_writes")
"""Settings that no session can request, and without which a power cut loses or corrupts data."""

CLOSE_SECONDS = 2.0
COMMAND_SECONDS = 60.0

LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""The errors of a lost connection, including the server's own notice of its end."""

# The rows of the ledger are the truth, so the queue's own log may be lost in a crash.
QUEUE = DBSettings(prefix="hub_", durability=Durability.balanced)


class ReleasingContext(TransactionContextPooled):
    """Keeps no connection when a transaction cannot begin, and tries the next one.

    This happens after a restart of the server: the pool does not know yet that its connections are lost. Nothing has
    happened on one that could not even begin, so trying again does no harm.
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
        """Discard the connection. Return whether there was one at all."""
        connection, pool = self.client._connection, self.client._parent._pool
        self.client._connection = None
        if connection is None or pool is None:
            return False
        connection.terminate()
        await pool.release(connection)
        return True


async def _keep_session(connection: asyncpg.Connection) -> None:
    """Leave a connection that is handed back as it is. asyncpg itself has ended an open transaction.

    No code sets anything for a session that shares its connection: only for a transaction (`SET LOCAL`, and advisory
    locks that end with it). What listens has a connection of its own.
    """


class PostgresClient(AsyncpgDBClient):
    """A pool of connections to one address."""

    def __init__(self, address: PostgresAddress, read_only: bool = False, **kwargs: Any) -> None:
        most = int(kwargs.pop("maxsize", address.most_connections))
        super().__init__(minsize=min(address.fewest_connections, most), maxsize=most, **kwargs)
        self.address = address
        self.session = address.session | {
            name: value for name, value in SESSION.items() if name != NAME or name not in address.session
        }
        if read_only:
            self.session |= READ_ONLY

    async def create_pool(self, **_: Any) -> asyncpg.Pool:
        return await asyncpg.create_pool(
            self.address.dsn,
            min_size=self.pool_minsize,
            max_size=self.pool_maxsize,
            init=self._set_session,
            reset=_keep_session,
            command_timeout=COMMAND_SECONDS,
            **self._how_to_connect,
        )

    async def connect(self) -> asyncpg.Connection:
        """Open a connection outside the pool."""
        connection = await asyncpg.connect(self.address.dsn, **self._how_to_connect)
        await self._set_session(connection)
        return connection

    @property
    def _how_to_connect(self) -> dict[str, Any]:
        tls = {"ssl": True} if self.address.public_tls else {}
        return {"timeout": self.address.connect_seconds, **tls}

    async def _set_session(self, connection: asyncpg.Connection) -> None:
        """Set what holds for the session. PgBouncer rejects start-up parameters that it does not know."""
        await connection.execute(
            "\n".join(f"SET {name} = {_quoted(value)};" for name, value in self.session.items())
        )

    def _in_transaction(self) -> TransactionContext:
        return ReleasingContext(WriteTransaction(self), self._pool_init_lock)


class WriteTransaction(SendsHeldWrites, TransactionWrapper):
    """A transaction that may hold writes back until its next statement."""


client_class = PostgresClient


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def queue_over(connection: asyncpg.Connection) -> Queries:
    """Return PgQueuer's jobs, read and written over one connection."""
    return Queries(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(QUEUE),
        QueryQueueBuilder(QUEUE),
        QuerySchedulerBuilder(QUEUE),
    )


def queue_inside(transaction: TransactionalDBClient) -> Queries:
    """Return PgQueuer's jobs, written with the transaction's rows or not at all."""
    return queue_over(cast(TransactionWrapper, transaction)._connection)


async def install_queue(client: PostgresClient) -> None:
    """Create PgQueuer's tables, or bring them up to its present version."""
    async with connected(client) as connection:
        queue = queue_over(connection)
        await (queue.upgrade() if await queue.schema_is_installed() else queue.install())


async def server_time(client: PostgresClient) -> datetime:
    """Return the time of the clock that all processes over this database share."""
    (row,) = await client.execute_query_dict("SELECT clock_timestamp() AS now")
    now: datetime = row["now"]
    return now


async def missing_supports(client: PostgresClient) -> list[str]:
    """Return the settings that durability depends on and that the server has switched off."""
    rows = await client.execute_query_dict(
        "SELECT name FROM pg_settings WHERE name = ANY($1) AND setting = 'off' ORDER BY name",
        [list(RESTS_ON)],
    )
    return [row["name"] for row in rows]


async def end_frozen(connection: asyncpg.Connection | AsyncpgDriver, after: float = FROZEN_AFTER) -> None:
    """End our sessions whose process has been frozen for so many seconds in the middle of a statement.

    The server's own time limit does not notice them. asyncpg prepares a statement first and then asks for it to be
    run. In between, the server counts a transaction as active, however long its client stays silent.
    """
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = current_user"
        " AND application_name = current_setting('application_name')"
        " AND state = 'active' AND wait_event = 'ClientRead' AND xact_start IS NOT NULL"
        " AND state_change < clock_timestamp() - make_interval(secs => $1)",
        after,
    )


@asynccontextmanager
async def alone(client: PostgresClient, purpose: str, *, stay: str = "") -> AsyncIterator[None]:
    """Let in one process at a time among all over this database. A process that freezes inside loses its place.

    `stay` is a statement to start with, such as one that grants more time.
    """
    done = asyncio.Event()
    async with connected(client) as connection, connection.transaction():
        if stay:
            await connection.execute(stay)
        await connection.execute("SELECT pg_advisory_xact_lock(hashtext($1))", purpose)
        talking = asyncio.create_task(_keep_alive(connection, done))
        try:
            yield
        finally:
            done.set()
            await talking


async def _keep_alive(connection: asyncpg.Connection, done: asyncio.Event) -> None:
    """Keep the server from treating the transaction as frozen."""
    while not done.is_set():
        await connection.execute("SELECT 1")
        with suppress(TimeoutError):
            async with asyncio.timeout(FROZEN_AFTER / 3):
                await done.wait()


@asynccontextmanager
async def connected(client: PostgresClient) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection outside the client's pool, to the same database."""
    connection = await client.connect()
    try:
        yield connection
    finally:
        try:
            await connection.close(timeout=CLOSE_SECONDS)
        except (TimeoutError, OSError):
            connection.terminate()
