"""Items that create a CRM record. Each passes four gates, so that each record is made once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from models import ActionAttempt, ActionItem
from services.actions.budget.lookup_costs import LaneCosts
from services.actions.engine.attempts import begin, end, fail, failing_with, look_up_at
from services.actions.engine.claims import ClaimLost, Claims, crm_words, why
from services.actions.engine.duplicate_check import plan_second_look, report_late_record
from services.actions.engine.timing import UNANSWERED_CREATES, Timing
from services.actions.handlers import Created, CreateKind
from services.actions.ledger import finish_item
from services.crm.errors import CrmError, CrmOutcomeUnknown, CrmRefused, CrmUnavailable
from services.events import Change, EventType
from services.planning.actions.preview import Why, found_twice, surprise
from services.vocabulary import AttemptResult, AttemptStep, ItemOutcome, ItemReason, ItemState

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class LaneRun:
    """One run of a lane: the cost of its look-ups, and what the last one found."""

    costs: LaneCosts
    found: Mapping[str, Sequence[int]] = field(default_factory=dict)
    looked_for: frozenset[str] = frozenset()
    read_at: datetime = NEVER


class Creates:
    def __init__(self, claims: Claims, timing: Timing, steady_since: Callable[[], datetime]) -> None:
        self._claims = claims
        self._clock = claims.clock
        self._timing = timing
        self._steady_since = steady_since

    async def advance(self, kind: CreateKind, run: LaneRun, items: Sequence[ActionItem]) -> None:
        item = items[0]
        if item.state == ItemState.PENDING and (skip := await kind.reason_to_skip(item)):
            await self._claims.finish(item, ItemOutcome.SKIPPED, skip)
            return
        if item.state == ItemState.SENDING or item.id not in run.looked_for:
            await self._look_up(kind, run, items)
        matches = run.found.get(item.reference, ())
        if matches or item.state == ItemState.SENDING or _differs_from_shown(item, matches):
            await self._judge(kind, item, matches, look_up_at(item, run.read_at))
        else:
            await self._send(kind, run, item)

    async def _judge(
        self, kind: CreateKind, item: ActionItem, matches: Sequence[int], look: ActionAttempt
    ) -> None:
        """Decide about an item after a look-up that found a record or had to find one."""
        async with failing_with(look, self._clock):
            if doubt := _differs_from_shown(item, matches) or _ambiguous(matches):
                await self._leave_to_person(item, doubt, look)
            elif matches:
                await self._record_found(kind, item, matches[0], look)
            else:
                await self._note_absence(item, look)

    async def _look_up(self, kind: CreateKind, run: LaneRun, items: Sequence[ActionItem]) -> None:
        """Look up all items of the lane in one complete read."""
        same = [one for one in items if one.kind == items[0].kind]
        read_at = self._clock()
        async with run.costs.counted(items[0].kind):
            found = await self._found(kind, same)
        linked = await kind.already_linked(same)
        beside = {
            reference: sorted({*found.get(reference, ()), crm_id}) for reference, crm_id in linked.items()
        }
        run.found = {**found, **beside}
        run.read_at = read_at
        run.looked_for = frozenset(one.id for one in same)

    async def _found(self, kind: CreateKind, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        """Return what the CRM holds. A look-up that fails is stored as an attempt of the item it was for."""
        async with failing_with(look_up_at(items[0], self._clock()), self._clock):
            return await kind.look_up(items)

    async def _note_absence(self, item: ActionItem, look: ActionAttempt) -> None:
        """Handle a request with an unknown outcome whose record is not there. Absence counts only the second time."""
        async with self._claims.locked(item) as change:
            since, certain_at = self._absence(item, look)
            if look.started_at >= certain_at:
                await self._note_lost_request(change, item, look)
            else:
                await change.update(
                    item,
                    kind=EventType.ITEM_ABSENT,
                    absent_since=since,
                    postponed_at=None,
                    next_try_at=certain_at,
                )

    def _absence(self, item: ActionItem, look: ActionAttempt) -> tuple[datetime, datetime]:
        """Return since when the record has been absent, and when a look-up that still does not find it is proof.

        Only time that this process has measured counts. If the clock jumped, or another process ran before, the
        absence starts with this look-up, and the request may still take effect for as long as one sent now.
        """
        steady_since = self._steady_since()
        since = item.absent_since
        if since is None or since < steady_since:
            since = look.started_at
        settled_at = since
        if item.sent_at is not None and item.sent_at < steady_since:
            settled_at = max(since, steady_since + self._timing.lease)
        return since, settled_at + timedelta(seconds=self._timing.lag_bound)

    async def _note_lost_request(self, change: Change, item: ActionItem, look: ActionAttempt) -> None:
        """Have the request sent again. If the CRM has lost too many, finish the item, so that its lane goes on."""
        lost = item.unanswered_count + 1
        if lost >= UNANSWERED_CREATES:
            explanation = (
                f"The CRM was asked {lost} times to create this and holds none. {item.explanation or ''}"
            ).rstrip()
            await finish_item(
                change,
                item,
                ItemOutcome.NEEDS_ATTENTION,
                why=Why(ItemReason.REQUESTS_LOST, explanation),
                crm_words=item.crm_words,
            )
            await end(look, ItemOutcome.NEEDS_ATTENTION, self._clock())
            return
        await change.update(
            item,
            kind=EventType.ITEM_REQUEST_LOST,
            state=ItemState.PENDING,
            claim_id=None,
            absent_since=None,
            unanswered_count=lost,
        )
        await end(look, AttemptResult.ABSENT, self._clock())

    async def _send(self, kind: CreateKind, run: LaneRun, item: ActionItem) -> None:
        attempt: ActionAttempt | None = None

        async def claim() -> None:
            nonlocal attempt
            if attempt is not None:
                await end(attempt, AttemptResult.SENT_AGAIN, self._clock())
            attempt = await self._claim(kind, item)

        try:
            created = await kind.send(item, claim=claim)
            answered_at = self._clock()
            async with run.costs.reading_back():
                await _confirm(kind, item, created.crm_id)
            await self._keep(kind, item, created)
        except Exception as error:
            if attempt is None:
                raise
            await fail(attempt, error, self._clock())
            if not isinstance(error, CrmError):
                raise
            await self._after_failure(kind, item, error)
        else:
            if attempt is not None:
                # The read that confirms may have waited for a call slot, which is no part of the create's duration.
                await end(attempt, ItemOutcome.CREATED, answered_at)

    async def _keep(self, kind: CreateKind, item: ActionItem, created: Created) -> None:
        """Store the record that our request created, or report it to a person if the claim is lost."""
        try:
            await self._record(kind, item, created)
        except ClaimLost:
            await report_late_record(self._claims.events, item, created.crm_id)
            raise

    async def _claim(self, kind: CreateKind, item: ActionItem) -> ActionAttempt:
        """Claim the item, so that this executor alone sends it, or raise ClaimLost.

        An unwanted item is finished as SKIPPED.
        """
        attempt = None
        async with self._claims.locked(item, *await kind.streams(item)) as change:
            if skip := await kind.reason_to_skip(item):
                await finish_item(change, item, ItemOutcome.SKIPPED, why=skip)
            else:
                await self._claims.mark_claimed(change, item)
                attempt = await begin(item, AttemptStep.SEND, change.at)
                if delay := self._timing.second_look_after:
                    await plan_second_look(change, item, delay=delay)
        if attempt is None:
            raise ClaimLost
        return attempt

    async def _after_failure(self, kind: CreateKind, item: ActionItem, error: CrmError) -> None:
        """Handle the failure of a request that was sent or tried.

        If it surely wrote nothing, the claim is given back.
        """
        if isinstance(error, CrmUnavailable):
            await self._claims.release(item)
            await self._claims.postpone(item, error)
        elif isinstance(error, CrmRefused) and error.duplicate:
            await self._settle_duplicate(kind, item, error)
        elif isinstance(error, CrmRefused):
            await self._claims.finish(item, ItemOutcome.FAILED, why(error), crm_words(error))
        else:
            await self._claims.note_unknown_outcome(item, error)

    async def _settle_duplicate(self, kind: CreateKind, item: ActionItem, error: CrmRefused) -> None:
        look = look_up_at(item, self._clock())
        matches = (await self._found(kind, [item])).get(item.reference, ())
        async with failing_with(look, self._clock):
            if item.expected is None and len(matches) == 1:
                await self._record_found(kind, item, matches[0], look, outcome=ItemOutcome.ADOPTED)
            else:
                shown = f"The CRM says that it holds this already, but shows it {len(matches)} times."
                doubt = Why(ItemReason.SAID_TO_EXIST, f"{shown} {error.message}")
                await self._leave_to_person(item, doubt, look, crm_words(error))

    async def _record_found(
        self,
        kind: CreateKind,
        item: ActionItem,
        crm_id: int,
        look: ActionAttempt,
        *,
        outcome: ItemOutcome | None = None,
    ) -> None:
        found = Created(crm_id, await kind.examine(item, crm_id))
        await self._record(kind, item, found, look, outcome=outcome)

    async def _record(
        self,
        kind: CreateKind,
        item: ActionItem,
        created: Created,
        look: ActionAttempt | None = None,
        *,
        outcome: ItemOutcome | None = None,
    ) -> None:
        """Store the CRM id, its effect here and the item's end in one transaction.

        `look` is the look-up that found it.
        """
        ended = outcome or (ItemOutcome.CREATED if item.sent_at else ItemOutcome.ADOPTED)
        async with self._claims.locked(item, *await kind.streams(item)) as change:
            await kind.record(change, item, created.crm_id, created.details)
            adopted = Why(ItemReason.ALREADY_THERE) if ended is ItemOutcome.ADOPTED else None
            await finish_item(change, item, ended, why=adopted, crm_id=created.crm_id)
            if look is not None:
                await end(look, ended, self._clock())

    async def _leave_to_person(
        self, item: ActionItem, doubt: Why, look: ActionAttempt, crm_words: str | None = None
    ) -> None:
        async with self._claims.locked(item) as change:
            await finish_item(change, item, ItemOutcome.NEEDS_ATTENTION, why=doubt, crm_words=crm_words)
            await end(look, ItemOutcome.NEEDS_ATTENTION, self._clock(), doubt.explanation, crm_words)


async def _confirm(kind: CreateKind, item: ActionItem, crm_id: int) -> None:
    """Read the record with the id from the CRM's answer, because the answer may have lost some of its digits.

    If that record cannot be read or does not carry our reference, the outcome is unknown: a record was made
    somewhere.
    """
    try:
        carries = await kind.carries(item, crm_id)
    except CrmError as error:
        raise CrmOutcomeUnknown(
            f"The CRM answered {crm_id}, which could not be read. {error.message}",
            crm_message=error.crm_message,
        ) from error
    if not carries:
        raise CrmOutcomeUnknown(
            f"The CRM answered {crm_id}, and that record does not carry {item.reference}."
        )


def _ambiguous(found: Sequence[int]) -> Why | None:
    """Return why a person has to choose if there are several candidates, which cannot be distinguished."""
    return None if len(found) < 2 else found_twice(found)


def _differs_from_shown(item: ActionItem, found: Sequence[int]) -> Why | None:
    """Return why nothing is done if the CRM holds what the operator was not shown.

    If no record was shown, the one that follows our own request is expected.
    """
    if item.expected is None:
        return None
    shown = item.expected["crm_ids"]
    return surprise(item.reference, shown, found) if shown or item.sent_at is None else None
