"""The closing cascade: what a change to one task or milestone does to the ticket above it.

Every function takes the ticket's state and returns the transitions to write, the operator's own first. An automatic
transition names the one that caused it. No transitions means that the request is already fulfilled. A status above a
task is always derived from what lies below:

- a milestone is COMPLETED when every mandatory task is DONE, no task is open and at least one is DONE;
  else IN_PROGRESS when a task was started or done, else PLANNED. Completing and cancelling one by hand are final
  as long as its tasks do not change;
- a ticket is CLOSED when all of its milestones are COMPLETED or CANCELLED and at least one is COMPLETED;
  else IN_PROGRESS when work was started anywhere, else OPEN. CANCELLED is final.

So reopening the only finished task of a ticket makes it OPEN again, and in any other case IN_PROGRESS.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from services.errors import Refusal
from services.texts import is_blank
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus

OPEN_TICKET = frozenset({TicketStatus.OPEN, TicketStatus.IN_PROGRESS})
OPEN_TASK = frozenset({TaskStatus.TODO, TaskStatus.IN_PROGRESS})
FINISHED_TASK = frozenset({TaskStatus.DONE, TaskStatus.SKIPPED})
STARTED_TASK = frozenset({TaskStatus.IN_PROGRESS, TaskStatus.DONE})
FINISHED_MILESTONE = frozenset({MilestoneStatus.COMPLETED, MilestoneStatus.CANCELLED})
STARTED_MILESTONE = frozenset({MilestoneStatus.IN_PROGRESS, MilestoneStatus.COMPLETED})


@dataclass(frozen=True, slots=True)
class TaskState:
    id: str
    milestone_id: str
    status: TaskStatus
    mandatory: bool = True


@dataclass(frozen=True, slots=True)
class MilestoneState:
    id: str
    status: MilestoneStatus
    kind: MilestoneKind = MilestoneKind.STANDARD
    tasks: tuple[TaskState, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketState:
    id: str
    status: TicketStatus
    milestones: tuple[MilestoneState, ...] = ()

    def milestone(self, milestone_id: str) -> MilestoneState:
        return next(milestone for milestone in self.milestones if milestone.id == milestone_id)

    def task(self, task_id: str) -> TaskState:
        return next(task for one in self.milestones for task in one.tasks if task.id == task_id)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of one column of one row. `before` is None for a new row.

    `cause` is the index of the transition that caused it. None: the operator's own.
    """

    entity: Literal["Task", "Milestone", "Ticket"]
    id: str
    before: TaskStatus | MilestoneStatus | TicketStatus | bool | None
    after: TaskStatus | MilestoneStatus | TicketStatus | bool
    cause: int | None = None
    reason: str | None = None
    column: Literal["status", "mandatory"] = "status"


Transitions = tuple[Transition, ...]


class TicketIsCancelled(Refusal):
    """The ticket is cancelled."""

    code = "TICKET_CANCELLED"


class TicketIsClosed(Refusal):
    """A closed ticket cannot be cancelled."""

    code = "TICKET_CLOSED"


class MilestoneIsCancelled(Refusal):
    """The milestone is cancelled."""

    code = "MILESTONE_CANCELLED"


class MilestoneIsCompleted(Refusal):
    """A completed milestone cannot be cancelled."""

    code = "MILESTONE_COMPLETED"


class MilestoneHasOpenTasks(Refusal):
    """The milestone still has open tasks."""

    code = "MILESTONE_HAS_OPEN_TASKS"


class TaskNotInState(Refusal):
    """The task is finished in another way and has to be reopened first."""

    code = "TASK_NOT_IN_STATE"


class TaskIsMandatory(Refusal):
    """A mandatory task cannot be skipped. Make it optional first, with a reason."""

    code = "TASK_IS_MANDATORY"


class ReasonRequired(Refusal):
    """The change needs a reason."""

    code = "REASON_REQUIRED"


def start_task(ticket: TicketState, task_id: str) -> Transitions:
    task = _task_to_change(ticket, task_id)
    if task.status is TaskStatus.IN_PROGRESS:
        return ()
    _refuse_unless_open(task)
    return _with_task_status(ticket, task, TaskStatus.IN_PROGRESS)


