"""ActivityGenerator: milestones as activities of the CRM, each made once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models import Action, ActionItem, CrmActivity, Milestone, Opportunity, Ticket
from services.actions import CreationPlan, PlannedItem, open_plan, running_action
from services.crm.protocol import Claim, Crm
from services.crm.records import ActivityDetails, ActivityRecord
from services.errors import Refusal
from services.events import Change, EventLog
from services.planning.activity_generator import (
    ActivityOutcome,
    ActivityPlan,
    ChildTicketFacts,
    MilestoneFacts,
    ShadowContent,
    plan_activities,
)
from services.planning.plan_token import Facts
from services.shadows import (
    UNSEEN,
    UPDATE,
    Said,
    as_json,
    being_updated,
    follow,
    milestone_facts,
    shown,
    ticket_facts,
    wanted_now,
)
from services.vocabulary import ActionKind, CrmActivityRole, ItemOutcome, MilestoneStatus, TicketStatus

CREATE = "CREATE_ACTIVITY"
CHECK = "CHECK_ACTIVITIES"
MARKS = "marks"
"""What an item of the kind CHECK expects: a mark for each of the decisions that were shown."""


class UnknownOpportunity(Refusal):
    """There is no such opportunity."""

    code = "UNKNOWN_OPPORTUNITY"


async def get_opportunity(opportunity_id: str) -> Opportunity:
    opportunity = await Opportunity.get_or_none(id=opportunity_id)
    if opportunity is None:
        raise UnknownOpportunity(f"There is no opportunity {opportunity_id!r}.", path=("opportunityId",))
    return opportunity


async def generate_activities(
    opportunity_id: str, *, plan_token: str | None = None, actor: str, events: EventLog
) -> Action:
    """🟣 One CRM activity for each milestone of the opportunity's child ticket. Answers at once with the action.

    With the token of a preview, it is what was shown, or PLAN_STALE.
    """
    tree_id = (await get_opportunity(opportunity_id)).tree_id
    async with events.change(tree_id, actor=actor) as change:
        if running := await running_action(ActionKind.GENERATE_ACTIVITIES, _scope(opportunity_id)):
            return running
        plan = await get_generation_plan(await get_opportunity(opportunity_id))
        return await open_plan(change, plan.shown_by(plan_token), operator_id=actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationPlan(CreationPlan):
    """What is missing is made. Of what we take to be there, the item `CHECK` finds out, and adds what is to be done."""

    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        if item.kind == CHECK:
            return {MARKS: [*facts.get(item.key, ())]}
        return CreationPlan.expected(self, item, facts)


async def get_generation_plan(opportunity: Opportunity) -> GenerationPlan:
    """The plan as things stand here, or why there is none."""
    survey = await survey_milestones(opportunity)
    plans = survey.plan(opportunity_is_missing=opportunity.missing_since is not None)
    checks = [PlannedItem(CHECK, opportunity.id, opportunity.code or "", opportunity.title)]
    return GenerationPlan(
        kind=ActionKind.GENERATE_ACTIVITIES,
        scope=_scope(opportunity.id),
        items=[
            *(checks if any(one.crm_id is not None for one in plans) else ()),
            *(survey.item(one) for one in plans if one.crm_id is None),
        ],
        grounds=[plans, sorted(survey.on_the_way)],
        creating=CREATE,
        calls_on_adoption=1,
        links={
            "opportunity_id": opportunity.id,
            "ticket_id": opportunity.child_ticket_id,
            "company_id": opportunity.company_id,
        },
    )


def _scope(opportunity_id: str) -> dict[str, Any]:
    return {"opportunityId": opportunity_id}


@dataclass(frozen=True, slots=True)
class Survey:
    """The child ticket of an opportunity and its milestones as planning sees them, and the shadows of these.

    `on_the_way` are the ids of the shadows that are being brought up to date already.
    """

    ticket: ChildTicketFacts | None
    milestones: Sequence[MilestoneFacts]
    shadows: Mapping[str, CrmActivity]
    on_the_way: Collection[str]

    def plan(self, *, opportunity_is_missing: bool) -> tuple[ActivityPlan, ...]:
        return plan_activities(self.ticket, self.milestones, opportunity_is_missing=opportunity_is_missing)

    def item(self, plan: ActivityPlan) -> PlannedItem:
        """The ledger's entry for one milestone."""
        shadow = self.shadows.get(plan.milestone_id)
        shared: dict[str, Any] = {
            "reference": plan.content.reference,
            "label": plan.content.subject,
            "crm_id": plan.crm_id,
        }
        if plan.outcome is ActivityOutcome.UPDATE:
            assert shadow is not None
            return _update(plan, shadow, is_on_the_way=shadow.id in self.on_the_way, **shared)
        outcome, why = {
            ActivityOutcome.CREATE: (None, "The CRM no longer has it." if shadow else None),
            ActivityOutcome.SKIP: (ItemOutcome.SKIPPED, "The milestone is cancelled."),
            ActivityOutcome.UNCHANGED: (ItemOutcome.UNCHANGED, None),
        }[plan.outcome]
        return PlannedItem(CREATE, plan.milestone_id, outcome=outcome, explanation=why, **shared)


