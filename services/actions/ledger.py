"""The ledger of CRM effects: opened with the decision, closed with the outcome, never out of step with the rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models import Action, ActionItem
from models.transaction import one_at_a_time
from services.errors import Refusal
from services.events import Change
from services.vocabulary import ActionKind, ActionStatus, ItemOutcome, ItemState

ATTENTION = (ItemOutcome.FAILED, ItemOutcome.NEEDS_ATTENTION)

# What was finished from the start is a finding, not work: nobody carries it out, not even on a retry.
NO_LANE = ""


class ActionRunning(Refusal):
    """Another action is at work on the same records; it is named, so that the caller can watch it."""

    code = "ACTION_RUNNING"

    def __init__(self, action_id: str) -> None:
        super().__init__("Another action is at work here; wait for its end.")
        self.action_id = action_id


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """An effect to be had. `key` names it for ever; one that needs no work comes with its outcome.

    Items of one `lane` are carried out in their order, each `not_before` its time; lanes do not wait for each other.
    `expected` is what the CRM was shown to hold, where an operator was shown anything.
    """

    kind: str
    key: str
    reference: str
    label: str
    lane: str = ""
    outcome: ItemOutcome | None = None
    explanation: str | None = None
    crm_id: int | None = None
    expected: dict[str, Any] | None = None
    not_before: datetime | None = None


def fingerprint(kind: ActionKind, scope: dict[str, Any]) -> str:
    """The same for the same request, whoever makes it."""
    text = repr(sorted((name, value) for name, value in scope.items() if value is not None))
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}"


async def running_action(kind: ActionKind, scope: dict[str, Any]) -> Action | None:
    """The unfinished action of exactly this request."""
    return await Action.get_or_none(open_scope=fingerprint(kind, scope))


async def open_action(
    change: Change,
    kind: ActionKind,
    scope: dict[str, Any],
    items: Sequence[PlannedItem],
    *,
    operator_id: str | None,
    reason: str | None = None,
    cause: str | None = None,
    **links: str | None,
) -> Action:
    """Write an action with its items, or raise ActionRunning, which names the action that is at work on one of them.

    An item whose like left a request behind of which nobody knows what came begins in doubt, as that one ended.
    `cause` is the event behind it, where that is not what the whole change comes from.
    """
    await refuse_overlap(items)
    action = Action(
        kind=kind,
        status=ActionStatus.RUNNING,
        scope=scope,
        open_scope=fingerprint(kind, scope),
        operator_id=operator_id,
        reason=reason,
        item_count=len(items),
        created_at=change.at,
        **links,
    )
    await change.open_stream(action.id)
    finished = [item.outcome for item in items if item.outcome]
    _count(action, finished)
    await change.create(action, kind="ACTION_OPENED", cause=cause)
    unsettled = await unsettled_items(items)
    rows = [
        _row(action, item, position, change, unsettled.get(open_key_of(item.kind, item.key)))
        for position, item in enumerate(items, start=1)
    ]
    await change.create_all(rows, kind="ITEM_PLANNED", cause=cause)
    change.enqueue(row.lane for row in rows if row.open_key)
    await close_if_done(change, action)
    return action


def _count(action: Action, outcomes: Sequence[ItemOutcome]) -> None:
    action.finished_count += len(outcomes)
    action.attention_count += sum(outcome in ATTENTION for outcome in outcomes)


async def refuse_overlap(items: Sequence[PlannedItem]) -> None:
    # Actions of different streams may be opened at the same moment, and neither would see the other one's items yet.
    await one_at_a_time("open an action")
    keys = [open_key_of(item.kind, item.key) for item in items if item.outcome is None]
    other = await ActionItem.filter(open_key__in=keys).first()
    if other is not None:
        raise ActionRunning(other.action_id)


async def actions_at_work(items: Sequence[PlannedItem]) -> dict[str, str]:
    """The ids of the actions that are at work on these items now, by the items' keys."""
    keys = {open_key_of(item.kind, item.key): item.key for item in items if item.outcome is None}
    found = await ActionItem.filter(open_key__in=list(keys)).values_list("open_key", "action_id")
    return {keys[open_key]: action_id for open_key, action_id in found}


async def unsettled_items(items: Sequence[PlannedItem]) -> Mapping[str, ActionItem]:
    """By open key, the last items for the same effects that ended with a claim out: its request may still turn up.

    None of the effects may be at work.
    """
    work = [item for item in items if item.outcome is None]
    same = {"kind__in": {item.kind for item in work}, "key__in": [item.key for item in work]}
    claimed = await ActionItem.filter(claim_id__not_isnull=True, **same).order_by("finished_at", "id")
    found = {open_key_of(item.kind, item.key): item for item in claimed}
    return {open_key: item for open_key, item in found.items() if not await _is_settled(item)}


