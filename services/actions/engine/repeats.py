"""Items whose CRM calls may be repeated without harm, by one executor at a time.

Two executors can still overlap, when one froze and its claim lapsed. The one that finds its claim lost after its call
has the newest content sent once more, because it is unknown which call the CRM applied last.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from models import ActionItem
from services.actions.budget.lookup_costs import LaneCosts
from services.actions.engine.attempts import call_at, end, failing_with, keep
from services.actions.engine.claims import ACTOR, ClaimLost, Claims, crm_words, why
from services.actions.handlers import RepeatKind
from services.actions.ledger import finish_item
from services.crm.errors import CrmError, CrmNotCalled, CrmOutcomeUnknown, CrmRefused, NotOurRecord
from services.events import EventType
from services.vocabulary import ItemOutcome, ItemState


class Repeats:
    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._clock = claims.clock

    async def advance(self, kind: RepeatKind, item: ActionItem, costs: LaneCosts) -> None:
        attempt = call_at(item, self._clock())

        async def claim() -> None:
            await self._claims.claim(item)
            if attempt.number is None:
                await keep(attempt)

        try:
            async with failing_with(attempt, self._clock):
                async with costs.counted(item.kind):
                    response = await kind.call(item, claim=claim)
                outcome = await self._apply(kind, item, response)
        except CrmError as error:
            await self._after_failure(kind, item, error)
        else:
            await end(attempt, outcome, self._clock())

    async def _apply(self, kind: RepeatKind, item: ActionItem, response: object) -> ItemOutcome:
        async with (
            self._resending_after_race(kind, item),
            self._claims.locked(item, *await kind.streams(item)) as change,
        ):
            result = await kind.apply(change, item, response)
            if result.more:
                await change.update(
                    item,
                    kind=EventType.ITEM_CONTINUED,
                    state=ItemState.PENDING,
                    claim_id=None,
                    unanswered_count=0,
                    postponed_at=None,
                    next_try_at=result.not_before or change.at,
                )
            else:
                await finish_item(change, item, result.outcome, why=result.why, crm_id=result.crm_id)
        return result.outcome

    async def _after_failure(self, kind: RepeatKind, item: ActionItem, error: CrmError) -> None:
        if isinstance(error, CrmRefused):
            await self._claims.finish(item, ItemOutcome.FAILED, why(error), crm_words(error))
        elif isinstance(error, NotOurRecord):
            await self._claims.finish(item, ItemOutcome.NEEDS_ATTENTION, why(error), crm_words(error))
        elif isinstance(error, CrmOutcomeUnknown):
            # The request may still arrive, so the claim stays until it has lapsed.
            async with self._resending_after_race(kind, item):
                await self._claims.postpone(item, error)
        elif isinstance(error, CrmNotCalled) and item.state != ItemState.SENDING:
            raise error
        else:
            if item.state == ItemState.SENDING:
                await self._claims.release(item)
            await self._claims.postpone(item, error)

    @asynccontextmanager
    async def _resending_after_race(self, kind: RepeatKind, item: ActionItem) -> AsyncIterator[None]:
        may_have_sent = item.state == ItemState.SENDING
        try:
            yield
        except ClaimLost:
            if may_have_sent:
                streams = await kind.streams(item)
                async with self._claims.events.change(*streams, actor=ACTOR, cause=item.id) as change:
                    await kind.resend_after_race(change, item)
            raise
