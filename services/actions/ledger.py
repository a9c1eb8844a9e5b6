"""The ledger of CRM effects: opened with the decision, closed with the outcome, always consistent with the rows."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tortoise.expressions import Q

from models import Action, ActionItem
from models.transaction import one_at_a_time
from services.errors import Refusal
from services.events import Change, EventType
from services.planning.actions.preview import ValueChange, Why
from services.vocabulary import ActionKind, ActionStatus, ItemKind, ItemOutcome, ItemReason, ItemState

ATTENTION = (ItemOutcome.FAILED, ItemOutcome.NEEDS_ATTENTION)

# An item that was finished from the start is a finding, not work. It is never carried out, not even on a retry.
NO_LANE = ""


class ActionRunning(Refusal):
    """Another action is running on the same records."""

    code = "ACTION_RUNNING"
    action_id: str

    def __init__(self, action_id: str) -> None:
        super().__init__("Another action is working on these records; wait for it to end.")
        self.action_id = action_id


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """A CRM effect to bring about. `key` identifies it permanently. An item that needs no work has its outcome already.

    Items of one `lane` run in order, none before its `not_before`. Lanes do not wait for each other. `expected` is
    what the operator was shown as the content of the CRM; None where nothing was shown. `changes` are for previews.
    """

    kind: ItemKind
    key: str
    reference: str
    label: str
    lane: str = ""
    outcome: ItemOutcome | None = None
    reason: ItemReason | None = None
    explanation: str | None = None
    crm_id: int | None = None
    expected: dict[str, Any] | None = None
    not_before: datetime | None = None
    changes: tuple[ValueChange, ...] = ()


def left_to_person(item: PlannedItem, why: Why) -> PlannedItem:
    """Return the item as one that a person has to decide about."""
    return replace(item, outcome=ItemOutcome.NEEDS_ATTENTION, reason=why.reason, explanation=why.explanation)


def fingerprint(kind: ActionKind, scope: dict[str, Any]) -> str:
    """Return a fingerprint of the request. It does not depend on who makes the request."""
    text = repr(sorted((name, value) for name, value in scope.items() if value is not None))
    return f"{kind}:{hashlib.sha256(text.encode()).hexdigest()}"


async def running_action(kind: ActionKind, scope: dict[str, Any]) -> Action | None:
    """Return the unfinished action of exactly this request, if there is one."""
    return await Action.get_or_none(open_scope=fingerprint(kind, scope))


@dataclass(frozen=True, slots=True)
class Opening:
    """An action to open, with its items. `links` are the records that it is about, by the column of the action.

    `cause` is the event that caused the action, where it differs from the cause of the whole change.
    """

    kind: ActionKind
    scope: dict[str, Any]
    items: Sequence[PlannedItem]
    links: Mapping[str, str | None] = field(default_factory=dict)
    operator_id: str | None = None
    reason: str | None = None
    cause: str | None = None


async def open_action(change: Change, opening: Opening) -> Action:
    """Write an action with its items, or raise ActionRunning with the id of the action that is running on one of
    them.

    If an earlier item for the same effect ended with an unknown outcome, the new one starts as SENDING, so a look-up
    decides.
    """
    unsettled = await refuse_overlap(opening.items)
    [action] = await _open(change, [opening], unsettled)
    return action


async def enqueue_effects(change: Change, effects: Sequence[Opening]) -> list[Action]:
    """Open actions of one item each that no operator asked for, without those for which an unfinished item exists.

    The number of statements does not depend on the number of actions.
    """
    if not effects:
        return []
    await one_at_a_time("open an action")
    earlier = await earlier_items([item for one in effects for item in one.items])
    missing = [one for one in effects if effect_of(one.items[0]) not in earlier.running]
    return await _open(change, missing, earlier.unsettled)


async def _open(
    change: Change, openings: Sequence[Opening], unsettled: Mapping[str, ActionItem]
) -> list[Action]:
    if not openings:
        return []
    actions = [_action(one, change.at) for one in openings]
    change.open_streams([action.id for action in actions])
    causes = {action.id: one.cause for action, one in zip(actions, openings, strict=True)}
    await change.create_all(actions, kind=EventType.ACTION_OPENED, causes=causes)
    rows = [
        _row(action, item, position, change, unsettled.get(effect_of(item)))
        for action, one in zip(actions, openings, strict=True)
        for position, item in enumerate(one.items, start=1)
    ]
    of_items = {row.id: causes[row.action_id] for row in rows}
    await change.create_all(rows, kind=EventType.ITEM_PLANNED, causes=of_items)
    change.enqueue(row.lane for row in rows if row.open_key)
    for action in actions:
        await close_if_done(change, action)
    return actions


def _action(opening: Opening, now: datetime) -> Action:
    action = Action(
        kind=opening.kind,
        status=ActionStatus.RUNNING,
        scope=opening.scope,
        open_scope=fingerprint(opening.kind, opening.scope),
        operator_id=opening.operator_id,
        reason=opening.reason,
        item_count=len(opening.items),
        created_at=now,
        **opening.links,
    )
    _count(action, [item.outcome for item in opening.items if item.outcome])
    return action


def _count(action: Action, outcomes: Sequence[ItemOutcome]) -> None:
    action.finished_count += len(outcomes)
    action.attention_count += sum(outcome in ATTENTION for outcome in outcomes)


async def refuse_overlap(items: Sequence[PlannedItem]) -> Mapping[str, ActionItem]:
    """Raise ActionRunning if an action is running on one of the items. Return those in doubt, by their effects."""
    # Actions in different streams may be opened at the same time. Without this lock neither would see the other's
    # items.
    await one_at_a_time("open an action")
    earlier = await earlier_items(items)
    if earlier.running:
        raise ActionRunning(min(earlier.running.values()))
    return earlier.unsettled


async def actions_running_on(items: Sequence[PlannedItem]) -> Mapping[str, str]:
    """Return the ids of the actions that are running on these items now, by the items' effects."""
    return (await earlier_items(items)).running


