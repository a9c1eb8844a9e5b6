"""ActivityGenerator: milestones as activities of the CRM, each made once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models import Action, ActionItem, CrmActivity, Milestone, Opportunity, Ticket
from services.actions import CreationPlan, PlannedItem, open_plan, running_action
from services.crm.protocol import Claim, Crm
from services.crm.records import ActivityDetails
from services.errors import Refusal
from services.events import Change, EventLog
from services.planning.activity_generator import (
    ActivityOutcome,
    ActivityPlan,
    ShadowContent,
    plan_activities,
)
from services.shadows import (
    UNSEEN,
    UPDATE,
    Said,
    as_json,
    follow,
    milestone_facts,
    shown,
    ticket_facts,
    want,
    wanted_now,
)
from services.vocabulary import ActionKind, CrmActivityRole, ItemOutcome, MilestoneStatus, TicketStatus

CREATE = "CREATE_ACTIVITY"


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
        generation = await get_generation(opportunity_id)
        plan = generation.plan.shown_by(plan_token)
        for shadow, content in generation.outdated:
            await want(change, shadow, content)
        return await open_plan(change, plan, operator_id=actor)


@dataclass(frozen=True, slots=True)
class Generation:
    """What the button would do for an opportunity, and the shadows that it would bring up to date."""

    plan: CreationPlan
    opportunity: Opportunity
    outdated: Sequence[tuple[CrmActivity, ShadowContent]]


async def get_generation(opportunity_id: str) -> Generation:
    """The plan as things stand here, or why there is none."""
    opportunity = await get_opportunity(opportunity_id)
    plans = await _plan(opportunity)
    mirrored = await CrmActivity.filter(milestone_id__in=[one.milestone_id for one in plans])
    shadows = {shadow.milestone_id: shadow for shadow in mirrored}
    outdated = [
        (shadows[one.milestone_id], one.content) for one in plans if one.outcome is ActivityOutcome.UPDATE
    ]
    on_the_way = await _on_the_way([shadow for shadow, _ in outdated])
    plan = CreationPlan(
        kind=ActionKind.GENERATE_ACTIVITIES,
        scope=_scope(opportunity_id),
        items=[_item(one, shadows.get(one.milestone_id), on_the_way) for one in plans],
        grounds=[plans, sorted(on_the_way)],
        creating=CREATE,
        calls_on_adoption=1,
        links={
            "opportunity_id": opportunity.id,
            "ticket_id": opportunity.child_ticket_id,
            "company_id": opportunity.company_id,
        },
    )
    return Generation(plan, opportunity, outdated)


def _scope(opportunity_id: str) -> dict[str, Any]:
    return {"opportunityId": opportunity_id}


async def _on_the_way(shadows: Sequence[CrmActivity]) -> set[str]:
    """The ids of the shadows that are being brought up to date already."""
    keys = {f"{UPDATE}:{shadow.id}": shadow.id for shadow in shadows}
    return {keys[item.open_key or ""] for item in await ActionItem.filter(open_key__in=list(keys))}


async def _plan(opportunity: Opportunity) -> tuple[ActivityPlan, ...]:
    missing = opportunity.missing_since is not None
    if opportunity.child_ticket_id is None:
        return plan_activities(None, (), opportunity_is_missing=missing)
    child = await Ticket.get(id=opportunity.child_ticket_id)
    milestones = await Milestone.filter(ticket_id=child.id).order_by("position")
    facts = [await milestone_facts(milestone) for milestone in milestones]
    return plan_activities(await ticket_facts(child), facts, opportunity_is_missing=missing)


def _item(plan: ActivityPlan, shadow: CrmActivity | None, on_the_way: Collection[str]) -> PlannedItem:
    """The ledger's entry for one milestone. What only needs an update is brought on its way by its shadow."""
    shared: dict[str, Any] = {
        "reference": plan.content.reference,
        "label": plan.content.subject,
        "crm_id": plan.crm_id,
    }
    match plan.outcome:
        case ActivityOutcome.CREATE:
            return PlannedItem(CREATE, plan.milestone_id, **shared)
        case ActivityOutcome.UPDATE:
            assert shadow is not None
            if shadow.id not in on_the_way:
                why = f"It differs in {', '.join(plan.changes)}."
                return PlannedItem(UPDATE, shadow.id, explanation=why, **shared)
            return PlannedItem(
                UPDATE, shadow.id, outcome=ItemOutcome.UNCHANGED, explanation="Already on its way.", **shared
            )
        case ActivityOutcome.SKIP:
            why = "The milestone is cancelled."
            return PlannedItem(
                CREATE, plan.milestone_id, outcome=ItemOutcome.SKIPPED, explanation=why, **shared
            )
        case _:
            return PlannedItem(CREATE, plan.milestone_id, outcome=ItemOutcome.UNCHANGED, **shared)


async def find_carriers(crm: Crm, opportunity: Opportunity) -> dict[str, list[int]]:
    """The ids of the opportunity's activities in the CRM, by the references that they carry.

    Where something is wrong with it, or it was repaired, another record may have stood for it when they were made: then
    all of its company's are looked at as well.
    """
    records = await crm.get_activities(opportunity.crm_id)
    if opportunity.flag is not None or await _was_repaired(opportunity):
        company = await opportunity.company
        records = [*records, *await crm.get_company_activities(company.crm_id)]
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
        shadows = await CrmActivity.filter(milestone_id__in=list(references))
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
        """Keep the activity as the milestone's shadow. One that was found, not just made, is brought up to date.

        So is one that was made for the record which stood for the opportunity before a repair.
        """
        if await CrmActivity.filter(crm_id=crm_id).exists():
            return
        milestone = await Milestone.get(id=item.key)
        opportunity = await _opportunity_of(item.key)
        now = await wanted_now(milestone.id)
        said = self._sent.pop(item.id, None) if item.sent_at else None
        is_current = said is not None and said.opportunity_id == opportunity.crm_id
        shadow = await change.create(
            CrmActivity(
                role=CrmActivityRole.SHADOW,
                tree_id=milestone.tree_id,
                crm_id=crm_id,
                opportunity_id=opportunity.id,
                milestone_id=milestone.id,
                wanted=as_json(said.content if said else now),
                desired_revision=1,
                applied_revision=1 if is_current else 0,
                relink_to=None if is_current else opportunity.crm_id,
                created_at=change.at,
                **(shown(said.content) if said else UNSEEN),
            ),
            kind="SHADOW_CREATED",
        )
        await follow(change, shadow, now)


async def _opportunity_of(milestone_id: str) -> Opportunity:
    milestone = await Milestone.get(id=milestone_id)
    return await Opportunity.get(child_ticket_id=milestone.ticket_id)
