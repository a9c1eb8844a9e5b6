"""What the milestones of a child ticket look like in the CRM, and what that takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.errors import Refusal
from services.planning.workflow import FINISHED_MILESTONE, TicketIsCancelled
from services.vocabulary import MilestoneStatus, TicketStatus


class OpportunityWithoutChild(Refusal):
    """The milestones of an opportunity are those of its child ticket."""

    code = "OPPORTUNITY_WITHOUT_CHILD"


class OpportunityIsMissing(Refusal):
    """The CRM no longer has the opportunity that the activities would be linked to."""

    code = "OPPORTUNITY_MISSING"


@dataclass(frozen=True, slots=True)
class ChildTicketFacts:
    """The child ticket of an opportunity; `owner_crm_id` is None when its owner has no CRM user."""

    code: str
    status: TicketStatus
    title: str
    owner_crm_id: int | None


@dataclass(frozen=True, slots=True)
class ShadowFacts:
    """A milestone's activity as the CRM last showed it; the subject without our marker.

    `is_marked` where it carries the milestone's reference, `is_linked` where it hangs on the record that
    stands for the opportunity now, `is_missing` where the CRM no longer has it.
    """

    crm_id: int
    subject: str
    due_on: date | None
    owner_crm_id: int | None
    completed: bool
    is_marked: bool = True
    is_linked: bool = True
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class MilestoneFacts:
    id: str
    position: int
    title: str
    status: MilestoneStatus
    due_on: date
    shadow: ShadowFacts | None = None


@dataclass(frozen=True, slots=True)
class ShadowContent:
    """What a milestone's activity has to say. Without an owner the CRM keeps, or gets, its configured one."""

    reference: str
    subject: str
    description: str
    due_on: date
    owner_crm_id: int | None
    completed: bool


class ActivityOutcome(StrEnum):
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    UNCHANGED = "UNCHANGED"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """What becomes of one milestone's activity; `changes` names the fields that an update has to bring."""

    milestone_id: str
    outcome: ActivityOutcome
    content: ShadowContent
    crm_id: int | None = None
    changes: tuple[str, ...] = ()


def plan_activities(
    ticket: ChildTicketFacts | None,
    milestones: Sequence[MilestoneFacts],
    *,
    opportunity_is_missing: bool = False,
) -> tuple[ActivityPlan, ...]:
    """One activity for each milestone, in their order: made where there is none, brought up to date where there is."""
    if ticket is None:
        raise OpportunityWithoutChild("The opportunity has no child ticket yet; synchronise it first.")
    if ticket.status is TicketStatus.CANCELLED:
        raise TicketIsCancelled("The ticket is cancelled.")
    if opportunity_is_missing:
        raise OpportunityIsMissing("The CRM no longer has this opportunity.")
    ordered = sorted(milestones, key=lambda milestone: milestone.position)
    return tuple(_plan_activity(ticket, milestone) for milestone in ordered)


def _plan_activity(ticket: ChildTicketFacts, milestone: MilestoneFacts) -> ActivityPlan:
    content = wanted_shadow(milestone, ticket)
    if milestone.shadow is None or milestone.shadow.is_missing:
        cancelled = milestone.status is MilestoneStatus.CANCELLED
        return ActivityPlan(
            milestone.id, ActivityOutcome.SKIP if cancelled else ActivityOutcome.CREATE, content
        )
    changes = differences(milestone.shadow, content)
    outcome = ActivityOutcome.UPDATE if changes else ActivityOutcome.UNCHANGED
    return ActivityPlan(milestone.id, outcome, content, milestone.shadow.crm_id, changes)


def wanted_shadow(milestone: MilestoneFacts, ticket: ChildTicketFacts) -> ShadowContent:
    """How a milestone appears in the CRM. A cancelled one says so and is over, like a completed one.

    >>> ticket = ChildTicketFacts("TCK-F40-5155-01", TicketStatus.OPEN, "Formazione 4.0 · Rossi Srl", 7)
    >>> milestone = MilestoneFacts("m", 2, "Docenza", MilestoneStatus.PLANNED, date(2026, 12, 4))
    >>> shadow = wanted_shadow(milestone, ticket)
    >>> shadow.reference, shadow.subject, shadow.completed
    ('TCK-F40-5155-01:2', 'Docenza', False)
    """
    cancelled = milestone.status is MilestoneStatus.CANCELLED
    return ShadowContent(
        reference=f"{ticket.code}:{milestone.position}",
        subject=f"{milestone.title} (annullata)" if cancelled else milestone.title,
        description=f"Milestone {milestone.position} del ticket {ticket.code}\n{ticket.title}",
        due_on=milestone.due_on,
        owner_crm_id=ticket.owner_crm_id,
        completed=milestone.status in FINISHED_MILESTONE,
    )


def differences(shadow: ShadowFacts, content: ShadowContent) -> tuple[str, ...]:
    """The fields of ours in which the CRM's activity is not what it should be; people may add to the description."""
    compared: dict[str, tuple[object, object]] = {
        "subject": (shadow.subject, content.subject),
        "due_on": (shadow.due_on, content.due_on),
        "completed": (shadow.completed, content.completed),
        "reference": (shadow.is_marked, True),
        "opportunity": (shadow.is_linked, True),
    }
    if content.owner_crm_id is not None:
        compared["owner_crm_id"] = (shadow.owner_crm_id, content.owner_crm_id)
    return tuple(name for name, (current, wanted) in compared.items() if current != wanted)
