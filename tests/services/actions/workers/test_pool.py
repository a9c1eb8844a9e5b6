"""Workers and their queue, in memory and in PgQueuer's table."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import copy
from datetime import UTC, datetime

import pytest
from tortoise.connection import get_connection

from models.database import READS, shared_client
from models.transaction import transaction
from services.actions import LocalQueue, SharedQueue, Workers
from services.events import Broadcast, EventLog
from tests.support.silent_connection import line_to


class Lanes:
    """Stands in for the engine: keeps which lanes were run, and has the given number of slow steps."""

    def __init__(self):
        self.due = []
        self.run = []
        self.steps = 1
        self.seconds = 0.0
        self.again = {}
        self.ran = asyncio.Event()

    async def bring_forward(self):
        pass

    async def due_lanes(self, *, within):
        return self.due

    async def run_lane(self, lane, *, stopping):
        self.run.append(lane)
        self.ran.set()
        steps, seconds = self.steps, self.seconds
        for _ in range(steps):
            await asyncio.sleep(seconds)
            if stopping():
                return 0.0
        return self.again.pop(lane, None)

    async def until_run(self, count):
        async with asyncio.timeout(60):
            while len(self.run) < count:
                self.ran.clear()
                await self.ran.wait()


@pytest.fixture
def lanes():
    return Lanes()


@pytest.fixture
def queue(db):
    client = shared_client()
    return SharedQueue(client) if client else LocalQueue()


@pytest.fixture
def events(queue):
    return EventLog(clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), broadcast=Broadcast(), queue=queue)


@asynccontextmanager
async def at_work(lanes, queue, **timing) -> AsyncIterator[Workers]:
    workers = Workers(lanes, queue=queue, **{"sweep": 60.0, **timing})
    task = asyncio.create_task(workers.run())
    try:
        yield workers
    finally:
        workers.stop()
        async with asyncio.timeout(60):
            await task


async def enqueue(events, lanes, *names):
    lanes.due = list(names)
    async with events.change("access", actor="test") as change:
        change.enqueue(names)


async def test_what_is_enqueued_is_run_without_waiting_for_a_sweep(events, queue, lanes):
    async with at_work(lanes, queue):
        await enqueue(events, lanes, "a", "b")
        await lanes.until_run(2)

    # The sweep at the start may find them as well.
    assert set(lanes.run) == {"a", "b"}


async def test_what_was_enqueued_before_the_start_is_run_at_the_start(events, queue, lanes):
    await enqueue(events, lanes, "a")

    async with at_work(lanes, queue):
        await lanes.until_run(1)

    assert lanes.run == ["a"]


async def test_a_sweep_makes_good_for_a_queue_that_was_lost(queue, lanes):
    async with at_work(lanes, queue, sweep=0.05):
        lanes.due = ["forgotten"]
        await lanes.until_run(1)

    assert lanes.run[0] == "forgotten"


async def test_the_log_of_the_queue_does_not_grow_with_the_work(queue, lanes):
    lanes.due = list("abcdefghij")

    async with at_work(lanes, queue, sweep=0.005):
        await lanes.until_run(200)

    # A run leaves three lines; what the last sweeps have left is still there.
    async with queue.connected() as connected:
        assert len(await connected.jobs.queue_log()) < 450


async def test_a_lane_that_waits_is_come_back_to(events, queue, lanes):
    lanes.again = {"a": 0.1}

    async with at_work(lanes, queue, sweep=0.2):
        await enqueue(events, lanes, "a")
        lanes.due = []
        await lanes.until_run(2)

    assert lanes.run == ["a", "a"]


async def test_a_lane_that_runs_is_not_run_beside_itself(events, queue, lanes):
    lanes.seconds = 0.3

    async with at_work(lanes, queue, sweep=0.02):
        await enqueue(events, lanes, "a")
        await lanes.until_run(1)
        await asyncio.sleep(0.15)
        running = list(lanes.run)
        lanes.due = []

    assert running == ["a"]


@pytest.mark.only_on("postgres")
async def test_a_rollback_enqueues_nothing(events, queue, lanes):
    with pytest.raises(LookupError):
        async with events.change("access", actor="test") as change:
            change.enqueue(["a"])
            raise LookupError

    assert await jobs() == 0


@pytest.mark.only_on("postgres")
async def test_lanes_that_two_queue_in_different_orders_at_once_do_not_deadlock(queue):
    async def put(lanes):
        async with transaction():
            await queue.put(lanes)

    for number in range(5):
        lanes = [f"lane {number} {position}" for position in range(400)]
        await asyncio.gather(put(lanes), put(lanes[::-1]))

    assert await jobs() == 5 * 400


@pytest.mark.only_on("postgres")
async def test_workers_outlive_the_loss_of_their_connection(events, queue, lanes):
    async with at_work(lanes, queue):
        await enqueue(events, lanes, "a")
        await lanes.until_run(1)
        await end_every_other_connection()
        await enqueue(events, lanes, "b")
        await lanes.until_run(2)

    assert set(lanes.run) == {"a", "b"}


@pytest.fixture
async def line(db):
    client = shared_client()
    async with line_to(client.host, int(client.port)) as line:
        yield line


@pytest.fixture
def queue_over_line(db, line):
    client = copy(shared_client())
    client.port = line.port
    return SharedQueue(client)


@pytest.mark.only_on("postgres")
async def test_workers_outlive_a_connection_that_goes_silent(queue_over_line, line, lanes):
    async with at_work(lanes, queue_over_line, sweep=0.1, heartbeat=0.6):
        lanes.due = ["a"]
        await lanes.until_run(1)
        line.fall_silent()
        lanes.due = ["b"]
        async with asyncio.timeout(60):
            while "b" not in lanes.run:
                await lanes.until_run(len(lanes.run) + 1)

    assert set(lanes.run) == {"a", "b"}


@pytest.mark.only_on("postgres")
async def test_workers_whose_connection_went_silent_can_be_stopped(queue_over_line, line, lanes):
    async with at_work(lanes, queue_over_line, sweep=0.1, heartbeat=0.6):
        lanes.due = ["a"]
        await lanes.until_run(1)
        line.fall_silent()

    assert set(lanes.run) == {"a"}


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize(
    ("steps", "seconds"),
    [
        pytest.param(600, 0.1, id="goes on step by step"),
        pytest.param(1, 60.0, id="waits for a call"),
    ],
)
async def test_a_long_lane_does_not_keep_others_from_running_after_a_loss(
    events, queue, lanes, steps, seconds
):
    async with at_work(lanes, queue, sweep=0.2, heartbeat=1.5):
        lanes.steps, lanes.seconds = steps, seconds
        await enqueue(events, lanes, "long")
        await lanes.until_run(1)
        lanes.steps, lanes.seconds, lanes.due = 1, 0.0, []

        await end_every_other_connection()
        await enqueue(events, lanes, "short")
        await lanes.until_run(2)

    assert "short" in lanes.run


async def jobs() -> int:
    (row,) = await get_connection(READS).execute_query_dict("SELECT count(*) AS jobs FROM hub_pgqueuer")
    return row["jobs"]


async def end_every_other_connection() -> None:
    await get_connection(READS).execute_query_dict(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
