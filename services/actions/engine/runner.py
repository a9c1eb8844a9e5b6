"""Carries out the ledger's items: each CRM effect exactly once, whatever fails and whenever.

A create goes through four gates. A complete look-up adopts a record that exists already. A claim, made by
compare-and-set under the action's lock, lets only this executor send. A request with an unknown outcome is never
repeated blindly: the item stays claimed until the CRM must have finished with it, and then the look-up decides. A
record counts as absent only when two complete reads agree, further apart than the CRM's search can lag.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from math import inf
from typing import cast

import structlog
from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.functions import Min

from models import ActionItem
from models.database import READS
from models.due import due, is_due, not_due
from services.actions.budget.limiter import rank
from services.actions.budget.lookup_costs import Costs
from services.actions.engine.claims import ClaimLost, Claims, crm_words, why
from services.actions.engine.creates import Creates, LaneRun
from services.actions.engine.repeats import Repeats
from services.actions.engine.timing import PAUSE_WHEN_WELL, Timing, always
from services.actions.handlers import Kind, RepeatKind
from services.crm.breaker import AlwaysClosed
from services.crm.errors import CrmNotCalled, CrmRefused, CrmUnavailable
from services.crm.protocol import Circuit
from services.errors import Refusal
from services.events import EventLog
from services.vocabulary import ItemOutcome, ItemState

log = structlog.get_logger(__name__)

SOON = 1.0
"""Seconds until a lane is tried again whose call slot had expired."""


class Engine:
    def __init__(
        self,
        *,
        kinds: Mapping[str, Kind],
        events: EventLog,
        timing: Timing,
        costs: Costs,
        circuit: Circuit | None = None,
        steady_since: Callable[[], datetime] = always,
    ) -> None:
        self._kinds = kinds
        self._clock = events.clock
        self._timing = timing
        self._costs = costs
        self._circuit = circuit or AlwaysClosed()
        self._claims = Claims(events=events, timing=timing)
        self._creates = Creates(self._claims, timing, steady_since)
        self._repeats = Repeats(self._claims)

    async def due_lanes(self, *, within: float = 0.0) -> list[str]:
        """Return the lanes whose first item can go on, now or within so many seconds.

        Works while all writers wait for a lock. Returns no lanes while the circuit is open.
        """
        try:
            await self._circuit.check()
        except CrmNotCalled:
            return []
        soon, farthest = self._clock() + timedelta(seconds=within), self._timing.farthest
        ready = await _first_in_lane(due("next_try_at", soon, farthest=farthest))
        waiting = await _first_in_lane(not_due("next_try_at", soon, farthest=farthest))
        return [lane for lane, position in ready.items() if position < waiting.get(lane, inf)]

    async def bring_forward(self) -> None:
        """Shorten the pauses that began before the CRM's last successful answer to any process."""
        succeeded_at = await self._circuit.succeeded_at()
        if succeeded_at is None:
            return
        soon = self._clock() + timedelta(seconds=PAUSE_WHEN_WELL)
        pausing = ActionItem.filter(
            open_key__not_isnull=True, postponed_at__lt=succeeded_at, next_try_at__gt=soon
        )
        for item_id in await pausing.using_db(get_connection(READS)).values_list("id", flat=True):
            with suppress(ClaimLost):
                await self._claims.bring_forward(await ActionItem.get(id=item_id))

    async def run_lane(self, lane: str, *, stopping: Callable[[], bool] = lambda: False) -> float | None:
        """Run a lane as far as it goes, or until `stopping`.

        Return the seconds after which to come back, or None when nothing is left.
        """
        async with self._costs.along(lane) as costs:
            run = LaneRun(costs)
            while items := await ActionItem.filter(lane=lane, open_key__not_isnull=True).order_by("position"):
                now, next_try_at = self._clock(), items[0].next_try_at
                if not is_due(next_try_at, now, farthest=self._timing.farthest):
                    return (next_try_at - now).total_seconds()
                rank.set((items[0].position - 1, lane))
                try:
                    await self._advance(run, items)
                except CrmNotCalled as error:
                    # Nothing was tried, so nothing is written: thousands of lanes may wait for the CRM for days.
                    return error.retry_after or SOON
                if stopping():
                    return 0.0
        return None

    async def _advance(self, run: LaneRun, items: Sequence[ActionItem]) -> None:
        """Do one step of the lane's first item. Do nothing if another executor has it or it was cancelled meanwhile."""
        with suppress(ClaimLost):
            await self._step(run, items)

    async def _step(self, run: LaneRun, items: Sequence[ActionItem]) -> None:
        head = items[0]
        if head.next_try_at > self._clock():
            await self._claims.repair_clock_skew(head)
            return
        try:
            kind = self._kinds[head.kind]
            if isinstance(kind, RepeatKind):
                await self._repeats.advance(kind, head, run.costs)
            else:
                await self._creates.advance(kind, run, items)
        except (ClaimLost, CrmNotCalled):
            raise
        except CrmUnavailable as error:
            await self._claims.postpone(head, error)
        except (CrmRefused, Refusal) as error:
            # A refused look-up says nothing about the outcome of an earlier request.
            unclear = head.state == ItemState.SENDING
            outcome = ItemOutcome.NEEDS_ATTENTION if unclear else ItemOutcome.FAILED
            await self._claims.finish(head, outcome, why(error), crm_words(error))
        except Exception as error:
            # A bug must not stop the lane for good. The next look-up shows what it left behind.
            log.exception("item_failed", item=head.id, kind=head.kind)
            await self._claims.postpone(head, error)


async def _first_in_lane(some: Q) -> dict[str, int]:
    """Return the position of the first of these unfinished items, by lane."""
    unfinished = ActionItem.filter(some, open_key__not_isnull=True).using_db(get_connection(READS))
    firsts = unfinished.annotate(first=Min("position")).group_by("lane").values_list("lane", "first")
    return dict(cast(list[tuple[str, int]], await firsts))
