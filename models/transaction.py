"""The only way to open a transaction, for writes or reads."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Protocol, cast

from tortoise.backends.base.client import Capabilities, TransactionalDBClient
from tortoise.connection import get_connection, get_connections
from tortoise.transactions import in_transaction

from models.database import READS, WRITES

AfterCommit = Callable[[], None]

_after_commit: ContextVar[list[AfterCommit] | None] = ContextVar("after_commit", default=None)


class ReadTransaction(Protocol):
    """What both databases offer inside a read transaction. The ORM's queries accept it as `using_db` too."""

    capabilities: Capabilities

    @property
    def origin(self) -> object:
        """Where it reads. What a database says about its state can be compared for one origin only."""

    async def execute_query(
        self, query: str, values: list[Any] | None = None
    ) -> tuple[int, Sequence[Any]]: ...

    def stop_at(self, monotonic: float) -> None:
        """End a statement that is still running at this time of the monotonic clock."""


class _RollBack(Exception):
    """Sent to the keeper task to roll back its transaction."""


@asynccontextmanager
async def transaction() -> AsyncIterator[TransactionalDBClient]:
    """Write all or nothing, even if the caller is cancelled while entering, inside or leaving.

    Do not create tasks inside: they inherit the transaction.
    """
    hooks: list[AfterCommit] = []
    async with _kept(WRITES, hooks) as client:
        connection = get_connections().set(WRITES, client)
        hooks_token = _after_commit.set(hooks)
        try:
            yield client
        finally:
            _after_commit.reset(hooks_token)
            get_connections().reset(connection)


@asynccontextmanager
async def snapshot(name: str = READS) -> AsyncIterator[ReadTransaction]:
    """A connection for reads that all see one state of the database. Callers may be cancelled at any time.

    Inside one, open another only by another name: all who hold one could wait for each other.
    """
    async with _kept(name, []) as client:
        yield cast(ReadTransaction, client)


def single_read() -> ReadTransaction:
    """Return a connection for one statement. Callers may be cancelled at any time.

    A statement sees one state by itself, so this costs less than a `snapshot`.
    """
    client: Any = get_connection(READS)
    reader: ReadTransaction = client.single_read()
    return reader


@asynccontextmanager
async def _kept(name: str, hooks: list[AfterCommit]) -> AsyncIterator[TransactionalDBClient]:
    """A transaction on a connection, entered and left by a task of its own.

    So no cancellation reaches it: a task cancelled while it waits for the connection would hold it for ever.
    """
    entered: asyncio.Future[TransactionalDBClient] = asyncio.get_running_loop().create_future()
    verdict: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    keeper = asyncio.create_task(_keep(name, entered, verdict, hooks))
    try:
        client = await asyncio.shield(entered)
    except asyncio.CancelledError:
        entered.cancel()
        verdict.set_result(False)
        raise
    try:
        yield client
    except BaseException:
        verdict.set_result(False)
        await asyncio.shield(keeper)
        raise
    else:
        verdict.set_result(True)
        await asyncio.shield(keeper)


async def one_at_a_time(purpose: str) -> None:
    """Wait until every other transaction with the same purpose has ended. SQLite has only one at a time anyway."""
    client = get_connection(WRITES)
    if client.capabilities.dialect == "postgres":
        await client.execute_query_dict("SELECT pg_advisory_xact_lock(hashtext($1))", [purpose])


def after_commit(hook: AfterCommit) -> None:
    """Run `hook` after the surrounding transaction has committed; never if it is rolled back."""
    hooks = _after_commit.get()
    assert hooks is not None, "after_commit() outside a transaction"
    hooks.append(hook)


async def _keep(
    name: str,
    entered: asyncio.Future[TransactionalDBClient],
    verdict: asyncio.Future[bool],
    hooks: list[AfterCommit],
) -> None:
    try:
        async with in_transaction(name) as client:
            if not entered.cancelled():
                entered.set_result(client)
            if not await verdict:
                raise _RollBack
    except _RollBack:
        return
    except asyncio.CancelledError:
        entered.cancel()
        raise
    except Exception as error:
        if entered.cancelled():
            return  # Whoever wanted the connection has left.
        if entered.done():
            raise
        entered.set_exception(error)
        return
    for hook in hooks:
        hook()
