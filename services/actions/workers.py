"""Workers that carry lanes out in the background. The rows are the truth; the queue only wakes handlers."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog
from pgqueuer.adapters.inmemory import InMemoryDriver, InMemoryQueries
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager

from services.actions.engine import Engine
from services.events import WORK, Broadcast

log = structlog.get_logger(__name__)

ADVANCE = "advance"


class Workers:
    """Runs every lane that has something to do, each in one place at a time.

    A sweep finds them: at once when there is work, and every `sweep` seconds. The first one, at the start, takes up
    what a crash left behind.
    """

    def __init__(self, engine: Engine, *, broadcast: Broadcast, sweep: float = 5.0) -> None:
        self._engine = engine
        self._sweep = sweep
        self._queries = InMemoryQueries(InMemoryDriver())
        self._manager = QueueManager(self._queries)
        self._nudged = broadcast.listen(WORK)
        self._manager.entrypoint(ADVANCE)(self._advance)

    async def run(self) -> None:
        """Work until cancelled or stopped."""
        sweeper = asyncio.create_task(self._sweep_for_ever())
        try:
            await self._manager.run(dequeue_timeout=timedelta(seconds=self._sweep), batch_size=4)
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper

    def stop(self) -> None:
        """Finish what is under way, and start nothing new."""
        self._manager.shutdown.set()

    async def _sweep_for_ever(self) -> None:
        while True:
            self._nudged.clear()
            try:
                for lane in await self._engine.due_lanes():
                    await self._enqueue(lane)
            except Exception:
                log.exception("sweep_failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nudged.wait(), self._sweep)

    async def _enqueue(self, lane: str) -> None:
        # The same lane waits in the queue, or runs, at most once.
        await self._queries.enqueue(ADVANCE, lane.encode(), dedupe_key=lane, on_conflict="skip")

    async def _advance(self, job: Job) -> None:
        assert job.payload is not None
        wait = await self._engine.run_lane(job.payload.decode())
        if wait is not None and wait <= self._sweep:
            raise RetryRequested(delay=timedelta(seconds=wait))
