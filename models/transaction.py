"""The only way to open a transaction."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection, get_connections
from tortoise.transactions import in_transaction

from models.database import WRITES

AfterCommit = Callable[[], None]

_after_commit: ContextVar[list[AfterCommit] | None] = ContextVar("after_commit", default=None)


class _RollBack(Exception):
    """Sent to the keeper to leave its transaction without a trace."""


@asynccontextmanager
async def transaction() -> AsyncIterator[TransactionalDBClient]:
    """All or nothing, also for a caller that is cancelled while entering, inside or leaving.

    A task of its own enters and leaves, so that no cancellation reaches it: one cancelled while it waits for the
    connection would otherwise hold the connection for ever. Do not create tasks inside: they inherit the transaction.
    """
    entered: asyncio.Future[TransactionalDBClient] = asyncio.get_running_loop().create_future()
    verdict: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    hooks: list[AfterCommit] = []
    keeper = asyncio.create_task(_keep(entered, verdict, hooks))
    try:
        client = await asyncio.shield(entered)
    except asyncio.CancelledError:
        verdict.set_result(False)
        raise
    connection = get_connections().set(WRITES, client)
    hooks_token = _after_commit.set(hooks)
    try:
        yield client
    except BaseException:
        verdict.set_result(False)
        await asyncio.shield(keeper)
        raise
    else:
        verdict.set_result(True)
        await asyncio.shield(keeper)
    finally:
        _after_commit.reset(hooks_token)
        get_connections().reset(connection)


async def one_at_a_time(purpose: str) -> None:
    """Wait for the end of every other transaction that has asked for the same; SQLite has only one at a time anyway."""
    client = get_connection(WRITES)
    if client.capabilities.dialect == "postgres":
        await client.execute_query_dict("SELECT pg_advisory_xact_lock(hashtext($1))", [purpose])


def after_commit(hook: AfterCommit) -> None:
    """Run `hook` once the surrounding transaction is on disk; never, when it is rolled back."""
    hooks = _after_commit.get()
    assert hooks is not None, "after_commit() outside a transaction"
    hooks.append(hook)


async def _keep(
    entered: asyncio.Future[TransactionalDBClient], verdict: asyncio.Future[bool], hooks: list[AfterCommit]
) -> None:
    try:
        async with in_transaction(WRITES) as client:
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
        if entered.done():
            raise
        entered.set_exception(error)
        return
    for hook in hooks:
        hook()
