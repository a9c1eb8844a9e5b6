"""WorkflowManager: operators work on tasks; milestones and tickets close and reopen by themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from models import Milestone, Task
from services.events import Change, EventLog, EventType
from services.operators.roster import get_active_operator
from services.planning.tickets import workflow
from services.planning.tickets.workflow import TicketState, Transitions
from services.tickets import cascade
from services.tickets.milestone_changes import changing_milestone
from services.tickets.task_changes import TaskChange, change_task
from services.tickets.ticket_rows import TicketRows


async def start_task(
    task_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    return await change_task(
        task_id, starting(), actor=actor, events=events, expected_version=expected_version
    )


async def complete_task(
    task_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Complete a task. The last task completes its milestone, and the last milestone closes the ticket."""
    return await change_task(
        task_id, completing(), actor=actor, events=events, expected_version=expected_version
    )


async def skip_task(
    task_id: str, reason: str | None, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    wanted = skipping(reason)
    return await change_task(task_id, wanted, actor=actor, events=events, expected_version=expected_version)


async def reopen_task(
    task_id: str, reason: str | None, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    wanted = reopening(reason)
    return await change_task(task_id, wanted, actor=actor, events=events, expected_version=expected_version)


async def waive_task(
    task_id: str, reason: str | None, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Make a mandatory task optional. The reason is stored."""
    wanted = waiving(reason)
    return await change_task(task_id, wanted, actor=actor, events=events, expected_version=expected_version)


async def assign_task(
    task_id: str, operator_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Assign a task to an active operator."""
    wanted = assigning(operator_id)
    return await change_task(task_id, wanted, actor=actor, events=events, expected_version=expected_version)


def starting() -> TaskChange:
    return _Transition(workflow.start_task)


def completing() -> TaskChange:
    return _Transition(workflow.complete_task)


def skipping(reason: str | None) -> TaskChange:
    return _Transition(partial(workflow.skip_task, reason=reason))


def reopening(reason: str | None) -> TaskChange:
    return _Transition(partial(workflow.reopen_task, reason=reason))


def waiving(reason: str | None) -> TaskChange:
    return _Transition(partial(workflow.waive_task, reason=reason))


def assigning(operator_id: str) -> TaskChange:
    return _Assignment(operator_id)


@dataclass(frozen=True, slots=True)
class _Transition:
    """A change of a task, with what it brings about in the milestone and the ticket."""

    decide: Callable[[TicketState, str], Transitions]

    async def prepare(self, tasks: Sequence[Task]) -> None:
        """Each ticket is decided about by itself."""

    async def apply(self, change: Change, rows: TicketRows, task: Task) -> None:
        await cascade.write_transitions(change, self.decide(rows.state(), task.id), rows=rows)


@dataclass(frozen=True, slots=True)
class _Assignment:
    operator_id: str

    async def prepare(self, tasks: Sequence[Task]) -> None:
        await get_active_operator(self.operator_id)

    async def apply(self, change: Change, rows: TicketRows, task: Task) -> None:
        cascade.refuse_cancelled(rows.ticket)
        await change.update_later(task, kind=EventType.TASK_ASSIGNED, assignee_id=self.operator_id)


async def complete_milestone(
    milestone_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Milestone:
    """Complete by hand a milestone without work, which never completes by itself."""
    return await _change_milestone(milestone_id, workflow.complete_milestone, actor, events, expected_version)


async def cancel_milestone(
    milestone_id: str,
    reason: str | None,
    *,
    actor: str,
    events: EventLog,
    expected_version: int | None = None,
) -> Milestone:
    def decide(ticket: TicketState, milestone_id: str) -> Transitions:
        return workflow.cancel_milestone(ticket, milestone_id, reason)

    return await _change_milestone(milestone_id, decide, actor, events, expected_version)


async def _change_milestone(
    milestone_id: str,
    decide: Callable[[TicketState, str], Transitions],
    actor: str,
    events: EventLog,
    expected_version: int | None,
) -> Milestone:
    opened = changing_milestone(milestone_id, actor=actor, events=events, expected_version=expected_version)
    async with opened as (change, rows, milestone):
        await cascade.write_transitions(change, decide(rows.state(), milestone.id), rows=rows)
    return milestone
