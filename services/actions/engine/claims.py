"""The transitions of an item (claim, release, postpone, finish), each a compare-and-set under its action's lock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import uuid4

from models import ActionItem
from services.actions.engine.timing import PAUSE_WHEN_WELL, UNANSWERED_UPDATES, Timing
from services.actions.ledger import explained, finish_item
from services.crm.errors import CrmError, CrmOutcomeUnknown, CrmUnavailable, NotOurRecord
from services.errors import Refusal
from services.events import Change, EventLog, EventType
from services.planning.actions.preview import Why
from services.vocabulary import ItemOutcome, ItemReason, ItemState

ACTOR = "system:engine"


class ClaimLost(Exception):
    """Another executor has this item, or it was cancelled. Nothing was sent."""


class Claims:
    def __init__(self, *, events: EventLog, timing: Timing) -> None:
        self.events = events
        self.clock = events.clock
        self._timing = timing

    @asynccontextmanager
    async def locked(self, item: ActionItem, *streams: str) -> AsyncIterator[Change]:
        """Lock the item in the state and with the claim that were read, or raise ClaimLost.

        `item` is refreshed, so it also shows all other changes since it was read.
        """
        async with self.events.change(item.action_id, *streams, actor=ACTOR, cause=item.id) as change:
            read = (item.state, item.claim_id)
            await item.refresh_from_db()
            if (item.state, item.claim_id) != read:
                raise ClaimLost
            yield change

    async def claim(self, item: ActionItem) -> None:
        """Claim the item, so that this executor alone sends it, or raise ClaimLost."""
        async with self.locked(item) as change:
            await self.mark_claimed(change, item)

    async def mark_claimed(self, change: Change, item: ActionItem) -> None:
        """Claim the item inside a change that has locked it already."""
        await change.update(
            item,
            kind=EventType.ITEM_CLAIMED,
            state=ItemState.SENDING,
            claim_id=str(uuid4()),
            sent_at=change.at,
            absent_since=None,
            postponed_at=None,
            **explained(None),
            crm_words=None,
            next_try_at=change.at + self._timing.lease,
            attempt_count=item.attempt_count + 1,
        )

    async def repair_clock_skew(self, item: ActionItem) -> None:
        """Make an item due whose next try is too far off: a clock that was ahead wrote that time.

        The time at which such a clock sent a request is unknown, so its claim lasts as if the request was sent now.
        """
        async with self.locked(item) as change:
            if item.next_try_at <= change.at + self._timing.farthest:
                raise ClaimLost
            sending = item.state == ItemState.SENDING
            await change.update(
                item,
                kind=EventType.ITEM_CLOCK_REPAIRED,
                sent_at=change.at if sending else item.sent_at,
                absent_since=None,
                postponed_at=None,
                next_try_at=change.at + self._timing.lease if sending else change.at,
            )

    async def release(self, item: ActionItem) -> None:
        """Give the claim back, because nothing was written."""
        async with self.locked(item) as change:
            await change.update(
                item, kind=EventType.ITEM_RELEASED, state=ItemState.PENDING, claim_id=None, sent_at=None
            )

    async def note_unknown_outcome(self, item: ActionItem, error: CrmError) -> None:
        """Store why the outcome of a request is unknown. The claim stays until a look-up decides."""
        async with self.locked(item) as change:
            await change.update(
                item,
                kind=EventType.ITEM_OUTCOME_UNKNOWN,
                **explained(why(error)),
                crm_words=crm_words(error),
            )

    async def finish(
        self, item: ActionItem, outcome: ItemOutcome, why: Why, crm_words: str | None = None
    ) -> None:
        async with self.locked(item) as change:
            await finish_item(change, item, outcome, why=why, crm_words=crm_words)

    async def postpone(self, item: ActionItem, error: Exception) -> None:
        """Plan the next try and keep the claim as it is.

        After too many updates without effect, ask a person instead.
        """
        retry_after = error.retry_after if isinstance(error, CrmUnavailable) else None
        async with self.locked(item) as change:
            unanswered = item.unanswered_count + isinstance(error, CrmOutcomeUnknown)
            if unanswered >= UNANSWERED_UPDATES:
                explanation = f"The CRM did not confirm this in {unanswered} tries. {operator_message(error)}"
                await finish_item(
                    change,
                    item,
                    ItemOutcome.NEEDS_ATTENTION,
                    why=Why(ItemReason.OUTCOME_UNKNOWN, explanation),
                    crm_words=crm_words(error),
                )
                return
            in_flight = item.state == ItemState.SENDING and item.next_try_at > change.at
            # A request that is in progress was counted when it was claimed.
            tries = item.attempt_count + (not in_flight)
            wait = self._timing.delay(max(tries, 1), of=item.id) if retry_after is None else retry_after
            again = change.at + timedelta(seconds=wait)
            await change.update(
                item,
                kind=EventType.ITEM_POSTPONED,
                attempt_count=tries,
                unanswered_count=unanswered,
                postponed_at=None if in_flight else change.at,
                **explained(why(error)),
                crm_words=crm_words(error),
                next_try_at=max(item.next_try_at, again) if item.state == ItemState.SENDING else again,
            )

    async def bring_forward(self, item: ActionItem) -> None:
        """Shorten the pause after a failure, because the CRM has answered some other call since."""
        async with self.locked(item) as change:
            if item.postponed_at is None or item.open_key is None:
                raise ClaimLost
            next_try_at = max(change.at, item.postponed_at + timedelta(seconds=PAUSE_WHEN_WELL))
            await change.update(
                item, kind=EventType.ITEM_BROUGHT_FORWARD, next_try_at=min(item.next_try_at, next_try_at)
            )


def operator_message(error: Exception) -> str:
    """Return our message for the operator. The text of a bug may hold anything, so it stays in the log."""
    if isinstance(error, CrmError | Refusal):
        return error.message
    return "Something unexpected went wrong; the log has the details."


def why(error: Exception) -> Why:
    """Return why an item that met this error waits or ends."""
    return Why(_reason(error), operator_message(error))


def _reason(error: Exception) -> ItemReason:
    match error:
        case NotOurRecord():
            return ItemReason.NOT_OURS
        case CrmError():
            return ItemReason(error.result)
        case Refusal():
            return (
                ItemReason(error.code) if error.code in ItemReason.__members__ else ItemReason.DECLINED_HERE
            )
        case _:
            return ItemReason.INTERNAL_ERROR


def crm_words(error: Exception) -> str | None:
    """Return what the CRM said about the failure, in its own words; None if it said nothing."""
    return error.crm_message or None if isinstance(error, CrmError) else None
