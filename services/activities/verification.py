"""Compares an opportunity's activities in the CRM with the desired content and plans what follows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models import ActionItem, CrmActivity, Opportunity
from services.actions import PlannedItem, Result
from services.actions.engine.timing import always
from services.actions.ledger import add_items, left_to_person
from services.activities.generation import MARKS, carriers_of, list_activities, survey_milestones
from services.activities.mirror import list_standing, mark_in_sync, note_missing, note_strayed, shadow_facts
from services.crm.protocol import Claim, Crm
from services.crm.records import ActivityRecord
from services.crm.references import unmark
from services.events import Change, EventType
from services.planning.actions.plan_token import Facts, mark_of
from services.planning.actions.preview import NOT_AS_SHOWN, UP_TO_DATE, Why
from services.planning.activities.activity_generator import (
    ActivityOutcome,
    ActivityPlan,
    OpportunityIsMissing,
    ShadowFacts,
)
from services.planning.calendar import WorkCalendar
from services.planning.tickets.workflow import TicketIsCancelled
from services.vocabulary import ItemOutcome, ItemReason


@dataclass(frozen=True, slots=True)
class ActivitiesSnapshot:
    """The `records` of an opportunity's activities and of its shadows, wherever they are now, by their CRM ids.

    `read_at` is when the look-up began. `carriers` are the activity ids by the reference that they carry. `gone` are
    the records that the CRM no longer has; the opportunity itself may be missing too.
    """

    read_at: datetime
    records: Mapping[int, ActivityRecord]
    carriers: Facts
    gone: Collection[int]
    opportunity_is_missing: bool


async def read_activities(
    crm: Crm,
    opportunity: Opportunity,
    *,
    read_at: datetime,
    asked_at: datetime,
    lag_bound: timedelta,
    asking: int | None = None,
) -> ActivitiesSnapshot:
    """Do one complete look-up, as of `asked_at`. A shadow that it does not show is read by its id.

    `lag_bound` is how long a new record may be missing from the CRM's search. A preview reads only `asking` ids and
    takes the others for gone.
    """
    listed = await list_activities(crm, opportunity)
    records = {one.id: one for one in listed}
    unlisted = [one for one in await list_standing(opportunity) if one.crm_id not in records]
    records |= await _read_by_id(crm, unlisted[:asking], made_before=asked_at - lag_bound)
    there = not unlisted or await _is_there(crm, opportunity)
    gone = frozenset(one.crm_id for one in unlisted) - records.keys()
    return ActivitiesSnapshot(read_at, records, carriers_of(listed), gone, not there)


async def _read_by_id(
    crm: Crm, shadows: Sequence[CrmActivity], *, made_before: datetime
) -> dict[int, ActivityRecord]:
    """Read the shadows by id. An older record that only its id still shows counts as deleted."""
    answers = [(one, await crm.get_activity(one.crm_id)) for one in shadows]
    records = {one.crm_id: record for one, record in answers if record is not None}
    settled = {one.crm_id for one in shadows if one.crm_id in records and one.created_at <= made_before}
    deleted = settled - set(await crm.list_living(settled))
    return {crm_id: record for crm_id, record in records.items() if crm_id not in deleted}


async def _is_there(crm: Crm, opportunity: Opportunity) -> bool:
    found = await crm.get_opportunity(opportunity.crm_id)
    return found is not None and found.id == opportunity.crm_id


@dataclass(frozen=True, slots=True)
class Finding:
    """The state of a shadow in the CRM and the ledger's entry for it. A plan token holds both as one `mark`."""

    plan: ActivityPlan
    shadow: CrmActivity
    facts: ShadowFacts
    item: PlannedItem
    mark: int
    is_on_the_way: bool


async def compare(
    opportunity: Opportunity, snapshot: ActivitiesSnapshot | None, *, calendar: WorkCalendar
) -> list[Finding]:
    """Return a finding for each shadow that should exist. Without a look-up, our copy is the state."""
    survey = await survey_milestones(opportunity)
    facts = {
        milestone_id: found
        for milestone_id, shadow in survey.shadows.items()
        if shadow.missing_since is None
        if (found := _seen(shadow, opportunity, snapshot, calendar)) is not None
    }
    seen = replace(
        survey,
        milestones=[replace(one, shadow=facts.get(one.id, one.shadow)) for one in survey.milestones],
    )
    is_missing = opportunity.missing_since is not None or (
        snapshot is not None and snapshot.opportunity_is_missing
    )
    carriers = snapshot.carriers if snapshot else {}
    return [
        Finding(
            plan,
            survey.shadows[plan.milestone_id],
            facts[plan.milestone_id],
            seen.item(plan),
            _mark(plan, carriers),
            survey.shadows[plan.milestone_id].id in survey.on_the_way,
        )
        for plan in seen.plan(opportunity_is_missing=is_missing)
        if plan.milestone_id in facts
    ]


def _seen(
    shadow: CrmActivity, opportunity: Opportunity, snapshot: ActivitiesSnapshot | None, calendar: WorkCalendar
) -> ShadowFacts | None:
    """Return the state of a shadow. None: it was created after the look-up."""
    if snapshot is None:
        return shadow_facts(shadow)
    if shadow.crm_id in snapshot.gone:
        return replace(shadow_facts(shadow), is_missing=True)
    record, reference = snapshot.records.get(shadow.crm_id), shadow.wanted["reference"]
    if record is None:
        return None
    if not record.carries(reference) and snapshot.carriers.get(reference):
        # Another record carries the reference, so that one represents the milestone.
        return replace(shadow_facts(shadow), is_missing=True)
    return ShadowFacts(
        crm_id=record.id,
        subject=unmark(record.subject),
        due_on=calendar.today(record.starts_at) if record.starts_at else None,
        owner_crm_id=record.owner_id,
        completed=record.completed,
        is_ours=record.carries(reference),
        is_marked=record.reference == reference,
        is_linked=record.opportunity_id == opportunity.crm_id,
    )


