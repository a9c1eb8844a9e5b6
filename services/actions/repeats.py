"""Items whose talk with the CRM may be repeated without harm, by one executor at a time.

Where two crossed all the same, because one of them was frozen and thought to be gone, the one that finds its claim lost
after it talked has the newest said once more: nobody knows whose word the CRM heard last.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from models import ActionItem
from services.actions.attempts import begin, end, failing_with
from services.actions.claims import ACTOR, ClaimLost, Claims, words_of
from services.actions.costs import LaneCosts
from services.actions.kinds import RepeatKind
from services.actions.ledger import finish_item
from services.crm.errors import CrmError, CrmOutcomeUnknown, CrmRefused
from services.vocabulary import ItemOutcome, ItemState


class Repeats:
    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._clock = claims.clock

    async def advance(self, kind: RepeatKind, item: ActionItem, costs: LaneCosts) -> None:
        attempt = await begin(item, "TALK", self._clock())
        try:
            async with failing_with(attempt, self._clock):
                async with costs.counted(item.kind):
                    heard = await kind.talk(item, claim=partial(self._claims.claim, item))
                outcome = await self._apply(kind, item, heard)
        except CrmError as error:
            await self._after_failure(kind, item, error)
        else:
            await end(attempt, outcome, self._clock())

    async def _apply(self, kind: RepeatKind, item: ActionItem, heard: object) -> ItemOutcome:
        async with (
            self._talking_again_after_a_crossing(kind, item),
            self._claims.hold(item, *await kind.streams(item)) as change,
        ):
            result = await kind.apply(change, item, heard)
            if result.more:
                await change.update(
                    item,
                    kind="ITEM_CONTINUED",
                    state=ItemState.PENDING,
                    claim_id=None,
                    next_try_at=result.not_before or change.at,
                )
            else:
                await finish_item(
                    change, item, result.outcome, explanation=result.explanation, crm_id=result.crm_id
                )
        return result.outcome

    async def _after_failure(self, kind: RepeatKind, item: ActionItem, error: CrmError) -> None:
        if isinstance(error, CrmRefused):
            await self._claims.finish(item, ItemOutcome.FAILED, words_of(error))
        elif isinstance(error, CrmOutcomeUnknown):
            # It may still arrive, so nobody says anything else before the claim has run out.
            async with self._talking_again_after_a_crossing(kind, item):
                await self._claims.postpone(item, error)
        else:
            if item.state == ItemState.SENDING:
                await self._claims.release(item)
            await self._claims.postpone(item, error)

    @asynccontextmanager
    async def _talking_again_after_a_crossing(
        self, kind: RepeatKind, item: ActionItem
    ) -> AsyncIterator[None]:
        talked = item.state == ItemState.SENDING
        try:
            yield
        except ClaimLost:
            if talked:
                streams = await kind.streams(item)
                async with self._claims.events.change(*streams, actor=ACTOR, cause=item.id) as change:
                    await kind.say_again(change, item)
            raise
