"""How much is left to do in the CRM, and when it will be done."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
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
from services.actions.costs import Costs, known_costs
from services.actions.health import CrmHealth, read_health
from services.actions.limiter import CallRate
from services.actions.timing import Timing
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
    """The item at which a lane stands: for how long the lane waits, and whether the item's call is on its way now."""

    waits: float
    in_flight: bool


class Lookout:
    """Reads the ledger and the budget. `creates` are the kinds of items for which a lane is looked through first."""

    def __init__(
        self,
        rate: CallRate,
        *,
        creates: Collection[str],
        costs: Costs,
        timing: Timing,
        clock: Callable[[], Awaitable[datetime]],
        budget: str = "crm",
    ) -> None:
        self._rate = rate
        self._creates = creates
        self._costs = costs
        self._timing = timing
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

    async def seconds_for(self, calls: int, *, look_ups: int, lanes: int) -> float:
        """How long it takes until so many calls have ended, beside everything that is under way.

        They are spread over new lanes; so many of them are for look-ups, with which a lane begins.
        """
        now = await self._clock()
        fresh = [Load(NEW, calls // lanes, look_up=look_ups // lanes) for _ in range(lanes) if calls]
        budget = await self._budget(now.timestamp())
        return plan_ends([*await self._loads(now, budget.latency), *fresh], budget).get(NEW, 0.0)

    async def look_up_calls(self, kind: str) -> int:
        """How many calls it is likely to take to look something up for an item of this kind."""
        return await self._costs.usual(kind)

    async def health(self) -> CrmHealth:
        """How we and the CRM get along at this moment."""
        return await read_health(self._rate, clock=self._clock, budget=self._budget_name)

    async def _read(self, now: datetime) -> Outlook:
        budget = await self._budget(now.timestamp())
        loads = await self._loads(now, budget.latency)
        calls: dict[str, int] = {}
        for load in loads:
            calls[load.owner] = calls.get(load.owner, 0) + load.calls
        ends = plan_ends(loads, budget)
        return Outlook(now, calls, {owner: now + timedelta(seconds=end) for owner, end in ends.items()})

    async def _loads(self, now: datetime, latency: float) -> list[Load]:
        heads = await self._heads(now, timedelta(seconds=latency))
        known = await known_costs()
        loads = []
        for row in await _open_lanes():
            head = heads.get(row["lane"], _Head(0.0, in_flight=False))
            usual = self._costs.usual_among(known, row["kind"])
            # A look-up that is under way is one for the items that come first in the lane.
            next_one = known.pop(row["lane"], usual)
            if row["kind"] in self._creates:
                calls, look_up = _calls_of_creates(row, head, next_one)
            else:
                calls, look_up = _calls_of_repeats(row, head, next_one, usual)
            # A call that is on its way is a step already.
            behind = row["last"] - row["open"] + head.in_flight
            loads.append(Load(row["action_id"], calls, head.waits, steps_behind=behind, look_up=look_up))
        return loads

    async def _heads(self, now: datetime, latency: timedelta) -> dict[str, _Head]:
        """By lane, the items that wait or are being sent; of the others nothing stands in the way."""
        waiting = Q(next_try_at__gt=now, next_try_at__lte=now + self._timing.farthest)
        rows = ActionItem.filter(waiting | Q(state=ItemState.SENDING), open_key__not_isnull=True)
        items = await _read(rows).order_by("-position")
        sending = [item.id for item in items if item.state == ItemState.SENDING]
        unended = ActionAttempt.filter(item_id__in=sending, ended_at__isnull=True)
        left_at = {one.item_id: one.started_at for one in await _read(unended)}
        time_limit = timedelta(seconds=self._timing.time_limit)
        heads = {}
        for item in items:
            # A process that died leaves an attempt without an end; no call lasts longer than its time limit.
            flies = item.id in left_at and item.sent_at is not None and item.sent_at + time_limit > now
            ready_at = left_at[item.id] + latency if flies else item.next_try_at
            heads[item.lane] = _Head(max((ready_at - now).total_seconds(), 0.0), flies)
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
    """The lanes with something left to do, oldest action first: their items, open and all, and the last position.

    Each kind of items has a row of its own; what is next in a lane comes first.
    """
    open_lanes = Subquery(ActionItem.filter(open_key__not_isnull=True).values("lane"))
    counted = _read(ActionItem.filter(lane__in=open_lanes)).annotate(
        open=Count("open_key"), all=Count("id"), last=Max("position")
    )
    rows = await counted.group_by("action_id", "lane", "kind").values(
        "action_id", "lane", "kind", "open", "all", "last"
    )
    return sorted(
        (row for row in rows if row["open"]),
        key=lambda row: (row["action_id"], row["lane"], row["last"] - row["open"]),
    )


def _calls_of_creates(row: Mapping[str, Any], head: _Head, look_up: int) -> tuple[int, int]:
    """All calls for what is to be made in a lane, and those of them that come before the first item's own."""
    # Whoever begins along a lane, or comes back to it, looks through the CRM first.
    begins = (row["all"] == row["open"] or head.waits) and not head.in_flight
    before = look_up if begins else 0
    return before + row["open"] - head.in_flight, before


def _calls_of_repeats(row: Mapping[str, Any], head: _Head, look_up: int, usual: int) -> tuple[int, int]:
    """The same for what is talked about, of which each item takes a look-up of its own."""
    first = 0 if head.in_flight else look_up
    return first + (row["open"] - 1) * usual, max(first - 1, 0)


async def _latency() -> float:
    """Seconds for which a create has lately kept its lane busy."""
    sent = ActionAttempt.filter(step="SEND", result=ItemOutcome.CREATED).order_by("-id").limit(SAMPLE)
    spans = await _read(sent).values_list("started_at", "ended_at")
    return median([(end - begin).total_seconds() for begin, end in spans]) if spans else USUAL_LATENCY


def _read(rows: QuerySet[M]) -> QuerySet[M]:
    return rows.using_db(get_connection(READS))
