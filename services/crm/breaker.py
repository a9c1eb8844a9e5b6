"""A CRM that cannot be reached is left alone for a while, by all processes, and then tried with one call.

purgatory knows when a circuit opens and closes. Its memory is a row of ours, so that every process sees the same, by
the clock that they share; and because of many that find the time up only one can change that row, only one tries.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from purgatory import AsyncAbstractUnitOfWork, AsyncCircuitBreakerFactory
from purgatory.domain.messages import Message
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED, Context
from purgatory.service._async.circuitbreaker import AsyncCircuitBreaker
from purgatory.service._async.repository import AsyncAbstractRepository
from purgatory.typing import StateName
from tortoise.expressions import F

from models import CallCircuit
from services.crm.errors import CrmNotCalled
from services.crm.protocol import Passage

Clock = Callable[[], Awaitable[datetime]]


class _Unreached(Exception):
    """A call that reached nobody, as purgatory wants to hear of it."""


class Breaker:
    """Fulfils `services.crm.protocol.Circuit` for all processes that share the database and the clock.

    It opens after so many `failures` in a row, for so many `seconds`.
    """

    def __init__(self, *, failures: int, seconds: float, clock: Clock, name: str = "crm") -> None:
        self._name = name
        self._rows = _Rows(failures, seconds, clock)
        self._circuits = AsyncCircuitBreakerFactory(failures, seconds, uow=_InRows(self._rows))

    async def check(self) -> None:
        if wait := await self._rows.wait(self._name):
            raise _left_alone(wait)

    async def enter(self) -> Passage:
        circuit = await self._circuits.get_breaker(self._name)
        if circuit.context.state == OPENED:
            raise _left_alone(await self._rows.wait(self._name))
        return _Passage(circuit)


class _Passage:
    def __init__(self, circuit: AsyncCircuitBreaker) -> None:
        self._circuit = circuit

    async def judge(self, *, reached: bool) -> None:
        with suppress(_Unreached):
            async with self._circuit:
                if not reached:
                    raise _Unreached


class _Rows(AsyncAbstractRepository):
    """Where purgatory keeps its circuits. It is told of instants by our clock, or not at all."""

    def __init__(self, failures: int, seconds: float, clock: Clock) -> None:
        self.messages: list[Message] = []
        self._failures = failures
        self._seconds = seconds
        self._clock = clock

    async def wait(self, name: str) -> float:
        """Seconds until somebody may try; zero while the circuit is closed, or once the time is up."""
        row = await CallCircuit.get_or_none(name=name)
        if row is None or row.next_try_at is None:
            return 0.0
        # Never longer than it lasts, however a clock was set.
        return min(max(row.next_try_at - await self._now(), 0.0), self._seconds)

    async def get(self, name: str) -> Context | None:
        row = await CallCircuit.get_or_none(name=name)
        if row is None:
            return None
        if row.next_try_at is None:
            return self._context(name, CLOSED, row.failure_count)
        now = await self._now()
        over = row.next_try_at <= now or row.next_try_at > now + self._seconds + 1.0
        if not over or not await self._is_first(row, now):
            return self._context(name, OPENED)
        return self._context(name, HALF_OPENED)

    async def register(self, context: Context) -> None:
        await CallCircuit.bulk_create([CallCircuit(name=context.name)], ignore_conflicts=True)

    async def update_state(self, name: str, state: str, opened_at: float | None) -> None:
        row = CallCircuit.filter(name=name)
        if state == OPENED:
            now = await self._now()
            await row.filter(opened_at__isnull=True).update(opened_at=now)
            await row.update(next_try_at=now + self._seconds)
        else:
            await row.update(failure_count=0, opened_at=None, next_try_at=None)

    async def inc_failures(self, name: str, failure_count: int) -> None:
        await CallCircuit.filter(name=name).update(failure_count=F("failure_count") + 1)

    async def reset_failure(self, name: str) -> None:
        await CallCircuit.filter(name=name).update(failure_count=0)

    async def _is_first(self, row: CallCircuit, now: float) -> bool:
        """Compare and set: the right to try, which lapses if nothing is heard of who has it."""
        unchanged = CallCircuit.filter(name=row.name, next_try_at=row.next_try_at)
        return bool(await unchanged.update(next_try_at=now + self._seconds))

    def _context(self, name: str, state: StateName, failure_count: int = 0) -> Context:
        return Context(name, self._failures, self._seconds, state, failure_count)

    async def _now(self) -> float:
        return (await self._clock()).timestamp()


class _InRows(AsyncAbstractUnitOfWork):
    """Each statement stands for itself."""

    def __init__(self, rows: _Rows) -> None:
        self.contexts = rows

    async def commit(self) -> None:
        pass

    async def rollback(self) -> None:
        pass


def _left_alone(seconds: float) -> CrmNotCalled:
    return CrmNotCalled(
        "The CRM cannot be reached; it is left alone for a while.", retry_after=max(seconds, 1.0)
    )


class AlwaysClosed:
    """For whoever calls alone and wants to hear each failure itself. Fulfils `services.crm.protocol.Circuit`."""

    async def check(self) -> None:
        pass

    async def enter(self) -> Passage:
        return self

    async def judge(self, *, reached: bool) -> None:
        pass
