"""One budget of CRM calls for all processes: a generic cell rate algorithm (GCRA) whose state is one database row."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise.queryset import QuerySet

from models import CallSlot
from services.actions.budget.waiting_line import PriorityWaitQueue, Rank, WaitTimeout
from services.crm.errors import CrmNotCalled
from services.crm.protocol import CONNECT_LIMIT, LONGEST_PAUSE, SLOT_LIFETIME, Priority

BACKGROUND_PATIENCE = 60.0
"""For how many seconds background work lets all other calls go first, counted from its request for a slot."""

INTERACTIVE_PATIENCE = 3.0
"""How many seconds of a pause a person is made to wait."""

rank: ContextVar[Rank] = ContextVar("rank", default=(0, ""))
"""The rank of this task's CRM calls: the steps its action has done, and the lane, whose name shows its age."""

CLOCK_TOLERANCE = 1.0
AGAIN = 0.001
"""Seconds until the next try after another process changed the row first."""

SOON = 0.02
"""Seconds until the next look at a free slot that is promised to another action."""

PROMISED_FOR = 1.0
"""For how many seconds a free slot stays promised: enough to wake up in, and short if the owner is gone."""


@dataclass(frozen=True, slots=True)
class CallRate:
    """At most `calls` in any window of `window` seconds: a burst first, the rest evenly spaced.

    The limit holds where the calls arrive. `jitter` is by how many seconds the delay from grant to arrival can differ
    between two calls: the whole life of a slot, and the whole time limit of a connection.

    >>> rate = CallRate(calls=40, window=60.0, jitter=3.0)
    >>> rate.burst, rate.interval, rate.burst + (rate.window + rate.jitter) / rate.interval
    (10, 2.1, 40.0)
    """

    calls: int
    window: float = 60.0
    jitter: float = SLOT_LIFETIME + CONNECT_LIMIT

    @property
    def burst(self) -> int:
        return max(1, self.calls // 4)

    @property
    def interval(self) -> float:
        return (self.window + self.jitter) / max(1, self.calls - self.burst)

    def wait(self, free_at: float, now: float, priority: Priority) -> float:
        """Return the seconds until a call may be sent; zero or less means now.

        The last two calls of a burst are reserved for requests of a waiting person, the two before them for actions.

        >>> rate = CallRate(calls=40)
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.INTERACTIVE) <= 0 for sent in (0, 9, 10)]
        [True, True, False]
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.ACTION) <= 0 for sent in (0, 7, 8)]
        [True, True, False]
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.BACKGROUND) <= 0 for sent in (0, 5, 6)]
        [True, True, False]
        """
        # Current timestamps are floats with microsecond precision; a rounding error is no reason to wait.
        return round(free_at - now - (self.burst - 1 - self.kept_from(priority)) * self.interval, 3)

    def kept_from(self, priority: Priority) -> int:
        """How many calls of a burst this priority may not use. At least one is open to every priority."""
        return min(2 * priority, self.burst - 1)

    def left(self, free_at: float, now: float, paused_until: float = 0.0) -> int:
        """Return how many calls may still be sent within the next window.

        >>> rate = CallRate(calls=40)
        >>> [rate.left(100.0 + rate.interval * sent, 100.0) for sent in (0, 4, 10)], rate.left(0.0, 100.0, 170.0)
        ([40, 36, 30], 0)
        """
        ends = now + self.window + self.jitter
        saved = self.burst - max(free_at - now, 0.0) / self.interval
        blocked = max(paused_until - now, 0.0)
        # No more than one burst accumulates by the end of a pause.
        saved = min(saved + blocked / self.interval, self.burst)
        if blocked >= ends - now:
            return 0
        left = int(saved + (ends - now - blocked) / self.interval + 1e-9)
        # With one call per window the burst is the whole budget, but the interval would count a second call.
        return min(max(left, 0), self.calls)

    def latest_free_at(self, now: float) -> float:
        """The latest `free_at` that a grant can leave in the row."""
        return now + self.burst * self.interval


class CallLimiter:
    """Grants the right to call the CRM to all processes that share the database and the clock.

    Implements `services.crm.protocol.CallBudget`.
    """

    def __init__(
        self, rate: CallRate, *, clock: Callable[[], Awaitable[datetime]], name: str = "crm"
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._name = name
        self._lines = {priority: PriorityWaitQueue() for priority in Priority}

    async def take(self, priority: Priority) -> float:
        """Wait for a free slot and take it. Background work that has waited long gets the priority of an action.

        Among actions, the one with the fewest steps done goes first, then the oldest, so that a few items need not
        wait for thousands. Only the first in a queue reads the row.
        """
        if priority is not Priority.BACKGROUND:
            return await self._take_when_free(priority)
        try:
            return await self._take_when_free(priority, until=_now() + BACKGROUND_PATIENCE)
        except WaitTimeout:
            return await self._take_when_free(Priority.ACTION)

    async def _take_when_free(self, priority: Priority, *, until: float | None = None) -> float:
        async with self._lines[priority].place(rank.get(), until=until) as wait_for_front:
            # Other processes share the slot, so there is no event to wait for.
            while True:
                await wait_for_front()
                # The slot starts when the try reads the clock, which is not before this moment.
                began_at = _now()
                wait = await self._try(priority)
                if wait <= 0:
                    return _now() - began_at
                if until is not None and _now() >= until:
                    raise WaitTimeout
                await asyncio.sleep(min(wait, 1.0))

    async def pause(self, seconds: float) -> None:
        """Stop all calls for so many seconds, as the CRM asked."""
        await self._slot()
        until = (await self._clock()).timestamp() + seconds
        await CallSlot.filter(name=self._name, paused_until__lt=until).update(paused_until=until)

    async def _try(self, priority: Priority) -> float:
        slot = await self._slot()
        now = (await self._clock()).timestamp()
        # The row is changed by compare-and-set: the process that changes it owns the slot, the others read again.
        unchanged = CallSlot.filter(name=self._name, free_at=slot.free_at, paused_until=slot.paused_until)
        if await self._repair_skew(slot, unchanged, now):
            return AGAIN
        pause = slot.paused_until - now
        if priority is Priority.INTERACTIVE and pause > INTERACTIVE_PATIENCE:
            raise _paused(slot.paused_until, pause)
        wait = max(self._rate.wait(slot.free_at, now, priority), pause)
        if priority is Priority.ACTION:
            return await self._try_in_order(slot, unchanged, now, wait)
        return wait if wait > 0 else await self._try_to_take(slot, unchanged, now)

    async def _try_in_order(
        self, slot: CallSlot, unchanged: QuerySet[CallSlot], now: float, wait: float
    ) -> float:
        """Give the next slot to the action with the fewest steps done. The first in each process's queue compete."""
        steps, lane = rank.get()
        mine = f"{steps:08} {lane}"
        if slot.promised_to and slot.promised_to < mine and wait > -PROMISED_FOR:
            return max(wait, SOON)
        if wait > 0:
            if slot.promised_to != mine:
                await unchanged.filter(promised_to=slot.promised_to).update(promised_to=mine)
            return wait
        return await self._try_to_take(slot, unchanged, now, promised_to="")

    async def _try_to_take(
        self, slot: CallSlot, unchanged: QuerySet[CallSlot], now: float, **changes: str
    ) -> float:
        free_at = max(slot.free_at, now) + self._rate.interval
        return 0.0 if await unchanged.update(free_at=free_at, **changes) else AGAIN

    async def _repair_skew(self, slot: CallSlot, unchanged: QuerySet[CallSlot], now: float) -> bool:
        """Repair a row whose times lie later than possible, which a clock that was set back leaves.

        Return whether it did.
        """
        free_at = min(slot.free_at, self._rate.latest_free_at(now) + CLOCK_TOLERANCE)
        paused_until = min(slot.paused_until, now + LONGEST_PAUSE + CLOCK_TOLERANCE)
        if (free_at, paused_until) == (slot.free_at, slot.paused_until):
            return False
        await unchanged.update(free_at=free_at, paused_until=paused_until)
        return True

    async def _slot(self) -> CallSlot:
        slot = await CallSlot.get_or_none(name=self._name)
        if slot is None:
            fresh = CallSlot(name=self._name, free_at=0.0, paused_until=0.0)
            await CallSlot.bulk_create([fresh], ignore_conflicts=True)
            return fresh
        return slot


def _now() -> float:
    return asyncio.get_running_loop().time()


def _paused(until: float, seconds: float) -> CrmNotCalled:
    return CrmNotCalled(
        "The CRM asked for a pause.",
        retry_after=seconds,
        paused_until=datetime.fromtimestamp(until, UTC),
    )
