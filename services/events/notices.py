"""Wake-ups for all processes that share one PostgreSQL database, by NOTIFY and LISTEN."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from models.postgres import PostgresClient, connected
from models.row_writes import Writes
from services.events.broadcast import Broadcast

log = structlog.get_logger(__name__)

CHANNEL = "hub_wake"
CHECK_SECONDS = 10.0
PAUSES = (0.1, 0.5, 1.0, 2.0, 5.0)
"""Seconds before each attempt to reconnect; the last value is for all that follow."""


class SharedBroadcast(Broadcast):
    """Wakes the listeners of every process.

    None misses a change for good: after a reconnect all listeners are woken.
    """

    def __init__(self, client: PostgresClient) -> None:
        super().__init__()
        self._client = client

    def publish(self, topics: Sequence[str], writes: Writes) -> None:
        # The server delivers the notices with the commit and drops them on a rollback.
        if topics:
            writes.notify(CHANNEL, topics)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Receive the notices of all processes for as long as the block lasts, through restarts of the server."""
        task = asyncio.create_task(self._listen_for_ever())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _listen_for_ever(self) -> None:
        failures = 0
        while True:
            try:
                async with connected(self._client) as connection:
                    await connection.add_listener(CHANNEL, self._on_notice)
                    failures = 0
                    # Notices sent while the connection was lost are gone.
                    self.wake_all()
                    await _until_closed(connection)
            except Exception:
                log.exception("notices_interrupted")
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            failures += 1
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - it only spreads the attempts.

    def _on_notice(self, connection: Any, sender: int, channel: str, topic: str) -> None:
        self.wake(topic)


async def _until_closed(connection: Any) -> None:
    """Return or raise when the connection is gone, even if the other side went away silently."""
    closed = asyncio.Event()
    connection.add_termination_listener(lambda _: closed.set())
    while not closed.is_set() and not connection.is_closed():
        with suppress(TimeoutError):
            async with asyncio.timeout(CHECK_SECONDS):
                await closed.wait()
            return
        await connection.execute("SELECT 1", timeout=CHECK_SECONDS)
