"""What an operator can do with an action: retry what did not succeed, or cancel the rest."""

from collections.abc import Sequence
from functools import partial
from typing import cast

from models import Action, ActionItem
from services.actions.ledger import (
    ATTENTION,
    NO_LANE,
    ActionRunning,
    PlannedItem,
    close_if_done,
    effect_of,
    explained,
    fingerprint,
    in_doubt_like,
    refuse_overlap,
    running_action,
)
from services.errors import Refusal
from services.events import Change, EventLog, EventType, changing
from services.planning.actions.preview import Why
from services.records import get_action
from services.vocabulary import ActionKind, ActionStatus, ItemKind, ItemOutcome, ItemReason, ItemState


class UnknownItem(Refusal):
    """The action has no such item."""

    code = "UNKNOWN_ITEM"


class NothingToRetry(Refusal):
    """No item of the action failed, pauses after a failure or waits for a person."""

    code = "NOTHING_TO_RETRY"


class NothingToCancel(Refusal):
    """Everything of the action is already sent or finished, and nothing of it waits for a person."""

    code = "NOTHING_TO_CANCEL"


async def retry_action(
    action_id: str,
    *,
    actor: str,
    events: EventLog,
    item_ids: Sequence[str] | None = None,
    expected_version: int | None = None,
) -> Action:
    """Retry what failed or waits for a person, and try at once what pauses after a failure.

    This applies to all items, or to the chosen ones.
    """
    load = partial(get_action, action_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, action):
        items = await _chosen_items(action, item_ids)
        pausing = [item for item in items if item.postponed_at and item.next_try_at > change.at]
        ended = [item for item in items if item.outcome in ATTENTION and item.lane != NO_LANE]
        if not pausing and not ended:
            raise NothingToRetry(
                "No item of this action failed, pauses after a failure or waits for a person."
            )
        for item in pausing:
            await change.update(
                item,
                kind=EventType.ITEM_BROUGHT_FORWARD,
                next_try_at=change.at,
                attempt_count=0,
                unanswered_count=0,
            )
        if ended:
            await _reopen_items(change, action, ended)
        change.enqueue(item.lane for item in (*pausing, *ended))
    return action


async def _chosen_items(action: Action, item_ids: Sequence[str] | None) -> list[ActionItem]:
    """Return all items, or the chosen ones, in order."""
    items = ActionItem.filter(action_id=action.id)
    if item_ids is not None:
        items = items.filter(id__in=item_ids)
        if unknown := {*item_ids} - {*await items.values_list("id", flat=True)}:
            raise UnknownItem(f"The action has no item {min(unknown)!r}.", path=("itemIds",))
    return await items.order_by("position")


async def _reopen_items(change: Change, action: Action, items: Sequence[ActionItem]) -> None:
    running = await running_action(ActionKind(action.kind), action.scope)
    if running is not None and running.id != action.id:
        raise ActionRunning(running.id)
    again = [PlannedItem(cast(ItemKind, item.kind), item.key, item.reference, item.label) for item in items]
    unsettled = await refuse_overlap(again)
    for item in items:
        like = item if item.claim_id else unsettled.get(effect_of(item))
        await _reopen_item(change, item, like)
    await change.update(
        action,
        kind=EventType.ACTION_RETRIED,
        status=ActionStatus.RUNNING,
        open_scope=fingerprint(ActionKind(action.kind), action.scope),
        finished_count=action.finished_count - len(items),
        attention_count=action.attention_count - len(items),
        finished_at=None,
    )


async def _reopen_item(change: Change, item: ActionItem, unsettled: ActionItem | None) -> None:
    # A request that may have been sent is looked up before anything else is tried.
    in_doubt = in_doubt_like(unsettled) if unsettled else {"state": ItemState.PENDING}
    await change.update(
        item,
        kind=EventType.ITEM_RETRIED,
        outcome=None,
        **explained(None),
        crm_words=None,
        open_key=effect_of(item),
        absent_since=None,
        attempt_count=0,
        unanswered_count=0,
        next_try_at=change.at,
        finished_at=None,
        **in_doubt,
    )


async def cancel_action(
    action_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Action:
    """Cancel what has not been sent. In a waiting action, dismiss the items that wait for a person.

    Requests that may be on their way are followed to their end.
    """
    load = partial(get_action, action_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, action):
        if action.status == ActionStatus.WAITING:
            await _dismiss(change, action)
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
        kind=EventType.ITEM_CANCELLED,
        state=ItemState.FINISHED,
        outcome=ItemOutcome.CANCELLED,
        **explained(Why(ItemReason.STOPPED, "Cancelled by an operator.")),
        open_key=None,
        finished_at=change.at,
    )
    await change.update(
        action, kind=EventType.ACTION_PROGRESSED, finished_count=action.finished_count + len(pending)
    )


async def _dismiss(change: Change, action: Action) -> None:
    """Cancel the waiting items.

    The explanation keeps their outcome, and a claim stays with its item for a later retry.
    """
    waiting = await ActionItem.filter(action_id=action.id, outcome__in=ATTENTION).order_by("position")
    alike: dict[str, list[ActionItem]] = {}
    for item in waiting:
        explanation = f"Dismissed by an operator. It was {item.outcome}. {item.explanation or ''}".rstrip()
        alike.setdefault(explanation, []).append(item)
    for explanation, items in alike.items():
        await change.update_all(
            items,
            kind=EventType.ITEM_CANCELLED,
            outcome=ItemOutcome.CANCELLED,
            **explained(Why(ItemReason.DISMISSED, explanation)),
        )
    await change.update(action, kind=EventType.ACTION_PROGRESSED, attention_count=0)