async def _is_settled(claimed: ActionItem) -> bool:
    """Whether an item that was at work after it knows what became of the effect."""
    later = ActionItem.filter(kind=claimed.kind, key=claimed.key, finished_at__gt=claimed.finished_at)
    return await later.exclude(lane=NO_LANE).exists()


def open_key_of(kind: str, key: str) -> str:
    return f"{kind}:{key}"


def _row(
    action: Action, item: PlannedItem, position: int, change: Change, unsettled: ActionItem | None = None
) -> ActionItem:
    unfinished = item.outcome is None
    state = ItemState.PENDING if unfinished else ItemState.FINISHED
    in_doubt = in_doubt_like(unsettled) if unsettled and unfinished else {"state": state}
    return ActionItem(
        action_id=action.id,
        position=position,
        lane=f"{action.id}/{item.lane}" if unfinished else NO_LANE,
        kind=item.kind,
        key=item.key,
        open_key=open_key_of(item.kind, item.key) if unfinished else None,
        reference=item.reference,
        label=item.label,
        outcome=item.outcome,
        explanation=item.explanation,
        crm_id=item.crm_id,
        expected=item.expected,
        next_try_at=item.not_before or change.at,
        created_at=change.at,
        finished_at=None if unfinished else change.at,
        **in_doubt,
    )


def in_doubt_like(unsettled: ActionItem) -> dict[str, Any]:
    """How an item begins that may find the record of another one's request: by looking, as after one of its own."""
    return {"state": ItemState.SENDING, "claim_id": unsettled.claim_id, "sent_at": unsettled.sent_at}


async def enqueue_item(
    change: Change,
    kind: ActionKind,
    item: PlannedItem,
    *,
    scope: dict[str, Any],
    cause: str | None = None,
    **links: str | None,
) -> Action | None:
    """See to it that an effect is had which nobody pressed a button for; None while one is under way already."""
    if await ActionItem.filter(open_key=open_key_of(item.kind, item.key)).exists():
        return None
    return await open_action(change, kind, scope, [item], operator_id=None, cause=cause, **links)


async def finish_item(
    change: Change,
    item: ActionItem,
    outcome: ItemOutcome,
    *,
    explanation: str | None = None,
    crm_id: int | None = None,
) -> None:
    """Close an item, and its action with the last one. The action's stream must be locked by `change`.

    Only what needs attention may end with its claim out; every other outcome says what came of the request.
    """
    await change.update(
        item,
        kind=f"ITEM_{outcome}",
        state=ItemState.FINISHED,
        outcome=outcome,
        explanation=explanation,
        crm_id=crm_id if crm_id is not None else item.crm_id,
        open_key=None,
        claim_id=item.claim_id if outcome == ItemOutcome.NEEDS_ATTENTION else None,
        finished_at=change.at,
    )
    action = await Action.get(id=item.action_id)
    await change.update(
        action,
        kind="ACTION_PROGRESSED",
        finished_count=action.finished_count + 1,
        attention_count=action.attention_count + (outcome in ATTENTION),
    )
    await close_if_done(change, action)


async def add_items(change: Change, item: ActionItem, found: Sequence[PlannedItem]) -> None:
    """Keep what an item came upon as items of the same action: with their outcome, or to be carried out after it."""
    if not found:
        return
    action = await Action.get(id=item.action_id)
    first = action.item_count + 1
    unsettled = await unsettled_items(found)
    rows = [
        _row(action, one, position, change, unsettled.get(open_key_of(one.kind, one.key)))
        for position, one in enumerate(found, start=first)
    ]
    await change.create_all(rows, kind="ITEM_FOUND")
    outcomes = [one.outcome for one in found if one.outcome]
    await change.update(
        action,
        kind="ACTION_PROGRESSED",
        item_count=action.item_count + len(found),
        finished_count=action.finished_count + len(outcomes),
        attention_count=action.attention_count + sum(outcome in ATTENTION for outcome in outcomes),
    )


async def close_if_done(change: Change, action: Action) -> None:
    """End an action that has nothing left to do; WAITING, where a person has."""
    if action.finished_count < action.item_count:
        return
    status = await _end_of(action)
    await change.update(
        action, kind=f"ACTION_{status}", status=status, open_scope=None, finished_at=change.at
    )


async def _end_of(action: Action) -> ActionStatus:
    """What an action whose items all have their outcome is called."""
    if action.attention_count:
        return ActionStatus.WAITING
    cancelled = await ActionItem.filter(action_id=action.id, outcome=ItemOutcome.CANCELLED).exists()
    return ActionStatus.CANCELLED if cancelled else ActionStatus.COMPLETED
