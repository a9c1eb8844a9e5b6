"""ActivityGenerator: creates one CRM activity for each milestone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from models import Action, ActionItem, CrmActivity, Milestone, Opportunity, Ticket
from services.actions import Created, CreationPlan, PlannedItem, open_plan, running_action
from services.activities.mirror import (
    UNKNOWN_STATE,
    Desired,
    SentUpdate,
    as_json,
    being_updated,
    ensure_updates,
    milestone_facts,
    shown,
    ticket_facts,
    wanted_now,
)
from services.crm.protocol import Claim, Crm
from services.crm.records import ActivityDetails, ActivityRecord
from services.crm.references import not_ours
from services.events import Change, EventLog, EventType
from services.planning.actions.plan_token import Facts
from services.planning.actions.preview import CALLS_OF_AN_UPDATE, TICKET_CANCELLED, ValueChange, Why
from services.planning.activities.activity_generator import (
    ActivityContent,
    ActivityOutcome,
    ActivityPlan,
    ChildTicketFacts,
    MilestoneFacts,
    plan_activities,
    shown_changes,
)
from services.records import get_opportunity
from services.sale_questions import refuse_in_question, why_in_question
from services.vocabulary import (
    ActionKind,
    CrmActivityRole,
    ItemKind,
    ItemOutcome,
    ItemReason,
    MilestoneStatus,
    TicketStatus,
)

MARKS = "marks"
"""The key of the expectations of an item that checks: one mark for each decision that the preview showed."""


async def generate_activities(
    opportunity_id: str, *, plan_token: str | None = None, actor: str, events: EventLog
) -> Action:
    """🟣 Create a CRM activity for each milestone of the opportunity's child ticket. Returns at once with the action.

    With the token of a preview, the action does what the preview showed, or is refused as PLAN_STALE.
    """
    opportunity = await get_opportunity(opportunity_id)
    async with events.change(opportunity.tree_id, actor=actor) as change:
        if running := await running_action(ActionKind.GENERATE_ACTIVITIES, generation_scope(opportunity.id)):
            return running
        plan = await get_generation_plan(await get_opportunity(opportunity.id))
        return await open_plan(change, plan.shown_by(plan_token), operator_id=actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationPlan(CreationPlan):
    """Creates what is missing.

    The item `CHECK_ACTIVITIES` compares what should exist with the CRM and adds what is to be done.
    """

    def expected(self, item: PlannedItem, facts: Facts) -> dict[str, list[int]] | None:
        if item.kind == ItemKind.CHECK_ACTIVITIES:
            return {MARKS: [*facts.get(item.key, ())]}
        return CreationPlan.expected(self, item, facts)


async def get_generation_plan(opportunity: Opportunity) -> GenerationPlan:
    """Return the plan from the current rows, or refuse."""
    await refuse_in_question(opportunity.ticket_id)
    survey = await survey_milestones(opportunity)
    plans = survey.plan(opportunity_is_missing=opportunity.missing_since is not None)
    checks = [
        PlannedItem(ItemKind.CHECK_ACTIVITIES, opportunity.id, opportunity.code or "", opportunity.title)
    ]
    return GenerationPlan(
        kind=ActionKind.GENERATE_ACTIVITIES,
        scope=generation_scope(opportunity.id),
        items=[
            *(checks if any(one.crm_id is not None for one in plans) else ()),
            *(survey.item(one) for one in plans if one.crm_id is None),
        ],
        grounds=[plans, sorted(survey.on_the_way)],
        creating=ItemKind.CREATE_ACTIVITY,
        calls_on_adoption=CALLS_OF_AN_UPDATE,
        links={
            "opportunity_id": opportunity.id,
            "ticket_id": opportunity.child_ticket_id,
            "company_id": opportunity.company_id,
        },
    )


def generation_scope(opportunity_id: str) -> dict[str, Any]:
    return {"opportunityId": opportunity_id}


@dataclass(frozen=True, slots=True)
class Survey:
    """The child ticket of an opportunity, its milestones as planning sees them, and their shadows.

    `on_the_way` are the ids of the shadows that already have an update in progress.
    """

    ticket: ChildTicketFacts | None
    milestones: Sequence[MilestoneFacts]
    shadows: Mapping[str, CrmActivity]
    on_the_way: Collection[str]

    def plan(self, *, opportunity_is_missing: bool) -> tuple[ActivityPlan, ...]:
        return plan_activities(self.ticket, self.milestones, opportunity_is_missing=opportunity_is_missing)

    def item(self, plan: ActivityPlan) -> PlannedItem:
        """Return the ledger's entry for one milestone."""
        shadow = self.shadows.get(plan.milestone_id)
        shared: dict[str, Any] = {
            "reference": plan.content.reference,
            "label": plan.content.subject,
            "crm_id": plan.crm_id,
        }
        if plan.outcome in (ActivityOutcome.UPDATE, ActivityOutcome.NOT_OURS):
            assert shadow is not None
            return self._update(plan, shadow, **shared)
        outcome, reason, why = {
            ActivityOutcome.CREATE: (None, *(_GONE if shadow else (None, None))),
            ActivityOutcome.SKIP: (
                ItemOutcome.SKIPPED,
                ItemReason.CALLED_OFF,
                "The milestone is cancelled.",
            ),
            ActivityOutcome.UNCHANGED: (ItemOutcome.UNCHANGED, ItemReason.UP_TO_DATE, None),
        }[plan.outcome]
        return PlannedItem(
            ItemKind.CREATE_ACTIVITY,
            plan.milestone_id,
            outcome=outcome,
            reason=reason,
            explanation=why,
            **shared,
        )

    def _update(self, plan: ActivityPlan, shadow: CrmActivity, **shared: Any) -> PlannedItem:
        update = partial(PlannedItem, ItemKind.UPDATE_ACTIVITY, shadow.id, **shared)
        if plan.outcome is ActivityOutcome.NOT_OURS:
            return update(
                outcome=ItemOutcome.NEEDS_ATTENTION,
                reason=ItemReason.NOT_OURS,
                explanation=not_ours(shadow.crm_id, plan.content.reference),
            )
        if shadow.id in self.on_the_way:
            return update(
                outcome=ItemOutcome.UNCHANGED,
                reason=ItemReason.UNDER_WAY,
                explanation="Already on its way.",
            )
        return update(
            reason=ItemReason.DIFFERS,
            explanation=f"It differs in {', '.join(plan.changes)}.",
            changes=self._changes(plan),
        )

    def _changes(self, plan: ActivityPlan) -> tuple[ValueChange, ...]:
        seen = next(one.shadow for one in self.milestones if one.id == plan.milestone_id)
        return shown_changes(seen, plan.content) if seen else ()


