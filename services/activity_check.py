"""Whether the CRM still holds the activities of an opportunity's milestones as we want them, and what follows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models import ActionItem, CrmActivity, Opportunity
from services.actions import PlannedItem, Result
from services.actions.ledger import add_items
from services.activities import MARKS, carriers_of, list_activities, survey_milestones
from services.crm.protocol import Claim, Crm
from services.crm.records import ActivityRecord
from services.crm.references import unmark
from services.events import Change
from services.planning.activity_generator import (
    ActivityOutcome,
    ActivityPlan,
    OpportunityIsMissing,
    ShadowFacts,
)
from services.planning.calendar import WorkCalendar
from services.planning.foresight import NOT_AS_SHOWN
from services.planning.plan_token import Facts, mark_of
from services.planning.workflow import TicketIsCancelled
from services.shadows import list_standing, note_missing, note_strayed, note_well, shadow_facts
from services.vocabulary import ItemOutcome


@dataclass(frozen=True, slots=True)
class HeardActivities:
    """The `records` of an opportunity's activities, and of its shadows wherever they are now, by their CRM ids.

    `carriers` are the ids of its activities by the references that they carry. The CRM no longer has those that are
    `gone`, or not even the opportunity.
    """

    records: Mapping[int, ActivityRecord]
    carriers: Facts
    gone: Collection[int]
    opportunity_is_missing: bool


async def read_activities(
    crm: Crm,
    opportunity: Opportunity,
    *,
    asked_at: datetime,
    lag_bound: timedelta,
    asking: int | None = None,
) -> HeardActivities:
    """One complete look-up, as of `asked_at`. Whatever it does not show of ours is asked for by its id.

    `lag_bound` is for how long a new record may be missing from the CRM's search. A preview may ask for so many only,
    and takes the others for gone.
    """
    listed = await list_activities(crm, opportunity)
    records = {one.id: one for one in listed}
    unlisted = [one for one in await list_standing(opportunity) if one.crm_id not in records]
    records |= await _read_by_id(crm, unlisted[:asking], made_before=asked_at - lag_bound)
    there = not unlisted or await _is_there(crm, opportunity)
    gone = frozenset(one.crm_id for one in unlisted) - records.keys()
    return HeardActivities(records, carriers_of(listed), gone, not there)


async def _read_by_id(
    crm: Crm, shadows: Sequence[CrmActivity], *, made_before: datetime
) -> dict[int, ActivityRecord]:
    """What the ids answer. A record made before that which nothing but its id still shows is as good as deleted."""
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
    """How a shadow stands in the CRM, and the ledger's entry for it; `mark` stands for both in a plan token."""

    plan: ActivityPlan
    shadow: CrmActivity
    facts: ShadowFacts
    item: PlannedItem
    mark: int
    is_on_the_way: bool


async def compare(
    opportunity: Opportunity, heard: HeardActivities | None, *, calendar: WorkCalendar
) -> list[Finding]:
    """A finding for each shadow that we take to be there. Where nothing was heard, our mirror says how it stands."""
    survey = await survey_milestones(opportunity)
    facts = {
        milestone_id: found
        for milestone_id, shadow in survey.shadows.items()
        if shadow.missing_since is None
        if (found := _seen(shadow, opportunity, heard, calendar)) is not None
    }
    seen = replace(
        survey,
        milestones=[replace(one, shadow=facts.get(one.id, one.shadow)) for one in survey.milestones],
    )
    is_missing = opportunity.missing_since is not None or (heard is not None and heard.opportunity_is_missing)
    carriers = heard.carriers if heard else {}
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
    shadow: CrmActivity, opportunity: Opportunity, heard: HeardActivities | None, calendar: WorkCalendar
) -> ShadowFacts | None:
    """How a shadow stands; None for one that came to be after the CRM was heard."""
    if heard is None:
        return shadow_facts(shadow)
    if shadow.crm_id in heard.gone:
        return replace(shadow_facts(shadow), is_missing=True)
    record = heard.records.get(shadow.crm_id)
    if record is None:
        return None
    return ShadowFacts(
        crm_id=record.id,
        subject=unmark(record.subject),
        due_on=calendar.today(record.starts_at) if record.starts_at else None,
        owner_crm_id=record.owner_id,
        completed=record.completed,
        is_marked=record.reference == shadow.wanted["reference"],
        is_linked=record.opportunity_id == opportunity.crm_id,
    )


