"""What an operator does about an action: take up again what did not go well, or put an end to it."""

from collections.abc import Sequence

from models import Action, ActionItem
from services.actions.ledger import (
    ATTENTION,
    NO_LANE,
    ActionRunning,
    PlannedItem,
    close_if_done,
    fingerprint,
    in_doubt_like,
    open_key_of,
    refuse_overlap,
    running_action,
    unsettled_items,
)
from services.errors import Refusal
from services.events import Change, EventLog
from services.vocabulary import ActionKind, ActionStatus, ItemOutcome, ItemState


class UnknownAction(Refusal):
    """There is no action of this id."""

    code = "UNKNOWN_ACTION"


class UnknownItem(Refusal):
    """The action has no item of this id."""

    code = "UNKNOWN_ITEM"


class NothingToRetry(Refusal):
    """No item of the action failed or waits for a person."""

    code = "NOTHING_TO_RETRY"


class NothingToCancel(Refusal):
    """Everything of the action is already sent or finished, and nothing of it waits for a person."""

    code = "NOTHING_TO_CANCEL"


async def retry_action(
    action_id: str, *, actor: str, events: EventLog, item_ids: Sequence[str] | None = None
) -> Action:
    """Take up again what failed or waits for a person: all of it, or the chosen items."""
    await _get_action(action_id)
    async with events.change(action_id, actor=actor) as change:
        action = await Action.get(id=action_id)
        items = await _to_retry(action, item_ids)
        if not items:
            raise NothingToRetry("No item of this action failed or waits for a person.")
        if running := await running_action(ActionKind(action.kind), action.scope):
            raise ActionRunning(running.id)
        again = [PlannedItem(item.kind, item.key, item.reference, item.label) for item in items]
        await refuse_overlap(again)
        unsettled = await unsettled_items(again)
        for item in items:
            like = item if item.claim_id else unsettled.get(open_key_of(item.kind, item.key))
            await _reopen_item(change, item, like)
        change.enqueue(item.lane for item in items)
        await change.update(
            action,
            kind="ACTION_RETRIED",
            status=ActionStatus.RUNNING,
            open_scope=fingerprint(ActionKind(action.kind), action.scope),
            finished_count=action.finished_count - len(items),
            attention_count=action.attention_count - len(items),
            finished_at=None,
        )
    return action


async def _to_retry(action: Action, item_ids: Sequence[str] | None) -> list[ActionItem]:
    """Of all items, or of the chosen ones, those that failed or wait, in order."""
    items = ActionItem.filter(action_id=action.id)
    if item_ids is not None:
        items = items.filter(id__in=item_ids)
        if unknown := {*item_ids} - {*await items.values_list("id", flat=True)}:
            raise UnknownItem(f"The action has no item {min(unknown)!r}.", path=("itemIds",))
    return await items.filter(outcome__in=ATTENTION, lane__not=NO_LANE).order_by("position")


async def _reopen_item(change: Change, item: ActionItem, unsettled: ActionItem | None) -> None:
    # What may have been sent is looked for again before anything else is tried.
    in_doubt = in_doubt_like(unsettled) if unsettled else {"state": ItemState.PENDING}
    await change.update(
        item,
        kind="ITEM_RETRIED",
        outcome=None,
        explanation=None,
        open_key=open_key_of(item.kind, item.key),
        absent_since=None,
        attempt_count=0,
        next_try_at=change.at,
        finished_at=None,
        **in_doubt,
    )


async def cancel_action(action_id: str, *, actor: str, events: EventLog) -> Action:
    """Stop what has not been sent; of an action that waits, put away what a person was to look into.

    What may be on its way is followed to its end.
    """
    await _get_action(action_id)
    async with events.change(action_id, actor=actor) as change:
        action = await Action.get(id=action_id)
        if action.status == ActionStatus.WAITING:
            await _put_away(change, action)
        else:
            await _stop(change, action)
        await close_if_done(change, action)
    return action


async def _stop(change: Change, action: Action) -> None:
    pending = await ActionItem.filter(action_id=action.id, state=ItemState.PENDING).order_by("position")
    if not pending:
        raise NothingToCancel("Everything of this action is already sent or finished.")
    await change.update_all(
        pending,
        kind="ITEM_CANCELLED",
        state=ItemState.FINISHED,
        outcome=ItemOutcome.CANCELLED,
        explanation="Cancelled by an operator.",
        open_key=None,
        finished_at=change.at,
    )
    await change.update(action, kind="ACTION_PROGRESSED", finished_count=action.finished_count + len(pending))


async def _put_away(change: Change, action: Action) -> None:
    """The words keep what it was; a claim that is out stays with its item, and so with whoever presses again."""
    waiting = await ActionItem.filter(action_id=action.id, outcome__in=ATTENTION).order_by("position")
    alike: dict[str, list[ActionItem]] = {}
    for item in waiting:
        words = f"Put away by an operator. It was {item.outcome}. {item.explanation or ''}".rstrip()
        alike.setdefault(words, []).append(item)
    for words, items in alike.items():
        await change.update_all(
            items, kind="ITEM_CANCELLED", outcome=ItemOutcome.CANCELLED, explanation=words
        )
    await change.update(action, kind="ACTION_PROGRESSED", attention_count=0)


async def _get_action(action_id: str) -> Action:
    action = await Action.get_or_none(id=action_id)
    if action is None:
        raise UnknownAction(f"There is no action {action_id!r}.", path=("actionId",))
    return action
