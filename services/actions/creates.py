"""Items that make a CRM record: through four gates, so that each is made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from models import ActionAttempt, ActionItem
from services.actions.claims import ClaimLost, Claims, begin, end, words_of
from services.actions.kinds import CreateKind
from services.actions.ledger import finish_item
from services.actions.second_look import plan_second_look, report_stray
from services.actions.timing import Timing
from services.crm.errors import CrmError, CrmRefused, CrmUnavailable
from services.planning.foresight import surprise
from services.vocabulary import ItemOutcome, ItemState

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class LaneRun:
    """One run along a lane, and what its last look-up found."""

    found: Mapping[str, Sequence[int]] = field(default_factory=dict)
    looked_for: frozenset[str] = frozenset()
    read_at: datetime = NEVER


class Creates:
    def __init__(self, claims: Claims, timing: Timing) -> None:
        self._claims = claims
        self._clock = claims.clock
        self._timing = timing

    async def advance(self, kind: CreateKind, run: LaneRun, items: Sequence[ActionItem]) -> None:
        item = items[0]
        if item.state == ItemState.PENDING and (why := await kind.objection(item)):
            await self._claims.finish(item, ItemOutcome.SKIPPED, why)
            return
        if item.state == ItemState.SENDING or item.id not in run.looked_for:
            await self._look_up(kind, run, items)
        matches = run.found.get(item.reference, ())
        if unshown := _unshown(item, matches):
            await self._claims.finish(item, ItemOutcome.NEEDS_ATTENTION, unshown)
        elif len(matches) > 1:
            ids = ", ".join(map(str, matches))
            await self._claims.finish(
                item, ItemOutcome.NEEDS_ATTENTION, f"The CRM holds this more than once: {ids}."
            )
        elif matches:
            await self._record(kind, item, matches[0])
        elif item.state == ItemState.SENDING:
            await self._note_absence(item, run.read_at)
        else:
            await self._send(kind, item)

    async def _look_up(self, kind: CreateKind, run: LaneRun, items: Sequence[ActionItem]) -> None:
        """One complete read for all items of the lane."""
        same = [one for one in items if one.kind == items[0].kind]
        read_at = self._clock()
        found = await self._found(kind, same)
        given = await kind.given(same)
        run.found = {**found, **{reference: [crm_id] for reference, crm_id in given.items()}}
        run.read_at = read_at
        run.looked_for = frozenset(one.id for one in same)

    async def _found(self, kind: CreateKind, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        """What the CRM shows. A look-up that fails is kept among the attempts of the item that it was for."""
        began_at = self._clock()
        try:
            return await kind.look_up(items)
        except CrmError as error:
            attempt = await begin(items[0], "LOOK_UP", began_at)
            await end(attempt, type(error).__name__, self._clock(), words_of(error))
            raise

    async def _note_absence(self, item: ActionItem, read_at: datetime) -> None:
        """The record of a request with an open outcome is not there. Only the second time does it count."""
        async with self._claims.hold(item) as change:
            since = item.absent_since or read_at
            certain_at = since + timedelta(seconds=self._timing.lag_bound)
            if read_at >= certain_at:
                await change.update(
                    item, kind="ITEM_NEVER_ARRIVED", state=ItemState.PENDING, claim_id=None, absent_since=None
                )
            else:
                await change.update(item, kind="ITEM_ABSENT", absent_since=since, next_try_at=certain_at)

    async def _send(self, kind: CreateKind, item: ActionItem) -> None:
        attempt: ActionAttempt | None = None

        async def claim() -> None:
            nonlocal attempt
            attempt = await self._claim(kind, item)

        try:
            crm_id = await kind.send(item, claim=claim)
        except CrmError as error:
            if attempt is None:
                raise
            await end(attempt, type(error).__name__, self._clock(), words_of(error))
            await self._after_failure(kind, item, error)
            return
        try:
            await self._record(kind, item, crm_id)
        except ClaimLost as lost:
            if attempt is not None:
                await end(attempt, type(lost).__name__, self._clock())
            await report_stray(self._claims.events, item, crm_id)
            raise
        if attempt is not None:
            await end(attempt, ItemOutcome.CREATED, self._clock())

    async def _claim(self, kind: CreateKind, item: ActionItem) -> ActionAttempt:
        """Become the only one who sends this item, or raise ClaimLost. What nobody wants any more ends here."""
        attempt = None
        async with self._claims.hold(item, *await kind.streams(item)) as change:
            if why := await kind.objection(item):
                await finish_item(change, item, ItemOutcome.SKIPPED, explanation=why)
            else:
                await self._claims.take(change, item)
                attempt = await begin(item, "SEND", change.at)
                if delay := self._timing.looks_again_after:
                    await plan_second_look(change, item, delay=delay)
        if attempt is None:
            raise ClaimLost
        return attempt

    async def _after_failure(self, kind: CreateKind, item: ActionItem, error: CrmError) -> None:
        """A request of ours has left, or tried to. What is surely not written gives the claim back."""
        if isinstance(error, CrmUnavailable):
            await self._claims.release(item)
            await self._claims.postpone(item, error)
        elif isinstance(error, CrmRefused) and error.duplicate:
            await self._settle_duplicate(kind, item, error)
        elif isinstance(error, CrmRefused):
            await self._claims.finish(item, ItemOutcome.FAILED, words_of(error))

    async def _settle_duplicate(self, kind: CreateKind, item: ActionItem, error: CrmRefused) -> None:
        matches = (await kind.look_up([item])).get(item.reference, ())
        if item.expected is None and len(matches) == 1:
            await self._record(kind, item, matches[0], outcome=ItemOutcome.ADOPTED)
        else:
            shown = f"The CRM says that it holds this already, but shows it {len(matches)} times."
            await self._claims.finish(item, ItemOutcome.NEEDS_ATTENTION, f"{shown} {words_of(error)}")

    async def _record(
        self, kind: CreateKind, item: ActionItem, crm_id: int, outcome: ItemOutcome | None = None
    ) -> None:
        """The CRM id, what it stands for here, and the item's end: in one transaction."""
        ours = ItemOutcome.CREATED if item.sent_at else ItemOutcome.ADOPTED
        async with self._claims.hold(item, *await kind.streams(item)) as change:
            await kind.record(change, item, crm_id)
            await finish_item(change, item, outcome or ours, crm_id=crm_id)


def _unshown(item: ActionItem, found: Sequence[int]) -> str | None:
    """What the operator was not shown, in words. Where none was shown, what follows a request of ours is its record."""
    if item.expected is None:
        return None
    shown = item.expected["crm_ids"]
    return surprise(item.reference, shown, found) if shown or item.sent_at is None else None