def _update(plan: ActivityPlan, shadow: CrmActivity, *, is_on_the_way: bool, **shared: Any) -> PlannedItem:
    if is_on_the_way:
        return PlannedItem(
            UPDATE, shadow.id, outcome=ItemOutcome.UNCHANGED, explanation="Already on its way.", **shared
        )
    return PlannedItem(UPDATE, shadow.id, explanation=f"It differs in {', '.join(plan.changes)}.", **shared)


async def survey_milestones(opportunity: Opportunity) -> Survey:
    if opportunity.child_ticket_id is None:
        return Survey(None, (), {}, ())
    child = await Ticket.get(id=opportunity.child_ticket_id)
    milestones = await Milestone.filter(ticket_id=child.id).order_by("position")
    mirrored = await CrmActivity.filter(milestone_id__in=[one.id for one in milestones])
    return Survey(
        await ticket_facts(child),
        [await milestone_facts(milestone) for milestone in milestones],
        {shadow.milestone_id or "": shadow for shadow in mirrored},
        await being_updated(mirrored),
    )


async def find_carriers(crm: Crm, opportunity: Opportunity) -> dict[str, list[int]]:
    """The ids of the opportunity's activities in the CRM, by the references that they carry."""
    return carriers_of(await list_activities(crm, opportunity))


async def list_activities(crm: Crm, opportunity: Opportunity) -> list[ActivityRecord]:
    """The opportunity's activities in the CRM, and perhaps others.

    Where something is wrong with it, or it was repaired, another record may have stood for it when they were made: then
    all of its company's are looked at as well.
    """
    records = await crm.get_activities(opportunity.crm_id)
    if opportunity.flag is not None or await _was_repaired(opportunity):
        company = await opportunity.company
        records = [*records, *await crm.get_company_activities(company.crm_id)]
    return records


def carriers_of(records: Iterable[ActivityRecord]) -> dict[str, list[int]]:
    found: dict[str, set[int]] = {}
    for record in records:
        if record.reference:
            found.setdefault(record.reference, set()).add(record.id)
    return {reference: sorted(ids) for reference, ids in found.items()}


async def _was_repaired(opportunity: Opportunity) -> bool:
    return await Action.filter(kind=ActionKind.REPAIR_OPPORTUNITY, opportunity_id=opportunity.id).exists()


