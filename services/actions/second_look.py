"""A look for doubles, some time after a lane's last request left.

A process that froze behind its claim may send when everybody else has long judged its item. Nobody can keep it from
that without the CRM's help, but nobody has to overlook it either: what the CRM holds beyond what the ledger accounts
for waits for a person. Looking is all that happens here, however often it is repeated.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from models import Action, ActionItem
from models.identity import ID_LENGTH
from services.actions.kinds import CreateKind, Result
from services.actions.ledger import PlannedItem, enqueue_item, finish_item
from services.crm.protocol import Claim
from services.events import Change, EventLog
from services.vocabulary import ActionKind, ItemOutcome

LOOK = "SECOND_LOOK"
ACTOR = "system:second-look"
SHOWN = 20
"""The number of doubles that one finding names; where there are more, looking again names the next ones."""


async def plan_second_look(change: Change, item: ActionItem, *, delay: float) -> None:
    """See to it that somebody looks, once for all that is made in the item's lane."""
    await _open(change, item, item.lane, not_before=change.at + timedelta(seconds=delay))


async def report_stray(events: EventLog, item: ActionItem, crm_id: int) -> None:
    """Put down for a person that a request which had lost its claim made a record; not if it was found and taken."""
    async with events.change(item.action_id, actor=ACTOR, cause=item.id) as change:
        if await ActionItem.filter(kind=item.kind, key=item.key, crm_id=crm_id).exists():
            return
        action = await _open(change, item, item.id)
        if action is not None:
            finding = await ActionItem.get(action_id=action.id)
            words = f"A process that was held up made the record {crm_id} after its turn: {item.reference}."
            await finish_item(change, finding, ItemOutcome.NEEDS_ATTENTION, explanation=words, crm_id=crm_id)


async def _open(
    change: Change, item: ActionItem, key: str, *, not_before: datetime | None = None
) -> Action | None:
    looked_at = await Action.get(id=item.action_id)
    return await enqueue_item(
        change,
        ActionKind.SECOND_LOOK,
        PlannedItem(LOOK, key, looked_at.id, item.label, not_before=not_before),
        scope={"key": key},
        ticket_id=looked_at.ticket_id,
        opportunity_id=looked_at.opportunity_id,
        company_id=looked_at.company_id,
    )


@dataclass(frozen=True, slots=True)
class Surplus:
    """The CRM's records of one reference, and the first that nothing accounts for."""

    reference: str
    crm_ids: Sequence[int]
    first: int


class SecondLook:
    """Looks at what the items of a lane, or one item, made. Fulfils `services.actions.kinds.RepeatKind`.

    Its key is the lane, or the item's id. `kinds` are the ones that made it, over a CRM for which nobody waits.
    """

    def __init__(
        self, kinds: Mapping[str, CreateKind], *, delay: float, clock: Callable[[], datetime]
    ) -> None:
        self._kinds = kinds
        self._delay = timedelta(seconds=delay)
        self._clock = clock

    async def talk(self, item: ActionItem, *, claim: Claim) -> datetime | list[Surplus]:
        """When to come back, while it is too early to tell; else what nothing accounts for."""
        items = await _looked_at(item)
        if wait_until := self._unripe(items):
            return wait_until
        by_kind: dict[str, list[ActionItem]] = {}
        for one in items:
            if one.kind in self._kinds and one.outcome != ItemOutcome.NEEDS_ATTENTION:
                by_kind.setdefault(one.kind, []).append(one)
        found = [await self._surplus(self._kinds[name], same) for name, same in by_kind.items()]
        return list(chain.from_iterable(found))

    def _unripe(self, items: Sequence[ActionItem]) -> datetime | None:
        """When to come back, where a request may be under way or not be shown by the CRM's search yet."""
        now = self._clock()
        if any(one.open_key for one in items):
            return now + self._delay
        # What was sent later still was told by a clock that was ahead, and nobody waits for its time.
        sent = [one.sent_at for one in items if one.sent_at and one.sent_at < now + self._delay]
        ripe_at = max(sent, default=now - self._delay) + self._delay
        return ripe_at if ripe_at > now else None

    async def _surplus(self, kind: CreateKind, items: Sequence[ActionItem]) -> list[Surplus]:
        found = await kind.look_up(items)
        given = await kind.given(items)
        accounted = ActionItem.filter(kind=items[0].kind, key__in=[one.key for one in items])
        known = {*given.values(), *await accounted.values_list("crm_id", flat=True)}
        held = [(one.reference, found.get(one.reference, ())) for one in items]
        return [
            Surplus(reference, crm_ids, min(beyond))
            for reference, crm_ids in held
            if (beyond := set(crm_ids) - known)
        ]

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """The action that is looked at: nobody sets it going again between our last glance at it and the end."""
        return [item.reference]

    async def apply(self, change: Change, item: ActionItem, heard: datetime | list[Surplus]) -> Result:
        if isinstance(heard, datetime):
            return Result(ItemOutcome.UNCHANGED, more=True, not_before=heard)
        if wait_until := self._unripe(await _looked_at(item)):
            return Result(ItemOutcome.UNCHANGED, more=True, not_before=wait_until)
        if not heard:
            return Result(ItemOutcome.UNCHANGED)
        named = (f"{one.reference}: {', '.join(map(str, one.crm_ids))}" for one in heard[:SHOWN])
        words = f"The CRM holds more of these than was made. {'; '.join(named)}."
        return Result(ItemOutcome.NEEDS_ATTENTION, words, crm_id=heard[0].first)

    async def say_again(self, change: Change, item: ActionItem) -> None:
        """Looking says nothing."""


async def _looked_at(item: ActionItem) -> list[ActionItem]:
    named = {"id" if len(item.key) == ID_LENGTH else "lane": item.key}
    return await ActionItem.filter(**named).order_by("position")
