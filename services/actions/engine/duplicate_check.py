"""A search for duplicates, some time after a lane's last request was sent.

A process that froze with a claim may send its request after the others have decided about its item. This cannot be
prevented without the CRM's help, but it can be noticed: CRM records that the ledger does not account for are reported
to a person. The search only reads, however often it is repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from models import Action, ActionItem
from models.identity import ID_LENGTH
from services.actions.handlers import CreateKind, Result
from services.actions.ledger import Opening, PlannedItem, enqueue_effects, finish_item
from services.crm.protocol import Claim
from services.events import Change, EventLog
from services.planning.actions.preview import UP_TO_DATE, Why
from services.vocabulary import ActionKind, ItemKind, ItemOutcome, ItemReason

ACTOR = "system:second-look"
SHOWN = 20
"""How many duplicates one finding lists. If there are more, the next search lists the next ones."""


async def plan_second_look(change: Change, item: ActionItem, *, delay: float) -> None:
    """Plan one search for everything that is created in the item's lane."""
    await _open(change, item, item.lane, not_before=change.at + timedelta(seconds=delay))


async def report_late_record(events: EventLog, item: ActionItem, crm_id: int) -> None:
    """Report the record of a request that had lost its claim to a person, unless a look-up has adopted it."""
    async with events.change(item.action_id, actor=ACTOR, cause=item.id) as change:
        if await ActionItem.filter(kind=item.kind, key=item.key, crm_id=crm_id).exists():
            return
        action = await _open(change, item, item.id)
        if action is not None:
            finding = await ActionItem.get(action_id=action.id)
            late = Why(
                ItemReason.LATE_RECORD,
                f"A delayed process created the record {crm_id} without its claim: {item.reference}.",
            )
            await finish_item(change, finding, ItemOutcome.NEEDS_ATTENTION, why=late, crm_id=crm_id)


async def _open(
    change: Change, item: ActionItem, key: str, *, not_before: datetime | None = None
) -> Action | None:
    examined = await Action.get(id=item.action_id)
    look = PlannedItem(ItemKind.SECOND_LOOK, key, examined.id, item.label, not_before=not_before)
    links = {name: getattr(examined, name) for name in ("ticket_id", "opportunity_id", "company_id")}
    opened = await enqueue_effects(change, [Opening(ActionKind.SECOND_LOOK, {"key": key}, [look], links)])
    return opened[0] if opened else None


@dataclass(frozen=True, slots=True)
class UnexpectedRecord:
    """The CRM records of one reference, and the first that the ledger does not account for."""

    reference: str
    crm_ids: Sequence[int]
    first: int


class SecondLook:
    """Searches for duplicates of what a lane, or one item, created. Implements
    `services.actions.handlers.RepeatKind`.

    The key of its item is the lane or the id of the examined item. `kinds` are the kinds that created the records,
    with a CRM at background priority.
    """

    def __init__(
        self, kinds: Mapping[str, CreateKind], *, delay: float, clock: Callable[[], datetime]
    ) -> None:
        self._kinds = kinds
        self._delay = timedelta(seconds=delay)
        self._clock = clock

    async def call(self, item: ActionItem, *, claim: Claim) -> datetime | list[UnexpectedRecord]:
        """Return when to come back if it is too early, else the records that the ledger does not account for."""
        items = await _examined_items(item)
        if wait_until := self._too_early_until(items):
            return wait_until
        by_kind: dict[str, list[ActionItem]] = {}
        for one in items:
            if one.kind in self._kinds and one.outcome != ItemOutcome.NEEDS_ATTENTION:
                by_kind.setdefault(one.kind, []).append(one)
        found = [await self._unexpected(self._kinds[name], same) for name, same in by_kind.items()]
        return list(chain.from_iterable(found))

    def _too_early_until(self, items: Sequence[ActionItem]) -> datetime | None:
        """Return when to come back while a request may be in progress or its record may be missing from the search."""
        now = self._clock()
        if any(one.open_key for one in items):
            return now + self._delay
        # A clock that was ahead recorded any later time of sending; such a time is ignored.
        sent = [one.sent_at for one in items if one.sent_at and one.sent_at < now + self._delay]
        ripe_at = max(sent, default=now - self._delay) + self._delay
        return ripe_at if ripe_at > now else None

    async def _unexpected(self, kind: CreateKind, items: Sequence[ActionItem]) -> list[UnexpectedRecord]:
        found = await kind.look_up(items)
        linked = await kind.already_linked(items)
        accounted = ActionItem.filter(kind=items[0].kind, key__in=[one.key for one in items])
        known = {*linked.values(), *await accounted.values_list("crm_id", flat=True)}
        held = [(one.reference, found.get(one.reference, ())) for one in items]
        return [
            UnexpectedRecord(reference, crm_ids, min(unexpected))
            for reference, crm_ids in held
            if (unexpected := set(crm_ids) - known or _all_but_one(crm_ids, linked.get(reference)))
        ]

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """The examined action: its lock keeps it from being retried between our last read and the end."""
        return [item.reference]

    async def apply(
        self, change: Change, item: ActionItem, response: datetime | list[UnexpectedRecord]
    ) -> Result:
        if isinstance(response, datetime):
            return Result(ItemOutcome.UNCHANGED, more=True, not_before=response)
        if wait_until := self._too_early_until(await _examined_items(item)):
            return Result(ItemOutcome.UNCHANGED, more=True, not_before=wait_until)
        if not response:
            return Result(ItemOutcome.UNCHANGED, UP_TO_DATE)
        named = (f"{one.reference}: {', '.join(map(str, one.crm_ids))}" for one in response[:SHOWN])
        several = Why(
            ItemReason.FOUND_TWICE,
            f"The CRM holds more of these records than we created. {'; '.join(named)}.",
        )
        return Result(ItemOutcome.NEEDS_ATTENTION, several, crm_id=response[0].first)

    async def resend_after_race(self, change: Change, item: ActionItem) -> None:
        """Do nothing: the search only reads."""


def _all_but_one(crm_ids: Sequence[int], kept: int | None) -> set[int]:
    """Return the duplicates among records that we created: all but one.

    A request that counted as lost may have succeeded.
    """
    kept = kept if kept in crm_ids else max(crm_ids, default=None)
    return set(crm_ids) - {kept}


async def _examined_items(item: ActionItem) -> list[ActionItem]:
    named = {"id" if len(item.key) == ID_LENGTH else "lane": item.key}
    return await ActionItem.filter(**named).order_by("position")
