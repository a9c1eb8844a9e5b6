"""Where lanes wait for a worker: in memory, or in PgQueuer's table that many processes share.

The ledger's rows are the truth. A queue only wakes workers, so no lane is lost with it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, cast

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.inmemory import InMemoryDriver, InMemoryQueries
from pgqueuer.queries import Queries
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection

from models.database import WRITES
from models.postgres import PostgresClient, connected, end_frozen, queue_inside, queue_over
from models.transaction import after_commit

ADVANCE = "advance"

Jobs = Queries | InMemoryQueries
"""PgQueuer's interface to the jobs."""


@dataclass(frozen=True, slots=True)
class Connected:
    """The jobs over one connection. Once it is `lost`, other workers soon take over the jobs that it had taken.

    `give_up` ends the connection without notifying the other side.
    """

    jobs: Jobs
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    is_closed: Callable[[], bool] = lambda: False
    give_up: Callable[[], None] = lambda: None


class Queue(Protocol):
    """Implements `services.events.WorkQueue`, and lets workers take out the queued lanes."""

    filled: asyncio.Event
    """Set when this process should look for work at once."""

    async def put(self, lanes: Sequence[str]) -> None:
        """Queue the lanes in the surrounding transaction."""

    def connected(self) -> AbstractAsyncContextManager[Connected]:
        """Yield PgQueuer's jobs for as long as the connection to them holds."""

    async def release(self, jobs: Jobs) -> None:
        """End the database sessions of frozen processes."""


class LocalQueue:
    """The queue of a single process. It only signals that there is work; the rows say which."""

    def __init__(self) -> None:
        self.filled = asyncio.Event()
        self._jobs = InMemoryQueries(InMemoryDriver())

    async def put(self, lanes: Sequence[str]) -> None:
        after_commit(self.filled.set)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connected]:
        yield Connected(self._jobs)

    async def release(self, jobs: Jobs) -> None:
        """There are no other processes."""


class SharedQueue:
    """The queue of all processes that share one PostgreSQL database. PgQueuer wakes them with the commit."""

    def __init__(self, client: PostgresClient) -> None:
        self.filled = asyncio.Event()
        self._client = client

    async def put(self, lanes: Sequence[str]) -> None:
        transaction = get_connection(WRITES)
        assert isinstance(transaction, TransactionalDBClient), "put() outside a transaction"
        await enqueue(queue_inside(transaction), lanes)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Connected]:
        async with connected(self._client) as connection:
            over = Connected(
                queue_over(connection), is_closed=connection.is_closed, give_up=connection.terminate
            )
            connection.add_termination_listener(lambda _: over.lost.set())
            yield over

    async def release(self, jobs: Jobs) -> None:
        assert isinstance(jobs, Queries)
        await end_frozen(cast(AsyncpgDriver, jobs.driver))


async def enqueue(jobs: Jobs, lanes: Sequence[str]) -> None:
    """Queue lanes; a lane that is queued or running is not queued twice."""
    if lanes:
        # Two processes that queue the same lanes lock each other's rows. A fixed order prevents a deadlock.
        ordered = sorted(lanes)
        await jobs.enqueue(
            [ADVANCE] * len(ordered),
            [lane.encode() for lane in ordered],
            [0] * len(ordered),
            dedupe_key=list[str | None](ordered),
            on_conflict="skip",
        )