_GONE = (ItemReason.DELETED, "The CRM no longer has it.")


async def survey_milestones(opportunity: Opportunity) -> Survey:
    if opportunity.child_ticket_id is None:
        return Survey(None, (), {}, ())
    child = await Ticket.get(id=opportunity.child_ticket_id).select_related("owner")
    milestones = await Milestone.filter(ticket_id=child.id).order_by("position")
    mirrored = await CrmActivity.filter(milestone_id__in=[one.id for one in milestones])
    shadows = {shadow.milestone_id or "": shadow for shadow in mirrored}
    return Survey(
        ticket_facts(child),
        [milestone_facts(one, shadows.get(one.id)) for one in milestones],
        shadows,
        await being_updated(mirrored),
    )


async def find_carriers(crm: Crm, opportunity: Opportunity) -> dict[str, list[int]]:
    """Return the ids of the opportunity's activities in the CRM, by the reference that they carry."""
    return carriers_of(await list_activities(crm, opportunity))


async def list_activities(crm: Crm, opportunity: Opportunity) -> list[ActivityRecord]:
    """List the opportunity's activities in the CRM, and possibly others.

    A flagged or repaired opportunity may have had another CRM record when its activities were created, so all
    activities of its company are listed too.
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
    """Creates the CRM activity of a milestone. Implements `services.actions.handlers.CreateKind`."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        return await find_carriers(self._crm, await _opportunity_of(items[0].key))

    async def already_linked(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        references = {item.key: item.reference for item in items}
        shadows = await CrmActivity.filter(milestone_id__in=list(references), missing_since__isnull=True)
        return {references[shadow.milestone_id or ""]: shadow.crm_id for shadow in shadows}

    async def reason_to_skip(self, item: ActionItem) -> Why | None:
        milestone = await Milestone.get(id=item.key)
        ticket = await Ticket.get(id=milestone.ticket_id)
        if ticket.status == TicketStatus.CANCELLED:
            return TICKET_CANCELLED
        if milestone.status == MilestoneStatus.CANCELLED:
            return Why(ItemReason.CALLED_OFF, "The milestone was cancelled.")
        return await why_in_question(ticket.parent_id or ticket.id)

    async def send(self, item: ActionItem, *, claim: Claim) -> Created:
        return await self.generate_from_milestone(item.key, claim=claim)

    async def generate_from_milestone(self, milestone_id: str, *, claim: Claim) -> Created:
        """Create the activity that shows a milestone as it is now. The details are what was sent."""
        opportunity = await _opportunity_of(milestone_id)
        company = await opportunity.company
        content = await wanted_now(milestone_id)
        crm_id = await self._crm.create_activity(
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
        return Created(crm_id, SentUpdate(1, content, opportunity.crm_id))

    async def carries(self, item: ActionItem, crm_id: int) -> bool:
        record = await self._crm.get_activity(crm_id)
        return record is not None and record.carries(item.reference)

    async def examine(self, item: ActionItem, crm_id: int) -> None:
        """Ask nothing: a record that was found gets an update, whatever it shows."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return [(await Milestone.get(id=item.key)).tree_id]

    async def record(self, change: Change, item: ActionItem, crm_id: int, sent: SentUpdate | None) -> None:
        """Store the activity as the milestone's shadow. It replaces a shadow that the CRM no longer has.

        An activity that was found, not just created, gets an update. So does one that was created for the record
        that stood for the opportunity before a repair.
        """
        known = await CrmActivity.get_or_none(crm_id=crm_id)
        gone = await CrmActivity.get_or_none(milestone_id=item.key, missing_since__isnull=False)
        if known is not None and known.id != (gone and gone.id):
            return
        opportunity, now = await _opportunity_of(item.key), await wanted_now(item.key)
        revision = gone.desired_revision + 1 if gone else 1
        columns = {"crm_id": crm_id, **_columns(sent, now, opportunity, revision)}
        if gone is None:
            shadow = await self._mirror(change, item, opportunity, columns)
        else:
            shadow = gone
            await change.update(
                gone, kind=EventType.SHADOW_RECREATED, missing_since=None, created_at=change.at, **columns
            )
        await ensure_updates(change, [Desired(shadow, now)])

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
            kind=EventType.SHADOW_CREATED,
        )


def _columns(
    sent: SentUpdate | None, now: ActivityContent, opportunity: Opportunity, revision: int
) -> dict[str, Any]:
    """Return the columns of a shadow whose record shows this revision, or is still to receive it."""
    is_current = sent is not None and sent.opportunity_id == opportunity.crm_id
    return {
        "wanted": as_json(sent.content if sent else now),
        "desired_revision": revision,
        "applied_revision": revision if is_current else revision - 1,
        "relink_to": None if is_current else opportunity.crm_id,
        **(shown(sent.content) if sent else UNKNOWN_STATE),
    }


async def _opportunity_of(milestone_id: str) -> Opportunity:
    milestone = await Milestone.get(id=milestone_id)
    return await Opportunity.get(child_ticket_id=milestone.ticket_id)
