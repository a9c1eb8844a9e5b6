"""What may be done to an item: claim, release, postpone, finish; each compared and set under its action's lock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from models import ActionItem
from services.actions.ledger import finish_item
from services.actions.timing import Timing
from services.crm.errors import CrmError, CrmUnavailable
from services.errors import Refusal
from services.events import Change, EventLog
from services.vocabulary import ItemOutcome, ItemState

ACTOR = "system:engine"


class ClaimLost(Exception):
    """Somebody else is at this item, or it was cancelled; nothing was sent."""


class Claims:
    def __init__(self, *, events: EventLog, timing: Timing) -> None:
        self.events = events
        self.clock = events.clock
        self._timing = timing

    @asynccontextmanager
    async def hold(self, item: ActionItem, *streams: str) -> AsyncIterator[Change]:
        """A change of the item in the state and under the claim that were read, or ClaimLost.

        Whatever else somebody wrote meanwhile stands in `item` from here on.
        """
        async with self.events.change(item.action_id, *streams, actor=ACTOR, cause=item.id) as change:
            read = (item.state, item.claim_id)
            await item.refresh_from_db()
            if (item.state, item.claim_id) != read:
                raise ClaimLost
            yield change

    async def claim(self, item: ActionItem) -> None:
        """Become the only one who sends this item, or raise ClaimLost."""
        async with self.hold(item) as change:
            await self.take(change, item)

    async def take(self, change: Change, item: ActionItem) -> None:
        """The same inside a change that holds the item already."""
        await change.update(
            item,
            kind="ITEM_CLAIMED",
            state=ItemState.SENDING,
            claim_id=str(uuid4()),
            sent_at=change.at,
            absent_since=None,
            explanation=None,
            next_try_at=change.at + self._timing.lease,
            attempt_count=item.attempt_count + 1,
        )

    async def set_right(self, item: ActionItem) -> None:
        """Take a next try that lies too far off for one that is due: a clock that was ahead wrote it.

        Nobody knows when such a clock saw a request leave, so its claim lasts as if that had been just now.
        """
        async with self.hold(item) as change:
            if item.next_try_at <= change.at + self._timing.farthest:
                raise ClaimLost
            sending = item.state == ItemState.SENDING
            await change.update(
                item,
                kind="ITEM_SET_RIGHT",
                sent_at=change.at if sending else item.sent_at,
                absent_since=None,
                next_try_at=change.at + self._timing.lease if sending else change.at,
            )

    async def release(self, item: ActionItem) -> None:
        """Give the claim back: nothing was written."""
        async with self.hold(item) as change:
            await change.update(
                item, kind="ITEM_RELEASED", state=ItemState.PENDING, claim_id=None, sent_at=None
            )

    async def explain(self, item: ActionItem, error: CrmError) -> None:
        """Tell why nobody knows what came of a request; the claim stays out until a look-up knows."""
        async with self.hold(item) as change:
            await change.update(item, kind="ITEM_UNCLEAR", explanation=words_of(error))

    async def finish(self, item: ActionItem, outcome: ItemOutcome, explanation: str) -> None:
        async with self.hold(item) as change:
            await finish_item(change, item, outcome, explanation=explanation)

    async def postpone(self, item: ActionItem, error: Exception) -> None:
        """Come back later; whether a claim is out does not change."""
        retry_after = error.retry_after if isinstance(error, CrmUnavailable) else None
        async with self.hold(item) as change:
            tries = item.attempt_count + (item.state == ItemState.PENDING)
            wait = self._timing.delay(max(tries, 1), of=item.id) if retry_after is None else retry_after
            again = change.at + timedelta(seconds=wait)
            await change.update(
                item,
                kind="ITEM_POSTPONED",
                attempt_count=tries,
                explanation=words_of(error),
                next_try_at=max(item.next_try_at, again) if item.state == ItemState.SENDING else again,
            )


def words_of(error: Exception) -> str:
    """What to tell the operator; a bug's own text may hold anything, so it stays in the log."""
    if isinstance(error, CrmError):
        return f"{error.message} {error.crm_message}".strip()
    if isinstance(error, Refusal):
        return error.message
    return "Something unexpected went wrong here; the log has it whole."
