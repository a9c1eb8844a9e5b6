"""Time that waits for the machine: a minute of it is over in two seconds, and nothing is ever late."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Any

import pytest

from server.clock import utc_now
from services.actions import CallLimiter, CallRate
from services.actions.budget.limiter import AGAIN
from services.crm.crm_in_cloud.transport import exchange
from services.crm.protocol import Priority


class PatientTime:
    """A hub's clock. It stands still until a test moves it on to the next instant for which anybody waits."""

    def __init__(self) -> None:
        self.now = utc_now()
        self.limiters: list[PatientLimiter] = []
        self._awaited: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._numbers = count()

    def __call__(self) -> datetime:
        return self.now

    async def shared(self) -> datetime:
        return self.now

    async def passes(self, seconds: float) -> None:
        """Wait until it has passed."""
        passed = asyncio.get_running_loop().create_future()
        heappush(self._awaited, (self.now + timedelta(seconds=seconds), next(self._numbers), passed))
        await passed

    def is_awaited_by_all(self, lanes: int) -> bool:
        """Whether each of so many lanes waits for a call or for its answer, and none is still busy."""
        asking = sum(one.asking for one in self.limiters)
        away = len(self._awaited) - sum(one.looking for one in self.limiters)
        # Of those who ask one process for a call not all wait for time to pass: the others wait for somebody who does.
        return asking + away >= lanes and all(one.looking or not one.asking for one in self.limiters)

    def move_on(self) -> None:
        self.now, _, passed = heappop(self._awaited)
        passed.set_result(None)


class PatientLimiter(CallLimiter):
    """The real one, in such a time."""

    def __init__(self, rate: CallRate, time: PatientTime) -> None:
        super().__init__(rate, clock=time.shared)
        self.asking = 0
        self.looking = 0
        self._time = time
        time.limiters.append(self)

    async def take(self, priority: Priority) -> float:
        self.asking += 1
        try:
            return await super().take(priority)
        finally:
            self.asking -= 1

    async def _try(self, priority: Priority) -> float:
        wait = await super()._try(priority)
        if wait > 0:
            self.looking += 1
            await self._time.passes(wait)
            self.looking -= 1
        return min(wait, AGAIN)


def let_time_wait(monkeypatch: pytest.MonkeyPatch) -> PatientTime:
    """The time of a hub that is opened later, with this as its clock. However slow the machine, no turn passes by."""
    time = PatientTime()
    for part in ("crm_access", "effects"):
        monkeypatch.setattr(f"server.wiring.{part}.shared_clock", lambda clock: clock.shared)
    monkeypatch.setattr(
        "server.wiring.crm_access.CallLimiter", lambda rate, clock: PatientLimiter(rate, time)
    )
    monkeypatch.setattr("services.crm.crm_in_cloud.gateway.SLOT_LIFETIME", 60.0)
    return time


def answering_after(seconds: float, time: PatientTime) -> Callable[..., Awaitable[Any]]:
    """An exchange with a CRM that is so slow."""

    async def exchange_slowly(*call: Any, **how: Any) -> Any:
        await time.passes(seconds)
        return await exchange(*call, **how)

    return exchange_slowly
