"""A circuit breaker: no process calls an unreachable CRM for a while, then one call probes it.

Its state is a row, so that every process sees the same circuit. The row is changed by compare-and-set, so only one
process sends the probe call.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from tortoise.connection import get_connection
from tortoise.expressions import F, Q

from models import CallCircuit
from models.database import READS
from models.due import is_due
from services.crm.errors import CrmNotCalled
from services.crm.protocol import Passage

CLOCK_TOLERANCE = 1.0


class Breaker:
    """Implements `services.crm.protocol.Circuit` and `Passage` for all processes that share the database.

    It opens after so many `failures` in a row, for so many `seconds`.
    """

    def __init__(
        self, *, failures: int, seconds: float, clock: Callable[[], datetime], name: str = "crm"
    ) -> None:
        self._failures = failures
        self._seconds = seconds
        self._clock = clock
        self._name = name

    async def check(self) -> None:
        if wait := await self._wait():
            raise _circuit_open(wait)

    async def enter(self) -> Passage:
        row = await CallCircuit.get_or_none(name=self._name)
        if row is not None and row.next_try_at is not None and not await self._take_probe(row.next_try_at):
            raise _circuit_open(await self._wait())
        return self

    async def judge(self, *, reached: bool, succeeded: bool = False) -> None:
        await (self._note_answer(succeeded) if reached else self._note_failure())

    async def succeeded_at(self) -> datetime | None:
        row = await self._read()
        return datetime.fromtimestamp(row.succeeded_at, UTC) if row and row.succeeded_at else None

    async def _take_probe(self, next_try_at: float) -> bool:
        """Take the right to probe, if it is time. It lapses if its owner does not report back."""
        now = self._now()
        if not is_due(next_try_at, now, farthest=self._seconds + CLOCK_TOLERANCE):
            return False
        unchanged = CallCircuit.filter(name=self._name, next_try_at=next_try_at)
        return bool(await unchanged.update(next_try_at=now + self._seconds))

    async def _note_answer(self, succeeded: bool) -> None:
        """Close the circuit, whichever process got the answer."""
        circuit = CallCircuit.filter(name=self._name)
        closed = {"failure_count": 0, "opened_at": None, "next_try_at": None}
        if not succeeded:
            await circuit.filter(Q(failure_count__gt=0) | Q(next_try_at__isnull=False)).update(**closed)
        elif not await circuit.update(**closed, succeeded_at=self._now()):
            await self._begin(succeeded_at=self._now())

    async def _note_failure(self) -> None:
        await self._begin()
        circuit, now = CallCircuit.filter(name=self._name), self._now()
        await circuit.update(failure_count=F("failure_count") + 1)
        failing = circuit.filter(failure_count__gte=self._failures)
        await failing.filter(opened_at__isnull=True).update(opened_at=now)
        await failing.update(next_try_at=now + self._seconds)

    async def _begin(self, **columns: float) -> None:
        await CallCircuit.bulk_create([CallCircuit(name=self._name, **columns)], ignore_conflicts=True)

    async def _wait(self) -> float:
        """Return the seconds until a call may be tried; zero while the circuit is closed or once the time is up."""
        row = await self._read()
        if row is None or row.next_try_at is None:
            return 0.0
        # Never longer than the circuit stays open, even if a clock was set.
        return min(max(row.next_try_at - self._now(), 0.0), self._seconds)

    async def _read(self) -> CallCircuit | None:
        """Read the row, even while a writer of SQLite blocks all other writers."""
        return await CallCircuit.filter(name=self._name).using_db(get_connection(READS)).first()

    def _now(self) -> float:
        return self._clock().timestamp()


def _circuit_open(seconds: float) -> CrmNotCalled:
    return CrmNotCalled(
        "The CRM cannot be reached; no calls are sent for a while.", retry_after=max(seconds, 1.0)
    )


class AlwaysClosed:
    """For a caller that calls alone and wants to see each failure. Implements `services.crm.protocol.Circuit`."""

    async def check(self) -> None:
        pass

    async def enter(self) -> Passage:
        return self

    async def judge(self, *, reached: bool, succeeded: bool = False) -> None:
        pass

    async def succeeded_at(self) -> datetime | None:
        return None