def _mark(plan: ActivityPlan, carriers: Facts) -> int:
    found = carriers.get(plan.content.reference, ()) if plan.crm_id is None else ()
    return mark_of([plan.milestone_id, plan.outcome, plan.crm_id, plan.changes, found])


def check_outcome(items: Sequence[PlannedItem]) -> ItemOutcome:
    """What became of the whole, given what became of, or is to be done about, each."""
    well = all(item.outcome is ItemOutcome.UNCHANGED for item in items)
    return ItemOutcome.UNCHANGED if well else ItemOutcome.UPDATED


class ActivityCheck:
    """Compares the activities of one opportunity with what is wanted, and adds what is to be done to its action.

    `lag_bound`: the seconds for which a new record may be missing from the CRM's search. Fulfils
    `services.actions.kinds.RepeatKind`.
    """

    def __init__(self, crm: Crm, *, calendar: WorkCalendar, lag_bound: float) -> None:
        self._crm = crm
        self._calendar = calendar
        self._lag_bound = timedelta(seconds=lag_bound)

    async def talk(self, item: ActionItem, *, claim: Claim) -> HeardActivities:
        opportunity = await Opportunity.get(id=item.key)
        return await read_activities(
            self._crm, opportunity, asked_at=item.created_at, lag_bound=self._lag_bound
        )

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return [(await Opportunity.get(id=item.key)).tree_id]

    async def apply(self, change: Change, item: ActionItem, heard: HeardActivities) -> Result:
        opportunity = await Opportunity.get(id=item.key)
        try:
            findings = await compare(opportunity, heard, calendar=self._calendar)
        except TicketIsCancelled as refusal:
            return Result(ItemOutcome.SKIPPED, refusal.message)
        except OpportunityIsMissing as refusal:
            return Result(ItemOutcome.NEEDS_ATTENTION, f"{refusal.message} Synchronise it.")
        marks = None if item.expected is None else {*item.expected[MARKS]}
        taken = [await self._take_in(change, one, opportunity, heard, marks) for one in findings]
        await add_items(change, item, taken)
        if marks is not None and marks != {one.mark for one in findings}:
            return Result(ItemOutcome.NEEDS_ATTENTION, NOT_AS_SHOWN)
        return Result(check_outcome(taken))

    async def say_again(self, change: Change, item: ActionItem) -> None:
        """Reading says nothing."""

    async def _take_in(
        self,
        change: Change,
        finding: Finding,
        opportunity: Opportunity,
        heard: HeardActivities,
        marks: Collection[int] | None,
    ) -> PlannedItem:
        """Write down how a shadow stands, and answer what is to be done; what was not shown is left alone."""
        item, shadow, content = finding.item, finding.shadow, finding.plan.content
        if marks is not None and finding.mark not in marks:
            return replace(item, outcome=ItemOutcome.NEEDS_ATTENTION, explanation=NOT_AS_SHOWN)
        if finding.facts.is_missing:
            await note_missing(change, shadow)
            held_to = None if marks is None else {"crm_ids": [*heard.carriers.get(item.reference, ())]}
            return replace(item, expected=held_to)
        if item.outcome is None:
            await note_strayed(change, shadow, content, finding.facts, opportunity=opportunity)
        elif finding.plan.outcome is ActivityOutcome.UNCHANGED and not finding.is_on_the_way:
            await note_well(change, shadow, content, finding.facts)
        return item
