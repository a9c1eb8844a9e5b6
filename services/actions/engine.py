"""Carries out the ledger's items: each CRM effect exactly once, whatever fails and whenever.

A create goes through four gates. A complete look-up adopts what is already there. A claim, compared and set under
the action's lock, makes this executor the only one that sends. An answer that leaves the outcome open is never
repeated blindly: the item stays claimed until the CRM must have finished with it, and then the look-up decides.
Absent counts only when two complete reads, further apart than the CRM's search can lag, agree.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from math import inf
from typing import cast

import structlog
from tortoise.connection import get_connection
from tortoise.expressions import Q
from tortoise.functions import Min
from tortoise.queryset import QuerySet

from models import ActionItem
from models.database import READS
from services.actions.claims import ClaimLost, Claims, words_of
from services.actions.costs import Costs
from services.actions.creates import Creates, LaneRun
from services.actions.kinds import Kind, RepeatKind
from services.actions.limiter import rank
from services.actions.repeats import Repeats
from services.actions.timing import Timing
from services.crm.errors import CrmRefused, CrmUnavailable
from services.errors import Refusal
from services.events import EventLog
from services.vocabulary import ItemOutcome, ItemState

log = structlog.get_logger(__name__)


class Engine:
    def __init__(
        self,
        *,
        kinds: Mapping[str, Kind],
        events: EventLog,
        timing: Timing,
        costs: Costs,
    ) -> None:
        self._kinds = kinds
        self._clock = events.clock
        self._timing = timing
        self._costs = costs
        self._claims = Claims(events=events, timing=timing)
        self._creates = Creates(self._claims, timing)
        self._repeats = Repeats(self._claims)

    async def due_lanes(self) -> list[str]:
        """The lanes whose first item can be gone on with now; to be had even while all who write wait for a lock."""
        now = self._clock()
        farthest = now + self._timing.farthest
        due = await _first_in_lane(ActionItem.filter(Q(next_try_at__lte=now) | Q(next_try_at__gt=farthest)))
        waiting = await _first_in_lane(ActionItem.filter(next_try_at__gt=now, next_try_at__lte=farthest))
        return [lane for lane, position in due.items() if position < waiting.get(lane, inf)]

    async def run_lane(self, lane: str, *, stopping: Callable[[], bool] = lambda: False) -> float | None:
        """Go along a lane as far as it leads, or until `stopping`.

        Seconds after which to come back; None when nothing is left.
        """
        async with self._costs.along(lane) as costs:
            run = LaneRun(costs)
            while items := await ActionItem.filter(lane=lane, open_key__not_isnull=True).order_by("position"):
                wait = items[0].next_try_at - self._clock()
                if timedelta(0) < wait <= self._timing.farthest:
                    return wait.total_seconds()
                rank.set((items[0].position - 1, lane))
                await self._advance(run, items)
                if stopping():
                    return 0.0
        return None

    async def _advance(self, run: LaneRun, items: Sequence[ActionItem]) -> None:
        """One step of the lane's first item; none where somebody else is at it, or called it off meanwhile."""
        with suppress(ClaimLost):
            await self._step(run, items)

    async def _step(self, run: LaneRun, items: Sequence[ActionItem]) -> None:
        head = items[0]
        if head.next_try_at > self._clock():
            await self._claims.set_right(head)
            return
        try:
            kind = self._kinds[head.kind]
            if isinstance(kind, RepeatKind):
                await self._repeats.advance(kind, head, run.costs)
            else:
                await self._creates.advance(kind, run, items)
        except ClaimLost:
            raise
        except CrmUnavailable as error:
            await self._claims.postpone(head, error)
        except (CrmRefused, Refusal) as error:
            # A refused look-up says nothing about what an earlier request may have done.
            unclear = head.state == ItemState.SENDING
            await self._claims.finish(
                head, ItemOutcome.NEEDS_ATTENTION if unclear else ItemOutcome.FAILED, words_of(error)
            )
        except Exception as error:
            # A bug must not stop the lane for good; whatever it left behind, the next look-up will tell.
            log.exception("item_failed", item=head.id, kind=head.kind)
            await self._claims.postpone(head, error)


async def _first_in_lane(items: QuerySet[ActionItem]) -> dict[str, int]:
    """The position of the first of the items that are not finished, by lane."""
    unfinished = items.filter(open_key__not_isnull=True).using_db(get_connection(READS))
    firsts = unfinished.annotate(first=Min("position")).group_by("lane").values_list("lane", "first")
    return dict(cast(list[tuple[str, int]], await firsts))
