"""How much is left to do in the CRM, and when it will be done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any, cast

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.expressions import Q, Subquery
from tortoise.functions import Count, Max

from models import ActionAttempt, ActionItem, CallCircuit, CallSlot
from models.database import FORECAST
from models.due import not_due
from models.transaction import snapshot
from services.actions.budget.limiter import CallRate
from services.actions.budget.lookup_costs import READING_BACK, Costs, known_costs
from services.actions.engine.timing import Timing
from services.actions.forecast.health import CrmHealth, read_health
from services.actions.forecast.simulation import Budget, Load, plan_ends
from services.crm.protocol import Priority
from services.planning.actions.preview import CALLS_OF_A_CREATE
from services.vocabulary import AttemptResult, AttemptStep, ItemState

FRESH = timedelta(seconds=1)
"""How old a forecast may be: a hundred viewers share one read."""

NEW = "new"
"""The owner of calls that have not been asked for yet."""

SAMPLE = 20
USUAL_LATENCY = 0.5


@dataclass(frozen=True, slots=True)
class Forecast:
    """At one instant: for each unfinished action, its remaining calls and the time at which the last one ends."""

    at: datetime
    calls: Mapping[str, int] = field(default_factory=dict)
    ends_at: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Head:
    """The first unfinished item of a lane: how long it waits, and whether its call is in progress."""

    waits: float
    in_flight: bool


class Forecaster:
    """Forecasts from the ledger and the budget. `creates` are the kinds of items whose lane starts with a look-up."""

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
        self._last: Forecast | None = None

    async def look(self) -> Forecast:
        """Return a forecast that is at most a second old."""
        async with self._lock:
            now = await self._clock()
            if self._last is None or not now - FRESH < self._last.at <= now:
                self._last = await self._read(now)
            return self._last

    async def seconds_for(self, calls: int, *, look_ups: int, lanes: int) -> float:
        """Return the seconds until so many calls have ended, in addition to everything in progress.

        The calls are spread over new lanes. So many of them are look-ups, with which a lane starts.
        """
        fresh = [
            Load(NEW, calls // lanes, look_up=look_ups // lanes, calls_per_step=CALLS_OF_A_CREATE)
            for _ in range(lanes)
            if calls
        ]
        loads, budget = await self._ahead(await self._clock())
        return plan_ends([*loads, *fresh], budget).get(NEW, 0.0)

    async def look_up_calls(self, kind: str) -> int:
        """Return how many calls a look-up for an item of this kind is likely to take."""
        return await self._costs.usual(kind)

    async def health(self) -> CrmHealth:
        """Return the state of our connection to the CRM at this moment."""
        async with _one_state() as reads:
            return await read_health(reads, self._rate, clock=self._clock, budget=self._budget_name)

    async def _read(self, now: datetime) -> Forecast:
        loads, budget = await self._ahead(now)
        calls: dict[str, int] = {}
        for load in loads:
            calls[load.owner] = calls.get(load.owner, 0) + load.calls
        ends = plan_ends(loads, budget)
        return Forecast(now, calls, {owner: now + timedelta(seconds=end) for owner, end in ends.items()})

    async def _ahead(self, now: datetime) -> tuple[list[Load], Budget]:
        """Read what is left to do and what it may take, as of one state: otherwise a look-up could count twice."""
        async with _one_state() as reads:
            budget = await self._budget(now.timestamp(), reads)
            return await self._loads(now, budget.latency, reads), budget

    async def _loads(self, now: datetime, latency: float, reads: BaseDBAsyncClient) -> list[Load]:
        heads = await self._heads(now, timedelta(seconds=latency), reads)
        known = await known_costs(reads)
        loads = []
        for row in await _open_lanes(reads):
            head = heads.get(row["lane"], _Head(0.0, in_flight=False))
            usual = self._costs.usual_among(known, row["kind"])
            # The remaining calls of a running look-up belong to the first items of the lane.
            ahead = known.pop(row["lane"], None)
            next_one = usual if ahead in (None, READING_BACK) else ahead
            waits, calls_per_step = head.waits, max(usual, 1)
            if row["kind"] not in self._creates:
                calls, before = _calls_of_repeats(row, head, next_one, usual)
            elif head.in_flight and ahead == READING_BACK:
                # The created record is being read back. When that began is not stored.
                waits, calls_per_step = latency / 2, CALLS_OF_A_CREATE
                calls, before = (row["open"] - 1) * CALLS_OF_A_CREATE, -CALLS_OF_A_CREATE
            else:
                calls, before = _calls_of_creates(row, head, next_one)
                calls_per_step = CALLS_OF_A_CREATE
            behind = row["last"] - row["open"]
            loads.append(Load(row["action_id"], calls, waits, behind, before, calls_per_step))
        return loads

    async def _heads(self, now: datetime, latency: timedelta, reads: BaseDBAsyncClient) -> dict[str, _Head]:
        """Return, by lane, the items that wait or are being sent. All other lanes can go on at once."""
        waiting = not_due("next_try_at", now, farthest=self._timing.farthest)
        rows = ActionItem.filter(waiting | Q(state=ItemState.SENDING), open_key__not_isnull=True)
        items = await rows.using_db(reads).order_by("-position")
        sending = [item.id for item in items if item.state == ItemState.SENDING]
        unended = ActionAttempt.filter(item_id__in=sending, ended_at__isnull=True)
        sent_at = {one.item_id: one.started_at for one in await unended.using_db(reads)}
        time_limit = timedelta(seconds=self._timing.time_limit)
        heads = {}
        for item in items:
            # A process that died leaves an attempt without an end; no call lasts longer than its time limit.
            in_flight = item.id in sent_at and item.sent_at is not None and item.sent_at + time_limit > now
            ready_at = sent_at[item.id] + latency if in_flight else item.next_try_at
            heads[item.lane] = _Head(max((ready_at - now).total_seconds(), 0.0), in_flight)
        return heads

    async def _budget(self, now: float, reads: BaseDBAsyncClient) -> Budget:
        slot = await CallSlot.filter(name=self._budget_name).using_db(reads).first()
        circuit = await CallCircuit.filter(name=self._budget_name).using_db(reads).first()
        burst = self._rate.burst - self._rate.kept_from(Priority.ACTION)
        owed = max(slot.free_at - now, 0.0) / self._rate.interval if slot else 0.0
        opens_at = max(slot.paused_until if slot else 0.0, (circuit and circuit.next_try_at) or 0.0)
        return Budget(
            ready=burst - owed,
            burst=burst,
            interval=self._rate.interval,
            opens_in=max(opens_at - now, 0.0),
            latency=await _latency(reads),
        )


@asynccontextmanager
async def _one_state() -> AsyncIterator[BaseDBAsyncClient]:
    async with snapshot(FORECAST) as reads:
        yield cast(BaseDBAsyncClient, reads)


async def _open_lanes(reads: BaseDBAsyncClient) -> list[dict[str, Any]]:
    """Return the lanes with unfinished items, oldest action first, with counts of open and all items and the last
    position.

    Each kind of items has a row of its own. In a lane, the kind that comes next is first.
    """
    open_lanes = Subquery(ActionItem.filter(open_key__not_isnull=True).values("lane"))
    counted = (
        ActionItem.filter(lane__in=open_lanes)
        .using_db(reads)
        .annotate(open=Count("open_key"), all=Count("id"), last=Max("position"))
    )
    rows = await counted.group_by("action_id", "lane", "kind").values(
        "action_id", "lane", "kind", "open", "all", "last"
    )
    return sorted(
        (row for row in rows if row["open"]),
        key=lambda row: (row["action_id"], row["lane"], row["last"] - row["open"]),
    )


def _calls_of_creates(row: Mapping[str, Any], head: _Head, look_up: int) -> tuple[int, int]:
    """Return all calls for the creates of a lane, and how many of them come before those of the first item.

    The number before is negative if a call of the first item is in progress already.
    """
    # A lane that starts or resumes begins with a look-up.
    begins = (row["all"] == row["open"] or head.waits) and not head.in_flight
    before = look_up if begins else -head.in_flight
    return before + row["open"] * CALLS_OF_A_CREATE, before


def _calls_of_repeats(row: Mapping[str, Any], head: _Head, look_up: int, usual: int) -> tuple[int, int]:
    """The same for repeatable items, each of which takes a look-up of its own."""
    first = 0 if head.in_flight else look_up
    return first + (row["open"] - 1) * usual, first - usual


async def _latency(reads: BaseDBAsyncClient) -> float:
    """Return for how many seconds recent creates kept their lane busy."""
    sent = (
        ActionAttempt.filter(step=AttemptStep.SEND, result=AttemptResult.CREATED)
        .order_by("-id")
        .limit(SAMPLE)
    )
    spans = await sent.using_db(reads).values_list("started_at", "ended_at")
    return median([(end - begin).total_seconds() for begin, end in spans]) if spans else USUAL_LATENCY
