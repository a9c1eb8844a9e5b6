"""Items that make a CRM record: through four gates, so that each is made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from models import ActionAttempt, ActionItem
from services.actions.attempts import begin, end, fail, failing_with, look_up_at
from services.actions.claims import ClaimLost, Claims, words_of
from services.actions.costs import LaneCosts
from services.actions.kinds import CreateKind
from services.actions.ledger import finish_item
from services.actions.second_look import plan_second_look, report_stray
from services.actions.timing import Timing
from services.crm.errors import CrmError, CrmRefused, CrmUnavailable
from services.planning.foresight import surprise
from services.vocabulary import ItemOutcome, ItemState

NEVER = datetime.min.replace(tzinfo=UTC)

ABSENT = "ABSENT"
"""What a look-up says after which a request counts as never arrived."""

SENT_AGAIN = "SENT_AGAIN"
"""What came of a request whose token the CRM did not take: the same was sent with another one."""


@dataclass
class LaneRun:
    """One run along a lane, what its look-ups cost, and what the last one found."""

    costs: LaneCosts
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
        if matches or item.state == ItemState.SENDING or _unshown(item, matches):
            await self._judge(kind, item, matches, look_up_at(item, run.read_at))
        else:
            await self._send(kind, item)

    async def _judge(
        self, kind: CreateKind, item: ActionItem, matches: Sequence[int], look: ActionAttempt
    ) -> None:
        """What follows for an item from a look that found something, or had to."""
        async with failing_with(look, self._clock):
            if why := _unshown(item, matches) or _ambiguous(matches):
                await self._leave_to_person(item, why, look)
            elif matches:
                await self._record(kind, item, matches[0], look)
            else:
                await self._note_absence(item, look)

    async def _look_up(self, kind: CreateKind, run: LaneRun, items: Sequence[ActionItem]) -> None:
        """One complete read for all items of the lane."""
        same = [one for one in items if one.kind == items[0].kind]
        read_at = self._clock()
        async with run.costs.counted(items[0].kind):
            found = await self._found(kind, same)
        given = await kind.given(same)
        beside = {
            reference: sorted({*found.get(reference, ()), crm_id}) for reference, crm_id in given.items()
        }
        run.found = {**found, **beside}
        run.read_at = read_at
        run.looked_for = frozenset(one.id for one in same)

    async def _found(self, kind: CreateKind, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        """What the CRM shows. A look-up that fails is kept among the attempts of the item that it was for."""
        async with failing_with(look_up_at(items[0], self._clock()), self._clock):
            return await kind.look_up(items)

    async def _note_absence(self, item: ActionItem, look: ActionAttempt) -> None:
        """The record of a request with an open outcome is not there. Only the second time does it count."""
        async with self._claims.hold(item) as change:
            since = item.absent_since or look.started_at
            certain_at = since + timedelta(seconds=self._timing.lag_bound)
            if look.started_at >= certain_at:
                await change.update(
                    item, kind="ITEM_NEVER_ARRIVED", state=ItemState.PENDING, claim_id=None, absent_since=None
                )
                await end(look, ABSENT, self._clock())
            else:
                await change.update(item, kind="ITEM_ABSENT", absent_since=since, next_try_at=certain_at)

    async def _send(self, kind: CreateKind, item: ActionItem) -> None:
        attempt: ActionAttempt | None = None

        async def claim() -> None:
            nonlocal attempt
            if attempt is not None:
                await end(attempt, SENT_AGAIN, self._clock())
            attempt = await self._claim(kind, item)

        try:
            crm_id = await kind.send(item, claim=claim)
            await self._keep(kind, item, crm_id)
        except Exception as error:
            if attempt is None:
                raise
            await fail(attempt, error, self._clock())
            if not isinstance(error, CrmError):
                raise
            await self._after_failure(kind, item, error)
        else:
            if attempt is not None:
                await end(attempt, ItemOutcome.CREATED, self._clock())

    async def _keep(self, kind: CreateKind, item: ActionItem, crm_id: int) -> None:
        """Write down what a request of ours made, or see to it that a person hears of it."""
        try:
            await self._record(kind, item, crm_id)
        except ClaimLost:
            await report_stray(self._claims.events, item, crm_id)
            raise

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
        else:
            await self._claims.explain(item, error)

    async def _settle_duplicate(self, kind: CreateKind, item: ActionItem, error: CrmRefused) -> None:
        look = look_up_at(item, self._clock())
        matches = (await self._found(kind, [item])).get(item.reference, ())
        async with failing_with(look, self._clock):
            if item.expected is None and len(matches) == 1:
                await self._record(kind, item, matches[0], look, outcome=ItemOutcome.ADOPTED)
            else:
                shown = f"The CRM says that it holds this already, but shows it {len(matches)} times."
                await self._leave_to_person(item, f"{shown} {words_of(error)}", look)

    async def _record(
        self,
        kind: CreateKind,
        item: ActionItem,
        crm_id: int,
        look: ActionAttempt | None = None,
        *,
        outcome: ItemOutcome | None = None,
    ) -> None:
        """The CRM id, what it stands for here, and the item's end: in one transaction. `look` is what found it."""
        ended = outcome or (ItemOutcome.CREATED if item.sent_at else ItemOutcome.ADOPTED)
        async with self._claims.hold(item, *await kind.streams(item)) as change:
            await kind.record(change, item, crm_id)
            await finish_item(change, item, ended, crm_id=crm_id)
            if look is not None:
                await end(look, ended, self._clock())

    async def _leave_to_person(self, item: ActionItem, why: str, look: ActionAttempt) -> None:
        async with self._claims.hold(item) as change:
            await finish_item(change, item, ItemOutcome.NEEDS_ATTENTION, explanation=why)
            await end(look, ItemOutcome.NEEDS_ATTENTION, self._clock(), why)


def _ambiguous(found: Sequence[int]) -> str | None:
    """That nobody can tell which of several is meant, in words."""
    if len(found) < 2:
        return None
    return f"The CRM holds this more than once: {', '.join(map(str, found))}."


def _unshown(item: ActionItem, found: Sequence[int]) -> str | None:
    """What the operator was not shown, in words. Where none was shown, what follows a request of ours is its record."""
    if item.expected is None:
        return None
    shown = item.expected["crm_ids"]
    return surprise(item.reference, shown, found) if shown or item.sent_at is None else None