def complete_task(ticket: TicketState, task_id: str) -> Transitions:
    """Complete a task, started or not.

    >>> milestone = MilestoneState("m", MilestoneStatus.PLANNED, tasks=(TaskState("t", "m", TaskStatus.TODO),))
    >>> for one in complete_task(TicketState("k", TicketStatus.OPEN, (milestone,)), "t"):
    ...     print(one.entity, one.before, "->", one.after, "because of", one.cause)
    Task TODO -> DONE because of None
    Milestone PLANNED -> COMPLETED because of 0
    Ticket OPEN -> CLOSED because of 1
    """
    task = _task_to_change(ticket, task_id)
    if task.status is TaskStatus.DONE:
        return ()
    _refuse_unless_open(task)
    return _with_task_status(ticket, task, TaskStatus.DONE)


def skip_task(ticket: TicketState, task_id: str, reason: str | None = None) -> Transitions:
    task = _task_to_change(ticket, task_id)
    if task.status is TaskStatus.SKIPPED:
        return ()
    if task.mandatory:
        raise TaskIsMandatory("A mandatory task cannot be skipped; make it optional first, with a reason.")
    _refuse_unless_open(task)
    return _with_task_status(ticket, task, TaskStatus.SKIPPED, reason)


def reopen_task(ticket: TicketState, task_id: str, reason: str | None = None) -> Transitions:
    """Reopen a task that was finished, skipped or only started."""
    task = _task_to_change(ticket, task_id)
    if task.status is TaskStatus.TODO:
        return ()
    return _with_task_status(ticket, task, TaskStatus.TODO, reason)


def waive_task(ticket: TicketState, task_id: str, reason: str | None) -> Transitions:
    """Make a mandatory task optional. It still has to be done, or can now be skipped."""
    task = _task_to_change(ticket, task_id)
    if not task.mandatory:
        return ()
    own = Transition("Task", task.id, True, False, reason=given_reason(reason), column="mandatory")
    return _cascade(ticket, replace(task, mandatory=False), own)


def add_task(ticket: TicketState, task: TaskState) -> Transitions:
    """Add a task to its milestone. A completed milestone reopens."""
    _refuse_cancelled(ticket, ticket.milestone(task.milestone_id))
    return _cascade(ticket, task, Transition("Task", task.id, None, task.status))


def add_milestone(ticket: TicketState, milestone: MilestoneState) -> Transitions:
    """Add a milestone with its tasks to the ticket. A closed ticket reopens."""
    _refuse_cancelled_ticket(ticket)
    return _up_to_ticket(ticket, milestone, [Transition("Milestone", milestone.id, None, milestone.status)])


def complete_milestone(ticket: TicketState, milestone_id: str) -> Transitions:
    """Complete by hand a milestone that never completes by itself: it has no tasks, or all were skipped."""
    milestone = ticket.milestone(milestone_id)
    _refuse_cancelled(ticket, milestone)
    if milestone.status is MilestoneStatus.COMPLETED:
        return ()
    if remaining := unfinished(milestone.tasks):
        raise MilestoneHasOpenTasks(f"Finish its remaining tasks first: {len(remaining)}.")
    return _with_milestone_status(ticket, milestone, MilestoneStatus.COMPLETED)


def cancel_milestone(ticket: TicketState, milestone_id: str, reason: str | None = None) -> Transitions:
    """Cancel a milestone. Its tasks keep their state and are excluded. Only an optional one needs no reason."""
    _refuse_cancelled_ticket(ticket)
    milestone = ticket.milestone(milestone_id)
    if milestone.status is MilestoneStatus.CANCELLED:
        return ()
    if milestone.status is MilestoneStatus.COMPLETED:
        raise MilestoneIsCompleted("A completed milestone cannot be cancelled; reopen its work first.")
    if milestone.kind is not MilestoneKind.OPTIONAL:
        reason = given_reason(reason)
    return _with_milestone_status(ticket, milestone, MilestoneStatus.CANCELLED, reason)


def cancel_ticket(ticket: TicketState, reason: str | None) -> Transitions:
    """Cancel a ticket with its open milestones. The caller decides about its children."""
    if ticket.status is TicketStatus.CANCELLED:
        return ()
    if ticket.status is TicketStatus.CLOSED:
        raise TicketIsClosed("A closed ticket cannot be cancelled; reopen its work first.")
    own = Transition("Ticket", ticket.id, ticket.status, TicketStatus.CANCELLED, reason=given_reason(reason))
    below = (
        Transition("Milestone", milestone.id, milestone.status, MilestoneStatus.CANCELLED, cause=0)
        for milestone in ticket.milestones
        if milestone.status not in FINISHED_MILESTONE
    )
    return (own, *below)


