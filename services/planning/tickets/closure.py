"""Explains why a ticket is or is not closed."""

from dataclasses import dataclass
from enum import StrEnum

from services.planning.tickets.workflow import FINISHED_MILESTONE, MilestoneState, TicketState, unfinished
from services.vocabulary import TicketStatus


class ClosureReason(StrEnum):
    """CLOSED and CANCELLED mean that the ticket is over; the others say why it is not."""

    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    MILESTONES_OPEN = "MILESTONES_OPEN"
    EVERY_MILESTONE_CANCELLED = "EVERY_MILESTONE_CANCELLED"
    NO_MILESTONES = "NO_MILESTONES"


class OpenReason(StrEnum):
    """Why a milestone does not complete. The last two need an operator to complete or cancel it by hand."""

    MANDATORY_TASKS = "MANDATORY_TASKS"
    OPTIONAL_TASKS = "OPTIONAL_TASKS"
    ALL_SKIPPED = "ALL_SKIPPED"
    NO_TASKS = "NO_TASKS"


@dataclass(frozen=True, slots=True)
class OpenMilestone:
    """A milestone that keeps its ticket open, and the ids of the tasks that keep it open."""

    id: str
    reason: OpenReason
    mandatory_task_ids: tuple[str, ...] = ()
    optional_task_ids: tuple[str, ...] = ()

    @property
    def task_count(self) -> int:
        return len(self.mandatory_task_ids) + len(self.optional_task_ids)


@dataclass(frozen=True, slots=True)
class Closure:
    reason: ClosureReason
    open_milestones: tuple[OpenMilestone, ...] = ()


def closure(ticket: TicketState) -> Closure:
    """Explain why a ticket is or is not closed, with everything that keeps it open."""
    if ticket.status is TicketStatus.CANCELLED:
        return Closure(ClosureReason.CANCELLED)
    if ticket.status is TicketStatus.CLOSED:
        return Closure(ClosureReason.CLOSED)
    open_milestones = tuple(
        _open_milestone(milestone)
        for milestone in ticket.milestones
        if milestone.status not in FINISHED_MILESTONE
    )
    if open_milestones:
        return Closure(ClosureReason.MILESTONES_OPEN, open_milestones)
    return Closure(
        ClosureReason.EVERY_MILESTONE_CANCELLED if ticket.milestones else ClosureReason.NO_MILESTONES
    )


def _open_milestone(milestone: MilestoneState) -> OpenMilestone:
    remaining = unfinished(milestone.tasks)
    mandatory = tuple(task.id for task in remaining if task.mandatory)
    optional = tuple(task.id for task in remaining if not task.mandatory)
    return OpenMilestone(milestone.id, _open_reason(milestone, mandatory, optional), mandatory, optional)


def _open_reason(
    milestone: MilestoneState, mandatory: tuple[str, ...], optional: tuple[str, ...]
) -> OpenReason:
    if mandatory:
        return OpenReason.MANDATORY_TASKS
    if optional:
        return OpenReason.OPTIONAL_TASKS
    return OpenReason.ALL_SKIPPED if milestone.tasks else OpenReason.NO_TASKS