def _mark(plan: ActivityPlan, carriers: Facts) -> int:
    found = carriers.get(plan.content.reference, ()) if plan.crm_id is None else ()
    return mark_of([plan.milestone_id, plan.outcome, plan.crm_id, plan.changes, found])


def check_result(items: Sequence[PlannedItem]) -> Result:
    """Return the result of the check from the outcomes, or the open work, of its items."""
    well = all(item.outcome is ItemOutcome.UNCHANGED for item in items)
    return Result(ItemOutcome.UNCHANGED, UP_TO_DATE) if well else Result(ItemOutcome.UPDATED)


class ActivityCheck:
    """Compares the activities of one opportunity with the desired content and adds the work to its action.

    `lag_bound`: the seconds for which a new record may be missing from the CRM's search. Implements
    `services.actions.handlers.RepeatKind`.
    """

    def __init__(
        self,
        crm: Crm,
        *,
        calendar: WorkCalendar,
        clock: Callable[[], datetime],
        lag_bound: float,
        steady_since: Callable[[], datetime] = always,
    ) -> None:
        self._crm = crm
        self._calendar = calendar
        self._clock = clock
        self._steady_since = steady_since
        self._lag_bound = timedelta(seconds=lag_bound)

    async def call(self, item: ActionItem, *, claim: Claim) -> ActivitiesSnapshot:
        opportunity = await Opportunity.get(id=item.key)
        return await read_activities(
            self._crm,
            opportunity,
            read_at=self._clock(),
            asked_at=item.created_at,
            lag_bound=self._lag_bound,
        )

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return [(await Opportunity.get(id=item.key)).tree_id]

    async def apply(self, change: Change, item: ActionItem, snapshot: ActivitiesSnapshot) -> Result:
        opportunity = await Opportunity.get(id=item.key)
        if not snapshot.opportunity_is_missing and (
            certain_at := await self._note_unseen(change, item, opportunity, snapshot)
        ):
            return Result(ItemOutcome.UNCHANGED, more=True, not_before=certain_at)
        try:
            findings = await compare(opportunity, snapshot, calendar=self._calendar)
        except TicketIsCancelled as refusal:
            return Result(ItemOutcome.SKIPPED, Why(ItemReason.CALLED_OFF, refusal.message))
        except OpportunityIsMissing as refusal:
            gone = Why(ItemReason.DELETED, f"{refusal.message} Synchronise it.")
            return Result(ItemOutcome.NEEDS_ATTENTION, gone)
        marks = None if item.expected is None else {*item.expected[MARKS]}
        taken = [await self._record_finding(change, one, opportunity, snapshot, marks) for one in findings]
        await add_items(change, item, taken)
        if marks is not None and marks != {one.mark for one in findings}:
            return Result(ItemOutcome.NEEDS_ATTENTION, NOT_AS_SHOWN)
        return check_result(taken)

    async def resend_after_race(self, change: Change, item: ActionItem) -> None:
        """A look-up sends nothing."""

    async def _note_unseen(
        self, change: Change, item: ActionItem, opportunity: Opportunity, snapshot: ActivitiesSnapshot
    ) -> datetime | None:
        """Return when to look again, because a record was missing in only one look-up so far. None: no doubt is left.

        Otherwise a CRM that hides records for a moment would get each of them a second time.
        """
        doubts = []
        first_look_after = max(item.created_at, self._steady_since())
        for shadow in await list_standing(opportunity):
            if shadow.crm_id not in snapshot.gone:
                await change.update(shadow, kind=EventType.SHADOW_FOUND_AGAIN, unseen_since=None)
                continue
            since = shadow.unseen_since
            if since is None or not first_look_after <= since <= snapshot.read_at:
                since = snapshot.read_at
                await change.update(shadow, kind=EventType.SHADOW_NOT_FOUND, unseen_since=since)
            if snapshot.read_at < since + self._lag_bound:
                doubts.append(since + self._lag_bound)
        return max(doubts, default=None)

    async def _record_finding(
        self,
        change: Change,
        finding: Finding,
        opportunity: Opportunity,
        snapshot: ActivitiesSnapshot,
        marks: Collection[int] | None,
    ) -> PlannedItem:
        """Record the state of a shadow and return what is to be done. What the preview did not show is left alone."""
        item, shadow, content = finding.item, finding.shadow, finding.plan.content
        if marks is not None and finding.mark not in marks:
            return left_to_person(item, NOT_AS_SHOWN)
        if finding.facts.is_missing:
            await note_missing(change, shadow)
            carriers = [*snapshot.carriers.get(item.reference, ())]
            return replace(item, expected=None if marks is None and not carriers else {"crm_ids": carriers})
        if item.outcome is None:
            await note_strayed(change, shadow, content, finding.facts, opportunity=opportunity)
        elif finding.plan.outcome is ActivityOutcome.UNCHANGED and not finding.is_on_the_way:
            await mark_in_sync(change, shadow, content, finding.facts)
        return item