class ActivityCreation:
    """Makes the CRM activity of a milestone. Fulfils `services.actions.kinds.CreateKind`."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._sent: dict[str, Said] = {}

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        return await find_carriers(self._crm, await _opportunity_of(items[0].key))

    async def given(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        references = {item.key: item.reference for item in items}
        shadows = await CrmActivity.filter(milestone_id__in=list(references), missing_since__isnull=True)
        return {references[shadow.milestone_id or ""]: shadow.crm_id for shadow in shadows}

    async def objection(self, item: ActionItem) -> str | None:
        milestone = await Milestone.get(id=item.key)
        ticket = await Ticket.get(id=milestone.ticket_id)
        if ticket.status == TicketStatus.CANCELLED:
            return "The ticket was cancelled."
        return "The milestone was cancelled." if milestone.status == MilestoneStatus.CANCELLED else None

    async def send(self, item: ActionItem, *, claim: Claim) -> int:
        return await self.generate_from_milestone(item.key, claim=claim, item_id=item.id)

    async def generate_from_milestone(self, milestone_id: str, *, claim: Claim, item_id: str) -> int:
        """Create the activity that shows a milestone as it is now, and return its CRM id."""
        opportunity = await _opportunity_of(milestone_id)
        company = await opportunity.company
        content = await wanted_now(milestone_id)
        self._sent[item_id] = Said(1, content, opportunity.crm_id)
        return await self._crm.create_activity(
            opportunity.crm_id,
            content.subject,
            details=ActivityDetails(
                company_id=company.crm_id,
                reference=content.reference,
                due_on=content.due_on,
                description=content.description,
                owner_id=content.owner_crm_id,
                completed=content.completed,
            ),
            claim=claim,
        )

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return [(await Milestone.get(id=item.key)).tree_id]

    async def record(self, change: Change, item: ActionItem, crm_id: int) -> None:
        """Keep the activity as the milestone's shadow, in the place of one that the CRM no longer has.

        One that was found, not just made, is brought up to date. So is one that was made for the record which stood for
        the opportunity before a repair.
        """
        known = await CrmActivity.get_or_none(crm_id=crm_id)
        gone = await CrmActivity.get_or_none(milestone_id=item.key, missing_since__isnull=False)
        if known is not None and known.id != (gone and gone.id):
            return
        said = self._sent.pop(item.id, None) if item.sent_at else None
        opportunity, now = await _opportunity_of(item.key), await wanted_now(item.key)
        revision = gone.desired_revision + 1 if gone else 1
        columns = {"crm_id": crm_id, **_columns(said, now, opportunity, revision)}
        if gone is None:
            shadow = await self._mirror(change, item, opportunity, columns)
        else:
            shadow = gone
            await change.update(
                gone, kind="SHADOW_MADE_ANEW", missing_since=None, created_at=change.at, **columns
            )
        await follow(change, shadow, now)

    async def _mirror(
        self, change: Change, item: ActionItem, opportunity: Opportunity, columns: dict[str, Any]
    ) -> CrmActivity:
        milestone = await Milestone.get(id=item.key)
        return await change.create(
            CrmActivity(
                role=CrmActivityRole.SHADOW,
                tree_id=milestone.tree_id,
                opportunity_id=opportunity.id,
                milestone_id=milestone.id,
                created_at=change.at,
                **columns,
            ),
            kind="SHADOW_CREATED",
        )


def _columns(
    said: Said | None, now: ShadowContent, opportunity: Opportunity, revision: int
) -> dict[str, Any]:
    """The shadow of a record that was told this revision, or that is still to be told it."""
    is_current = said is not None and said.opportunity_id == opportunity.crm_id
    return {
        "wanted": as_json(said.content if said else now),
        "desired_revision": revision,
        "applied_revision": revision if is_current else revision - 1,
        "relink_to": None if is_current else opportunity.crm_id,
        **(shown(said.content) if said else UNSEEN),
    }


async def _opportunity_of(milestone_id: str) -> Opportunity:
    milestone = await Milestone.get(id=milestone_id)
    return await Opportunity.get(child_ticket_id=milestone.ticket_id)