@dataclass(frozen=True, slots=True)
class Earlier:
    """What the ledger has of the same effects, by effect."""

    running: Mapping[str, str]
    """The actions that are running on them."""

    unsettled: Mapping[str, ActionItem]
    """The last items that ended with a claim: their requests may still succeed."""


async def earlier_items(items: Sequence[PlannedItem]) -> Earlier:
    """Return what the ledger has of the effects that these items still have to bring about."""
    work = [item for item in items if item.outcome is None]
    effects = {effect_of(item) for item in work}
    marked = Q(open_key__isnull=False) | Q(claim_id__isnull=False)
    same = {"kind__in": {item.kind for item in work}, "key__in": [item.key for item in work]}
    found = await ActionItem.filter(marked, **same).order_by("finished_at", "id")
    running = {effect: item.action_id for item in found if (effect := item.open_key) in effects}
    claimed = {effect_of(item): item for item in found if not item.open_key}
    return Earlier(running, {effect: item for effect, item in claimed.items() if not await _is_settled(item)})


async def _is_settled(claimed: ActionItem) -> bool:
    """Whether a later item for the same effect has finished and so settled it."""
    later = ActionItem.filter(kind=claimed.kind, key=claimed.key, finished_at__gt=claimed.finished_at)
    return await later.exclude(lane=NO_LANE).exists()


def effect_of(item: PlannedItem | ActionItem) -> str:
    """Return what the item brings about: its open key while it is unfinished."""
    return f"{item.kind}:{item.key}"


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
        open_key=effect_of(item) if unfinished else None,
        reference=item.reference,
        label=item.label,
        outcome=item.outcome,
        reason=item.reason,
        explanation=item.explanation,
        crm_id=item.crm_id,
        expected=item.expected,
        next_try_at=item.not_before or change.at,
        created_at=change.at,
        finished_at=None if unfinished else change.at,
        **in_doubt,
    )


def in_doubt_like(unsettled: ActionItem) -> dict[str, Any]:
    """Return how an item starts if an earlier request may still succeed: as SENDING, so that a look-up comes first."""
    return {"state": ItemState.SENDING, "claim_id": unsettled.claim_id, "sent_at": unsettled.sent_at}


async def finish_item(
    change: Change,
    item: ActionItem,
    outcome: ItemOutcome,
    *,
    why: Why | None = None,
    crm_words: str | None = None,
    crm_id: int | None = None,
) -> None:
    """Finish an item, and its action if this was the last one. `change` must hold the lock on the action's stream.

    Only a record that was created or updated needs no `why`.

    Only an item that needs attention may keep its claim. Every other outcome settles what became of the request.
    """
    await change.update(
        item,
        kind=EventType(f"ITEM_{outcome}"),
        state=ItemState.FINISHED,
        outcome=outcome,
        **explained(why),
        crm_words=crm_words,
        crm_id=crm_id if crm_id is not None else item.crm_id,
        open_key=None,
        claim_id=item.claim_id if outcome == ItemOutcome.NEEDS_ATTENTION else None,
        postponed_at=None,
        finished_at=change.at,
    )
    action = await Action.get(id=item.action_id)
    await change.update(
        action,
        kind=EventType.ACTION_PROGRESSED,
        finished_count=action.finished_count + 1,
        attention_count=action.attention_count + (outcome in ATTENTION),
    )
    await close_if_done(change, action)


def explained(why: Why | None) -> dict[str, Any]:
    """Return the columns of an item that say why."""
    return {"reason": why and why.reason, "explanation": why and why.explanation}


async def add_items(change: Change, item: ActionItem, found: Sequence[PlannedItem]) -> None:
    """Add the findings of an item to its action. Those without an outcome are carried out after it."""
    if not found:
        return
    action = await Action.get(id=item.action_id)
    first = action.item_count + 1
    unsettled = (await earlier_items(found)).unsettled
    rows = [
        _row(action, one, position, change, unsettled.get(effect_of(one)))
        for position, one in enumerate(found, start=first)
    ]
    await change.create_all(rows, kind=EventType.ITEM_ADDED)
    outcomes = [one.outcome for one in found if one.outcome]
    await change.update(
        action,
        kind=EventType.ACTION_PROGRESSED,
        item_count=action.item_count + len(found),
        finished_count=action.finished_count + len(outcomes),
        attention_count=action.attention_count + sum(outcome in ATTENTION for outcome in outcomes),
    )


async def close_if_done(change: Change, action: Action) -> None:
    """Finish an action that has nothing left to do. It becomes WAITING if an item needs a person."""
    if action.finished_count < action.item_count:
        return
    status = await _end_of(action)
    await change.update(
        action, kind=EventType(f"ACTION_{status}"), status=status, open_scope=None, finished_at=change.at
    )


async def _end_of(action: Action) -> ActionStatus:
    """Return the status of an action whose items all have an outcome."""
    if action.attention_count:
        return ActionStatus.WAITING
    cancelled = await ActionItem.filter(action_id=action.id, outcome=ItemOutcome.CANCELLED).exists()
    return ActionStatus.CANCELLED if cancelled else ActionStatus.COMPLETED
