"""The one clock of a process. Steps of the wall clock do not mislead it."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog
from tortoise.connection import get_connection

from models import Event
from models.database import READS, shared_client
from models.postgres import server_time

TOLERANCE = timedelta(seconds=1)
FARTHEST_AHEAD = timedelta(hours=2)
"""The most that the clock may run ahead of its source. Beyond that the earlier time was wrong, and it follows."""

MEASURE_SECONDS = 10.0
PRECISE_SECONDS = 0.5

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


def seconds_passed() -> float:
    """Return time that cannot be set, and that runs during sleep if the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class GuardedClock:
    """The time of `source`, never behind the last value that it returned.

    While it is ahead of its source it runs at half speed until the source catches up. So a wait for an instant takes at
    most twice as long. A wait measured with it is never too short, unless the source jumped ahead: `steady_since` says
    since when it has not.
    """

    def __init__(
        self,
        source: Callable[[], datetime],
        *,
        passed: Callable[[], float] = seconds_passed,
        not_before: datetime | None = None,
    ) -> None:
        self._source = source
        self._passed = passed
        self._read_at = passed()
        now = source()
        is_near = not_before is not None and now < not_before <= now + FARTHEST_AHEAD
        self._last = not_before if not_before is not None and is_near else now
        self._steady_since = self._last

    def __call__(self) -> datetime:
        source, passed = self._source(), self._passed()
        elapsed = timedelta(seconds=passed - self._read_at)
        slowed = self._last + elapsed / 2
        is_far_behind = slowed - source > FARTHEST_AHEAD
        now = source if is_far_behind else max(source, slowed)
        if is_far_behind or now - self._last > elapsed + TOLERANCE:
            self._steady_since = now
        self._last, self._read_at = now, passed
        return now

    def steady_since(self) -> datetime:
        """Return since when the difference of two instants is the time that really passed, or more."""
        self()
        return self._steady_since


class DatabaseTime:
    """The time of the database server, read now and then and extrapolated in between."""

    def __init__(self, ask: Callable[[], Awaitable[datetime]], passed: Callable[[], float] = seconds_passed):
        self._ask = ask
        self._passed = passed
        self._epoch: datetime | None = None

    def __call__(self) -> datetime:
        assert self._epoch is not None, "measure() comes first"
        return self._epoch + timedelta(seconds=self._passed())

    async def measure(self) -> None:
        asked = self._passed()
        answer = await self._ask()
        answered = self._passed()
        if self._epoch is None or answered - asked < PRECISE_SECONDS:
            self._epoch = answer - timedelta(seconds=(asked + answered) / 2)

    async def keep_measuring(self) -> None:
        while True:
            await asyncio.sleep(MEASURE_SECONDS)
            try:
                await self.measure()
            except Exception:
                # The database may be unreachable for a while; until then the time is extrapolated.
                log.warning("database_time_unknown", exc_info=True)


@asynccontextmanager
async def guarded_clock() -> AsyncIterator[GuardedClock]:
    """Run the clock over the open database: its server's time, which all processes share, or this machine's.

    It begins no earlier than the last event, so a clock that was set back while nothing ran delays nothing.
    """
    client = shared_client()
    if client is None:
        yield GuardedClock(utc_now, not_before=await _last_event_at())
        return
    source = DatabaseTime(lambda: server_time(client))
    await source.measure()
    measuring = asyncio.create_task(source.keep_measuring())
    try:
        yield GuardedClock(source, not_before=await _last_event_at())
    finally:
        measuring.cancel()
        await asyncio.gather(measuring, return_exceptions=True)


async def _last_event_at() -> datetime | None:
    last = await Event.all().using_db(get_connection(READS)).order_by("-id").first()
    return last.occurred_at if last else None
