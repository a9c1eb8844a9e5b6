"""Items whose talk with the CRM may be repeated without harm."""

from models import ActionItem
from services.actions.claims import Claims, begin, end, words_of
from services.actions.kinds import RepeatKind
from services.actions.ledger import finish_item
from services.crm.errors import CrmError, CrmOutcomeUnknown, CrmUnavailable


class Repeats:
    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._clock = claims.clock

    async def advance(self, kind: RepeatKind, item: ActionItem) -> None:
        attempt = await begin(item, "TALK", self._clock())
        try:
            heard = await kind.talk(item)
        except CrmError as error:
            await end(attempt, type(error).__name__, self._clock(), words_of(error))
            if isinstance(error, CrmOutcomeUnknown):
                # Saying the same thing again does no harm here.
                raise CrmUnavailable(error.message) from error
            raise
        async with self._claims.hold(item, *await kind.streams(item)) as change:
            result = await kind.apply(change, item, heard)
            if result.more:
                await change.update(item, kind="ITEM_CONTINUED", next_try_at=change.at)
            else:
                await finish_item(change, item, result.outcome, explanation=result.explanation)
        await end(attempt, result.outcome, self._clock())
