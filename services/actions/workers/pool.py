"""Workers that carry out lanes in the background. The ledger's rows are the truth; the queue only wakes workers."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog
from pgqueuer.errors import RetryRequested
from pgqueuer.models import Job
from pgqueuer.qm import QueueManager

from services.actions.engine.runner import Engine
from services.actions.workers.queue import ADVANCE, Connected, Queue, enqueue

log = structlog.get_logger(__name__)

BATCH = 4
LANES_AT_ONCE = 1000
"""So many that small actions never wait for large ones. The budget decides who may call the CRM next."""

PAUSE_SECONDS = 1.0
SWEEPS_PER_TIDYING = 12


class Workers:
    """Runs every lane that is due, each in one place at a time.

    The queue wakes the workers. A sweep of the rows, at the start and every `sweep` seconds, makes up for lost
    wake-ups. It queues all lanes that are due before the next sweep, so that a worker returns to each in time.
    `heartbeat` is the number of seconds after which a lane is taken over from a process that died or froze.
    """

    def __init__(self, engine: Engine, *, queue: Queue, sweep: float = 5.0, heartbeat: float = 15.0) -> None:
        self._engine = engine
        self._queue = queue
        self._sweep = sweep
        self._heartbeat = heartbeat
        # The next worker to check notices a silent one. Silence and check together stay within the heartbeat.
        self._silence = timedelta(seconds=heartbeat * 2 / 3)
        self._look = timedelta(seconds=min(sweep, heartbeat / 3))
        self._stopping = asyncio.Event()
        self._manager: QueueManager | None = None

    async def run(self) -> None:
        """Work until cancelled or stopped, and reconnect to the queue after each loss."""
        while not self._stopping.is_set():
            try:
                async with self._queue.connected() as connected:
                    await self._work(connected)
            except Exception:
                log.exception("queue_interrupted")
                with suppress(TimeoutError):
                    async with asyncio.timeout(PAUSE_SECONDS):
                        await self._stopping.wait()

    def stop(self) -> None:
        """Finish the current step of each lane, hand over the rest and start nothing new."""
        self._stopping.set()
        if self._manager is not None:
            self._manager.shutdown.set()

    async def _work(self, connected: Connected) -> None:
        sweeper = asyncio.create_task(self._sweep_for_ever(connected))
        running = asyncio.create_task(self._run_lanes(connected))
        losing = asyncio.create_task(connected.lost.wait())
        try:
            await asyncio.wait({running, losing}, return_when=asyncio.FIRST_COMPLETED)
            # A lane may wait long for a call slot. By then another worker has it.
            async with asyncio.timeout(self._heartbeat if connected.lost.is_set() else None):
                await running
        finally:
            for task in (sweeper, running, losing):
                task.cancel()
            await asyncio.gather(sweeper, running, losing, return_exceptions=True)

    async def _run_lanes(self, connected: Connected) -> None:
        """Run queued lanes until stopped. After a loss of the connection, each lane stops after its current step."""

        def stopping() -> bool:
            return self._stopping.is_set() or connected.lost.is_set()

        async def advance(job: Job) -> None:
            await self._advance(job, stopping)

        self._manager = manager = QueueManager(connected.jobs, connected.jobs.qbe.settings.channel)
        manager.entrypoint(ADVANCE)(advance)
        if stopping():
            manager.shutdown.set()
        try:
            await manager.run(
                dequeue_timeout=self._look,
                batch_size=BATCH,
                max_concurrent_tasks=LANES_AT_ONCE,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=self._silence,
                log_aggregation_interval=timedelta(0),
            )
        finally:
            self._manager = None

    async def _sweep_for_ever(self, connected: Connected) -> None:
        jobs, sweeps = connected.jobs, 0
        while True:
            self._queue.filled.clear()
            try:
                async with self._unless_silent(connected):
                    await self._queue.release(jobs)
                await self._engine.bring_forward()
                lanes = await self._engine.due_lanes(within=self._sweep)
                async with self._unless_silent(connected):
                    await enqueue(jobs, lanes)
                    if sweeps % SWEEPS_PER_TIDYING == 0:
                        # The ledger holds the outcome of each effect, so the queue's own log is not needed.
                        await jobs.clear_queue_log(ADVANCE)
            except Exception:
                log.exception("sweep_failed")
                if connected.is_closed():
                    # asyncpg does not notify listeners about a connection that it gave up itself.
                    connected.lost.set()
            sweeps += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(self._sweep):
                    await self._queue.filled.wait()

    @asynccontextmanager
    async def _unless_silent(self, connected: Connected) -> AsyncIterator[None]:
        """Give up a connection that has been silent for a heartbeat, because its loss may never be reported."""
        try:
            async with asyncio.timeout(self._heartbeat):
                yield
        except TimeoutError:
            # This also frees all others that wait for an answer over it, even for the closing of the connection.
            connected.give_up()
            raise

    async def _advance(self, job: Job, stopping: Callable[[], bool]) -> None:
        assert job.payload is not None
        wait = await self._engine.run_lane(job.payload.decode(), stopping=stopping)
        if wait is not None and wait <= self._sweep:
            raise RetryRequested(delay=timedelta(seconds=wait))
