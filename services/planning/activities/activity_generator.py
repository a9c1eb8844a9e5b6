"""Plans how the milestones of a child ticket appear in the CRM."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.errors import Refusal
from services.planning.actions.preview import ValueChange, value_change
from services.planning.tickets.workflow import FINISHED_MILESTONE, TicketIsCancelled
from services.vocabulary import MilestoneStatus, TicketStatus


class OpportunityWithoutChild(Refusal):
    """The opportunity has no child ticket, so it has no milestones."""

    code = "OPPORTUNITY_WITHOUT_CHILD"


class OpportunityIsMissing(Refusal):
    """The CRM no longer has the opportunity."""

    code = "OPPORTUNITY_MISSING"


@dataclass(frozen=True, slots=True)
class ChildTicketFacts:
    """The child ticket of an opportunity. `owner_crm_id` is None if its owner has no CRM user."""

    code: str
    status: TicketStatus
    title: str
    owner_crm_id: int | None


@dataclass(frozen=True, slots=True)
class ShadowFacts:
    """A milestone's activity as the CRM last showed it. The subject comes without our marker.

    `is_ours`: one of its texts carries the milestone's reference. `is_marked`: no other reference comes before that.
    `is_linked`: it belongs to the record that represents the opportunity now. `is_missing`: the CRM no longer has it.
    """

    crm_id: int
    subject: str
    due_on: date | None
    owner_crm_id: int | None
    completed: bool
    is_ours: bool = True
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
class ActivityContent:
    """The content of a milestone's activity. Without an owner, the CRM keeps its own, or sets its default."""

    reference: str
    subject: str
    description: str
    due_on: date
    owner_crm_id: int | None
    completed: bool


class ActivityOutcome(StrEnum):
    """NOT_OURS: the record does not carry the milestone's reference, so it is left alone for a person."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    UNCHANGED = "UNCHANGED"
    NOT_OURS = "NOT_OURS"
    SKIP = "SKIP"


@dataclass(frozen=True, slots=True)
class ActivityPlan:
    """What happens to one milestone's activity. `changes` names the fields that an update sends."""

    milestone_id: str
    outcome: ActivityOutcome
    content: ActivityContent
    crm_id: int | None = None
    changes: tuple[str, ...] = ()


def plan_activities(
    ticket: ChildTicketFacts | None,
    milestones: Sequence[MilestoneFacts],
    *,
    opportunity_is_missing: bool = False,
) -> tuple[ActivityPlan, ...]:
    """Plan one activity for each milestone, in order: create it, or update the existing one."""
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
    if not milestone.shadow.is_ours:
        return ActivityPlan(milestone.id, ActivityOutcome.NOT_OURS, content, milestone.shadow.crm_id)
    changes = tuple(differences(milestone.shadow, content))
    outcome = ActivityOutcome.UPDATE if changes else ActivityOutcome.UNCHANGED
    return ActivityPlan(milestone.id, outcome, content, milestone.shadow.crm_id, changes)


def wanted_shadow(milestone: MilestoneFacts, ticket: ChildTicketFacts) -> ActivityContent:
    """Return a milestone's activity. A cancelled one says so and is completed, like a finished one.

    >>> ticket = ChildTicketFacts("TCK-F40-5155-01", TicketStatus.OPEN, "Formazione 4.0 · Rossi Srl", 7)
    >>> milestone = MilestoneFacts("m", 2, "Docenza", MilestoneStatus.PLANNED, date(2026, 12, 4))
    >>> shadow = wanted_shadow(milestone, ticket)
    >>> shadow.reference, shadow.subject, shadow.completed
    ('TCK-F40-5155-01:2', 'Docenza', False)
    """
    cancelled = milestone.status is MilestoneStatus.CANCELLED
    return ActivityContent(
        reference=f"{ticket.code}:{milestone.position}",
        subject=f"{milestone.title} (annullata)" if cancelled else milestone.title,
        description=f"Milestone {milestone.position} del ticket {ticket.code}\n{ticket.title}",
        due_on=milestone.due_on,
        owner_crm_id=ticket.owner_crm_id,
        completed=milestone.status in FINISHED_MILESTONE,
    )


def differences(shadow: ShadowFacts, content: ActivityContent) -> dict[str, tuple[object, object]]:
    """Return our fields in which the CRM's activity differs, with both values. People may add to the description."""
    compared: dict[str, tuple[object, object]] = {
        "subject": (shadow.subject, content.subject),
        "due_on": (shadow.due_on, content.due_on),
        "completed": (shadow.completed, content.completed),
        "reference": (shadow.is_marked, True),
        "opportunity": (shadow.is_linked, True),
    }
    if content.owner_crm_id is not None:
        compared["owner_crm_id"] = (shadow.owner_crm_id, content.owner_crm_id)
    return {name: values for name, values in compared.items() if values[0] != values[1]}


_SHOWN_NAMES = {"due_on": "dueOn", "owner_crm_id": "ownerCrmId"}
_NO_VALUES = ("reference", "opportunity")
"""Whether the record carries our reference, and belongs to the right opportunity: no values to show."""


def shown_changes(shadow: ShadowFacts, content: ActivityContent) -> tuple[ValueChange, ...]:
    """Return what an update changes, as a preview shows it.

    >>> shadow = ShadowFacts(900, "Docenza", date(2026, 12, 4), 7, completed=False, is_linked=False)
    >>> content = ActivityContent("TCK-F40-5155-01:2", "Docenza", "", date(2026, 12, 9), 7, completed=False)
    >>> for one in shown_changes(shadow, content):
    ...     print(one.name, one.before, one.after)
    dueOn 2026-12-04 2026-12-09
    opportunity None None
    """
    return tuple(
        value_change(_SHOWN_NAMES.get(name, name), *((None, None) if name in _NO_VALUES else values))
        for name, values in differences(shadow, content).items()
    )
