"""Why a ticket is closed or not, and how far its work has come."""

from dataclasses import dataclass
from enum import StrEnum

from services.planning.workflow import FINISHED_MILESTONE, MilestoneState, TicketState, unfinished
from services.vocabulary import TicketStatus


class ClosureReason(StrEnum):
    """CLOSED and CANCELLED say that it is over; the others say why it is not."""

    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    MILESTONES_OPEN = "MILESTONES_OPEN"
    EVERY_MILESTONE_CANCELLED = "EVERY_MILESTONE_CANCELLED"
    NO_MILESTONES = "NO_MILESTONES"


class OpenReason(StrEnum):
    """Why a milestone does not complete. The last two wait for an operator to complete or cancel it by hand."""

    MANDATORY_TASKS = "MANDATORY_TASKS"
    OPTIONAL_TASKS = "OPTIONAL_TASKS"
    ALL_SKIPPED = "ALL_SKIPPED"
    NO_TASKS = "NO_TASKS"


@dataclass(frozen=True, slots=True)
class OpenMilestone:
    """A milestone that keeps its ticket open, and the tasks that keep it open, by id."""

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
    """Say why a ticket is or is not closed, naming everything that is still in its way."""
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


def progress(finished: int, total: int, left_out: int) -> float | None:
    """The share of the work that is finished; what was cancelled or skipped is left out of it.

    None where there is nothing to do: that is not the same as all done.

    >>> progress(finished=3, total=5, left_out=1), progress(finished=0, total=2, left_out=2)
    (0.75, None)
    """
    to_do = total - left_out
    return finished / to_do if to_do > 0 else None
