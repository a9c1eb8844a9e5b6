"""One budget of CRM calls for every process: a generic cell rate algorithm whose state is one row."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from tortoise.queryset import QuerySet

from models import CallSlot
from services.actions.line import Line, OutOfPatience, Rank
from services.crm.answers import LONGEST_PAUSE
from services.crm.errors import CrmNotCalled
from services.crm.protocol import SLOT_LIFETIME, Priority
from services.crm.settings import CrmSettings

BACKGROUND_PATIENCE = 60.0
"""For how many seconds what nobody asked for lets everybody else go first, from the moment at which it asks."""

INTERACTIVE_PATIENCE = 3.0
"""For how many seconds of a pause a person is kept waiting."""

rank: ContextVar[Rank] = ContextVar("rank", default=(0, ""))
"""Who calls the CRM in this task: how many steps the action has behind it, and the lane, whose name tells its age."""

CLOCK_TOLERANCE = 1.0
AGAIN = 0.001
"""Seconds after which to look again where somebody else was quicker."""

SOON = 0.02
"""Seconds after which to look again at a free slot that is somebody else's."""

PROMISED_FOR = 1.0
"""For how many seconds a free slot is left to whom it is promised: long enough to wake up, and short if it is gone."""


@dataclass(frozen=True, slots=True)
class CallRate:
    """At most `calls` in any window of `window` seconds: a burst first, the rest evenly spaced.

    That holds where they arrive. `jitter` is by how many seconds one may come later after its grant than another: by
    all of a slot's life, and all of the time that a connection may take.

    >>> rate = CallRate(calls=40, window=60.0, jitter=3.0)
    >>> rate.burst, rate.interval, rate.burst + (rate.window + rate.jitter) / rate.interval
    (10, 2.1, 40.0)
    """

    calls: int
    window: float = 60.0
    jitter: float = SLOT_LIFETIME + CrmSettings.connect_limit

    @property
    def burst(self) -> int:
        return max(1, self.calls // 4)

    @property
    def interval(self) -> float:
        return (self.window + self.jitter) / max(1, self.calls - self.burst)

    def wait(self, free_at: float, now: float, priority: Priority) -> float:
        """Seconds until a call may leave; zero or less means now.

        The last two of a burst are kept for calls that somebody sits and waits for, the two before for actions.

        >>> rate = CallRate(calls=40)
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.INTERACTIVE) <= 0 for sent in (0, 9, 10)]
        [True, True, False]
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.ACTION) <= 0 for sent in (0, 7, 8)]
        [True, True, False]
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.BACKGROUND) <= 0 for sent in (0, 5, 6)]
        [True, True, False]
        """
        # Instants of our day are floats good to a microsecond; their dust is no reason to wait.
        return round(free_at - now - (self.burst - 1 - self.kept_from(priority)) * self.interval, 3)

    def kept_from(self, priority: Priority) -> int:
        """How many calls of a burst are not for this priority; one is for everybody."""
        return min(2 * priority, self.burst - 1)

    def left(self, free_at: float, now: float, paused_until: float = 0.0) -> int:
        """How many calls may still leave within the next window.

        >>> rate = CallRate(calls=40)
        >>> [rate.left(100.0 + rate.interval * sent, 100.0) for sent in (0, 4, 10)], rate.left(0.0, 100.0, 170.0)
        ([40, 36, 30], 0)
        """
        ends = now + self.window + self.jitter
        saved = self.burst - max(free_at - now, 0.0) / self.interval
        blocked = max(paused_until - now, 0.0)
        # What is saved up to the end of a pause is no more than a burst.
        saved = min(saved + blocked / self.interval, self.burst)
        if blocked >= ends - now:
            return 0
        left = int(saved + (ends - now - blocked) / self.interval + 1e-9)
        # A single call a window is a burst already, and yet comes evenly too.
        return min(max(left, 0), self.calls)

    def latest_free_at(self, now: float) -> float:
        """No grant moves `free_at` beyond this."""
        return now + self.burst * self.interval


class CallLimiter:
    """Hands out the right to call the CRM, to all processes that share the database and the clock.

    Fulfils `services.crm.protocol.CallBudget`.
    """

    def __init__(
        self, rate: CallRate, *, clock: Callable[[], Awaitable[datetime]], name: str = "crm"
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._name = name
        self._lines = {priority: Line() for priority in Priority}

    async def take(self, priority: Priority) -> float:
        """Wait for a free slot and take it. What has waited long goes like an action, so that nothing starves.

        Of those with the same priority the action goes first that has the fewest steps behind it, so that few items
        need not wait for thousands; of equal ones the oldest. Only the first in a line looks at the row.
        """
        if priority is not Priority.BACKGROUND:
            return await self._take_in_turn(priority)
        try:
            return await self._take_in_turn(priority, until=_now() + BACKGROUND_PATIENCE)
        except OutOfPatience:
            return await self._take_in_turn(Priority.ACTION)

    async def _take_in_turn(self, priority: Priority, *, until: float | None = None) -> float:
        async with self._lines[priority].place(rank.get(), until=until) as come_first:
            # Other processes share the slot, so there is no event to wait for.
            while True:
                await come_first()
                # The slot lies at the instant that the try reads from the clock, and that is not before now.
                began_at = _now()
                wait = await self._try(priority)
                if wait <= 0:
                    return _now() - began_at
                if until is not None and _now() >= until:
                    raise OutOfPatience
                await asyncio.sleep(min(wait, 1.0))

    async def pause(self, seconds: float) -> None:
        """Nobody calls for so long: the CRM asked for it."""
        await self._slot()
        until = (await self._clock()).timestamp() + seconds
        await CallSlot.filter(name=self._name, paused_until__lt=until).update(paused_until=until)

    async def _try(self, priority: Priority) -> float:
        slot = await self._slot()
        now = (await self._clock()).timestamp()
        # Whoever changes the row that it has read owns the slot; anybody else reads again.
        unchanged = CallSlot.filter(name=self._name, free_at=slot.free_at, paused_until=slot.paused_until)
        if await self._mended(slot, unchanged, now):
            return AGAIN
        pause = slot.paused_until - now
        if priority is Priority.INTERACTIVE and pause > INTERACTIVE_PATIENCE:
            raise _paused(slot.paused_until, pause)
        wait = max(self._rate.wait(slot.free_at, now, priority), pause)
        if priority is Priority.ACTION:
            return await self._try_in_order(slot, unchanged, now, wait)
        return wait if wait > 0 else await self._taken(slot, unchanged, now)

    async def _try_in_order(
        self, slot: CallSlot, unchanged: QuerySet[CallSlot], now: float, wait: float
    ) -> float:
        """The same among the first ones of every process: whoever has come least far has the next slot promised."""
        steps, lane = rank.get()
        mine = f"{steps:08} {lane}"
        if slot.promised_to and slot.promised_to < mine and wait > -PROMISED_FOR:
            return max(wait, SOON)
        if wait > 0:
            if slot.promised_to != mine:
                await unchanged.filter(promised_to=slot.promised_to).update(promised_to=mine)
            return wait
        return await self._taken(slot, unchanged, now, promised_to="")

    async def _taken(
        self, slot: CallSlot, unchanged: QuerySet[CallSlot], now: float, **changes: str
    ) -> float:
        free_at = max(slot.free_at, now) + self._rate.interval
        return 0.0 if await unchanged.update(free_at=free_at, **changes) else AGAIN

    async def _mended(self, slot: CallSlot, unchanged: QuerySet[CallSlot], now: float) -> bool:
        """Whether the row spoke of a later time than it ever can, which is what a clock that was set back leaves."""
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
