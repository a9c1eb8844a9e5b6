"""One budget of CRM calls for every process: a generic cell rate algorithm whose state is one row."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from models import CallSlot
from services.crm.protocol import Priority


@dataclass(frozen=True, slots=True)
class CallRate:
    """At most `calls` in any window of `window` seconds: a burst first, the rest evenly spaced.

    `jitter` is by how many seconds the ways of two calls to the CRM may differ; without it, calls that leave in time
    could arrive too close together.

    >>> rate = CallRate(calls=40, window=60.0, jitter=1.5)
    >>> rate.burst, rate.interval, rate.burst + (rate.window + rate.jitter) / rate.interval
    (10, 2.05, 40.0)
    """

    calls: int
    window: float = 60.0
    jitter: float = 1.5

    @property
    def burst(self) -> int:
        return max(1, self.calls // 4)

    @property
    def interval(self) -> float:
        return (self.window + self.jitter) / max(1, self.calls - self.burst)

    def wait(self, free_at: float, now: float, priority: Priority) -> float:
        """Seconds until a call may leave; zero or less means now.

        The last two of a burst are kept for calls that somebody sits and waits for.

        >>> rate = CallRate(calls=40)
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.INTERACTIVE) <= 0 for sent in (0, 9, 10)]
        [True, True, False]
        >>> [rate.wait(100.0 + rate.interval * sent, 100.0, Priority.BACKGROUND) <= 0 for sent in (0, 7, 8)]
        [True, True, False]
        """
        kept = 2 if priority is not Priority.INTERACTIVE and self.burst > 2 else 0
        # Instants of our day are floats good to a microsecond; their dust is no reason to wait.
        return round(free_at - now - (self.burst - 1 - kept) * self.interval, 3)


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

    async def take(self, priority: Priority) -> None:
        """Wait for a free slot and take it."""
        # Other processes share the slot, so there is no event to wait for.
        while (wait := await self._try(priority)) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(wait, 1.0))

    async def pause(self, seconds: float) -> None:
        """Nobody calls for so long: the CRM asked for it."""
        await self._slot()
        until = (await self._clock()).timestamp() + seconds
        await CallSlot.filter(name=self._name, paused_until__lt=until).update(paused_until=until)

    async def _try(self, priority: Priority) -> float:
        slot = await self._slot()
        now = (await self._clock()).timestamp()
        wait = max(self._rate.wait(slot.free_at, now, priority), slot.paused_until - now)
        if wait > 0:
            return wait
        # Whoever changes the row that it has read owns the slot; anybody else reads again.
        unchanged = CallSlot.filter(name=self._name, free_at=slot.free_at, paused_until=slot.paused_until)
        taken = await unchanged.update(free_at=max(slot.free_at, now) + self._rate.interval)
        return 0.0 if taken else 0.001

    async def _slot(self) -> CallSlot:
        slot = await CallSlot.get_or_none(name=self._name)
        if slot is None:
            fresh = CallSlot(name=self._name, free_at=0.0, paused_until=0.0)
            await CallSlot.bulk_create([fresh], ignore_conflicts=True)
            return fresh
        return slot
