"""How much is left to do in the CRM, and when it will be done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any, TypeVar

from tortoise.connection import get_connection
from tortoise.expressions import Q, Subquery
from tortoise.functions import Count, Max
from tortoise.models import Model
from tortoise.queryset import QuerySet

from models import ActionAttempt, ActionItem, CallCircuit, CallSlot
from models.database import READS
from services.actions.health import CrmHealth, read_health
from services.actions.limiter import CallRate
from services.crm.protocol import Priority
from services.planning.pace import Budget, Load, plan_ends
from services.vocabulary import ItemOutcome, ItemState

M = TypeVar("M", bound=Model)

FRESH = timedelta(seconds=1)
"""How old what is told may be: a hundred who watch cost one look."""

NEW = "new"
"""Whose calls those are that nobody has asked for yet."""

SAMPLE = 20
USUAL_LATENCY = 0.5


@dataclass(frozen=True, slots=True)
class Outlook:
    """At an instant: for each action with something left to do, its calls and when the last one will have ended."""

    at: datetime
    calls: Mapping[str, int] = field(default_factory=dict)
    ends_at: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Head:
    """The item at which a lane stands: for how long it waits, and whether its call is on its way now."""

    waits: float
    in_flight: bool


class Lookout:
    """Reads the ledger and the budget. `creates` are the kinds of items for which a lane is looked through first."""

    def __init__(
        self,
        rate: CallRate,
        *,
        creates: Collection[str],
        time_limit: float,
        clock: Callable[[], Awaitable[datetime]],
        budget: str = "crm",
    ) -> None:
        self._rate = rate
        self._creates = creates
        self._time_limit = timedelta(seconds=time_limit)
        self._clock = clock
        self._budget_name = budget
        self._lock = asyncio.Lock()
        self._last: Outlook | None = None

    async def look(self) -> Outlook:
        """What lies ahead, at most a second ago."""
        async with self._lock:
            now = await self._clock()
            if self._last is None or not now - FRESH < self._last.at <= now:
                self._last = await self._read(now)
            return self._last

    async def seconds_for(self, calls_by_lane: Sequence[int]) -> float:
        """How long it takes until so many calls in new lanes have ended, beside everything that is under way."""
        now = await self._clock()
        loads = [load async for load in self._loads(now)]
        fresh = [Load(NEW, calls) for calls in calls_by_lane if calls]
        return plan_ends([*loads, *fresh], await self._budget(now.timestamp())).get(NEW, 0.0)

    async def health(self) -> CrmHealth:
        """How we and the CRM get along at this moment."""
        return await read_health(self._rate, clock=self._clock, budget=self._budget_name)

    async def _read(self, now: datetime) -> Outlook:
        loads = [load async for load in self._loads(now)]
        calls: dict[str, int] = {}
        for load in loads:
            calls[load.owner] = calls.get(load.owner, 0) + load.calls
        ends = plan_ends(loads, await self._budget(now.timestamp()))
        return Outlook(now, calls, {owner: now + timedelta(seconds=end) for owner, end in ends.items()})

    async def _loads(self, now: datetime) -> AsyncIterator[Load]:
        heads = await self._heads(now)
        for row in await _open_lanes():
            head = heads.get(row["lane"], _Head(0.0, in_flight=False))
            calls = row["open"] - head.in_flight
            if (
                row["kind"] in self._creates
                and (row["all"] == row["open"] or head.waits)
                and not head.in_flight
            ):
                # Whoever begins along a lane, or comes back to it, looks through the CRM first.
                calls += 1
            yield Load(row["action_id"], calls, head.waits, steps_behind=row["last"] - row["open"])

    async def _heads(self, now: datetime) -> dict[str, _Head]:
        """By lane, the items that wait or are being sent; of the others nothing stands in the way."""
        rows = ActionItem.filter(
            Q(next_try_at__gt=now) | Q(state=ItemState.SENDING), open_key__not_isnull=True
        )
        items = await _read(rows).order_by("-position")
        sending = [item.id for item in items if item.state == ItemState.SENDING]
        unended = ActionAttempt.filter(item_id__in=sending, ended_at__isnull=True)
        in_flight = {one.item_id for one in await _read(unended)}
        heads = {}
        for item in items:
            # A process that died leaves an attempt without an end; no call lasts longer than its time limit.
            flies = (
                item.id in in_flight and item.sent_at is not None and item.sent_at + self._time_limit > now
            )
            waits = 0.0 if flies else max((item.next_try_at - now).total_seconds(), 0.0)
            heads[item.lane] = _Head(waits, flies)
        return heads

    async def _budget(self, now: float) -> Budget:
        slot = await _read(CallSlot.filter(name=self._budget_name)).first()
        circuit = await _read(CallCircuit.filter(name=self._budget_name)).first()
        burst = self._rate.burst - self._rate.kept_from(Priority.ACTION)
        owed = max(slot.free_at - now, 0.0) / self._rate.interval if slot else 0.0
        opens_at = max(slot.paused_until if slot else 0.0, (circuit and circuit.next_try_at) or 0.0)
        return Budget(
            ready=burst - owed,
            burst=burst,
            interval=self._rate.interval,
            opens_in=max(opens_at - now, 0.0),
            latency=await _latency(),
        )


async def _open_lanes() -> list[dict[str, Any]]:
    """The lanes with something left to do, oldest action first: their items, open and all, and the last position."""
    open_lanes = Subquery(ActionItem.filter(open_key__not_isnull=True).values("lane"))
    counted = _read(ActionItem.filter(lane__in=open_lanes)).annotate(
        open=Count("open_key"), all=Count("id"), last=Max("position")
    )
    rows = await counted.group_by("action_id", "lane", "kind").values(
        "action_id", "lane", "kind", "open", "all", "last"
    )
    return sorted((row for row in rows if row["open"]), key=lambda row: (row["action_id"], row["lane"]))


async def _latency() -> float:
    """Seconds for which a create has lately kept its lane busy."""
    sent = ActionAttempt.filter(step="SEND", result=ItemOutcome.CREATED).order_by("-id").limit(SAMPLE)
    spans = await _read(sent).values_list("started_at", "ended_at")
    return median([(end - begin).total_seconds() for begin, end in spans]) if spans else USUAL_LATENCY


def _read(rows: QuerySet[M]) -> QuerySet[M]:
    return rows.using_db(get_connection(READS))