def _task_to_change(ticket: TicketState, task_id: str) -> TaskState:
    task = ticket.task(task_id)
    _refuse_cancelled(ticket, ticket.milestone(task.milestone_id))
    return task


def _refuse_cancelled(ticket: TicketState, milestone: MilestoneState) -> None:
    _refuse_cancelled_ticket(ticket)
    if milestone.status is MilestoneStatus.CANCELLED:
        raise MilestoneIsCancelled("The milestone is cancelled.")


def _refuse_cancelled_ticket(ticket: TicketState) -> None:
    if ticket.status is TicketStatus.CANCELLED:
        raise TicketIsCancelled("The ticket is cancelled.")


def _refuse_unless_open(task: TaskState) -> None:
    if task.status not in OPEN_TASK:
        raise TaskNotInState(f"The task is {task.status}; reopen it first.")


def given_reason(reason: str | None) -> str:
    """Return the reason, or refuse if there is none."""
    if reason is None or is_blank(reason):
        raise ReasonRequired("Say why, in a few words.", path=("reason",))
    return reason.strip()


def _with_task_status(
    ticket: TicketState, task: TaskState, status: TaskStatus, reason: str | None = None
) -> Transitions:
    own = Transition("Task", task.id, task.status, status, reason=reason)
    return _cascade(ticket, replace(task, status=status), own)


def _with_milestone_status(
    ticket: TicketState, milestone: MilestoneState, status: MilestoneStatus, reason: str | None = None
) -> Transitions:
    own = Transition("Milestone", milestone.id, milestone.status, status, reason=reason)
    return _up_to_ticket(ticket, replace(milestone, status=status), [own])


def _cascade(ticket: TicketState, task: TaskState, own: Transition) -> Transitions:
    """Return what follows from a changed or new task."""
    before = ticket.milestone(task.milestone_id)
    tasks = _with(before.tasks, task)
    after = replace(before, tasks=tasks, status=_milestone_status(tasks))
    transitions = [own]
    if after.status is not before.status:
        transitions.append(Transition("Milestone", after.id, before.status, after.status, cause=0))
    return _up_to_ticket(ticket, after, transitions)


def _up_to_ticket(
    ticket: TicketState, milestone: MilestoneState, transitions: list[Transition]
) -> Transitions:
    status = _ticket_status(_with(ticket.milestones, milestone))
    if status is not ticket.status:
        cause = len(transitions) - 1
        transitions.append(Transition("Ticket", ticket.id, ticket.status, status, cause=cause))
    return tuple(transitions)


_Part = TypeVar("_Part", bound=TaskState | MilestoneState)


def _with(parts: tuple[_Part, ...], changed: _Part) -> tuple[_Part, ...]:
    """Replace the changed part, or add it if it is new."""
    if all(part.id != changed.id for part in parts):
        return (*parts, changed)
    return tuple(changed if part.id == changed.id else part for part in parts)


def unfinished(tasks: Iterable[TaskState]) -> tuple[TaskState, ...]:
    """Return the tasks that keep their milestone open: the open ones, and every mandatory one not done."""
    return tuple(
        task
        for task in tasks
        if task.status in OPEN_TASK or (task.mandatory and task.status is not TaskStatus.DONE)
    )


def _milestone_status(tasks: tuple[TaskState, ...]) -> MilestoneStatus:
    if not any(task.status in STARTED_TASK for task in tasks):
        return MilestoneStatus.PLANNED
    return MilestoneStatus.IN_PROGRESS if unfinished(tasks) else MilestoneStatus.COMPLETED


def _ticket_status(milestones: tuple[MilestoneState, ...]) -> TicketStatus:
    completed = any(milestone.status is MilestoneStatus.COMPLETED for milestone in milestones)
    if completed and all(milestone.status in FINISHED_MILESTONE for milestone in milestones):
        return TicketStatus.CLOSED
    return TicketStatus.IN_PROGRESS if any(map(_is_started, milestones)) else TicketStatus.OPEN


def _is_started(milestone: MilestoneState) -> bool:
    return milestone.status in STARTED_MILESTONE or any(
        task.status in STARTED_TASK for task in milestone.tasks
    )
