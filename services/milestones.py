"""WorkflowManager: operators start, finish, skip and reopen work; what lies above it closes and reopens by itself."""

from collections.abc import Callable
from datetime import date

from models import Milestone, Task, Ticket
from services import closing, shadows
from services.errors import Refusal
from services.events import Change, EventLog
from services.operators.roster import get_active_operator
from services.planning import workflow
from services.planning.calendar import WorkCalendar
from services.planning.schedule import (
    DatedMilestone,
    DatedTask,
    Rescheduled,
    reschedule_milestone as plan_milestone_date,
    reschedule_task as plan_task_date,
)
from services.planning.workflow import TicketIsCancelled, TicketState, Transitions
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus


class UnknownTask(Refusal):
    """There is no such task."""

    code = "UNKNOWN_TASK"


class UnknownMilestone(Refusal):
    """There is no such milestone."""

    code = "UNKNOWN_MILESTONE"


class ChangedMeanwhile(Refusal):
    """Somebody changed it after the caller looked; look again before changing it."""

    code = "CONFLICT"

    def __init__(self, entity_id: str) -> None:
        super().__init__("Somebody changed this in the meantime.", path=("expectedVersion",))
        self.entity_id = entity_id


async def start_task(
    task_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    return await _change_task(task_id, workflow.start_task, actor, events, expected_version)


async def complete_task(
    task_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Finish a task. The last one completes its milestone, and the last milestone closes the ticket."""
    return await _change_task(task_id, workflow.complete_task, actor, events, expected_version)


async def skip_task(
    task_id: str, reason: str | None, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    def decide(ticket: TicketState, task_id: str) -> Transitions:
        return workflow.skip_task(ticket, task_id, reason)

    return await _change_task(task_id, decide, actor, events, expected_version)


async def reopen_task(
    task_id: str, reason: str | None, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    def decide(ticket: TicketState, task_id: str) -> Transitions:
        return workflow.reopen_task(ticket, task_id, reason)

    return await _change_task(task_id, decide, actor, events, expected_version)


async def waive_task(
    task_id: str, reason: str | None, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Make a mandatory task optional, for a reason that is kept."""

    def decide(ticket: TicketState, task_id: str) -> Transitions:
        return workflow.waive_task(ticket, task_id, reason)

    return await _change_task(task_id, decide, actor, events, expected_version)


async def _change_task(
    task_id: str,
    decide: Callable[[TicketState, str], Transitions],
    actor: str,
    events: EventLog,
    expected_version: int | None,
) -> Task:
    tree_id = (await _get_task(task_id)).tree_id
    async with events.change(tree_id, actor=actor) as change:
        task = await _get_task(task_id)
        _refuse_stale(task, expected_version)
        await closing.write_transitions(change, decide(await closing.ticket_state(task.ticket_id), task_id))
    return await _get_task(task_id)


async def assign_task(task_id: str, operator_id: str, *, actor: str, events: EventLog) -> Task:
    """Give a task to somebody."""
    tree_id = (await _get_task(task_id)).tree_id
    async with events.change(tree_id, actor=actor) as change:
        await get_active_operator(operator_id)
        task = await _get_task(task_id)
        await _refuse_cancelled(task.ticket_id)
        await change.update(task, kind="TASK_ASSIGNED", assignee_id=operator_id)
    return task


async def complete_milestone(milestone_id: str, *, actor: str, events: EventLog) -> Milestone:
    """Complete by hand a milestone that never would by itself, because it has nothing to do."""
    return await _change_milestone(milestone_id, workflow.complete_milestone, actor, events)


async def cancel_milestone(
    milestone_id: str, reason: str | None, *, actor: str, events: EventLog
) -> Milestone:
    def decide(ticket: TicketState, milestone_id: str) -> Transitions:
        return workflow.cancel_milestone(ticket, milestone_id, reason)

    return await _change_milestone(milestone_id, decide, actor, events)


async def _change_milestone(
    milestone_id: str, decide: Callable[[TicketState, str], Transitions], actor: str, events: EventLog
) -> Milestone:
    milestone = await _get_milestone(milestone_id)
    async with events.change(milestone.tree_id, actor=actor) as change:
        state = await closing.ticket_state(milestone.ticket_id)
        await closing.write_transitions(change, decide(state, milestone_id))
    return await _get_milestone(milestone_id)


async def reschedule_milestone(
    milestone_id: str, due_on: date, *, actor: str, events: EventLog, calendar: WorkCalendar
) -> Milestone:
    """Re-date a milestone; what depends on it moves along, to working days. The original dates stay beside."""
    milestone = await _get_milestone(milestone_id)
    async with events.change(milestone.tree_id, actor=actor) as change:
        await _refuse_cancelled(milestone.ticket_id)
        planned = plan_milestone_date(await _dated(milestone.ticket_id), milestone_id, due_on, calendar)
        await _write_dates(change, milestone, planned)
    return await _get_milestone(milestone_id)


async def reschedule_task(
    task_id: str, due_on: date, *, actor: str, events: EventLog, calendar: WorkCalendar
) -> Task:
    """Re-date a task; the tasks after it and what depends on its milestone move along."""
    task = await _get_task(task_id)
    async with events.change(task.tree_id, actor=actor) as change:
        await _refuse_cancelled(task.ticket_id)
        planned = plan_task_date(await _dated(task.ticket_id), task_id, due_on, calendar)
        await _write_dates(change, task, planned)
    return await _get_task(task_id)


async def _dated(ticket_id: str) -> list[DatedMilestone]:
    tasks: dict[str, list[DatedTask]] = {}
    for task in await Task.filter(ticket_id=ticket_id).order_by("position"):
        dated = DatedTask(task.id, TaskStatus(task.status), task.starts_on, task.due_on)
        tasks.setdefault(task.milestone_id, []).append(dated)
    return [
        DatedMilestone(
            id=one.id,
            position=one.position,
            status=MilestoneStatus(one.status),
            depends_on=tuple(one.depends_on),
            starts_on=one.starts_on,
            due_on=one.due_on,
            tasks=tuple(tasks.get(one.id, ())),
        )
        for one in await Milestone.filter(ticket_id=ticket_id).order_by("position")
    ]


async def _write_dates(change: Change, chosen: Milestone | Task, planned: Rescheduled) -> None:
    """Write the date that the operator chose, and because of it every date that moved along."""
    told: dict[str, str | None] = {}
    for redating in sorted(planned.changes, key=lambda one: one.id != chosen.id):
        told[redating.id] = await change.update(
            await closing.MODELS[redating.entity].get(id=redating.id),
            kind=f"{redating.entity.upper()}_RESCHEDULED",
            cause=told.get(chosen.id),
            starts_on=redating.starts_on,
            due_on=redating.due_on,
        )
    ticket = await Ticket.get(id=chosen.ticket_id)
    cause = told.get(chosen.id)
    await change.update(ticket, kind="TICKET_RESCHEDULED", cause=cause, due_on=planned.due_on)
    milestones = {one.id: told[one.id] for one in planned.changes if one.entity == "Milestone"}
    await shadows.follow_milestones(change, milestones)


async def _get_task(task_id: str) -> Task:
    task = await Task.get_or_none(id=task_id)
    if task is None:
        raise UnknownTask(f"There is no task {task_id!r}.", path=("taskId",))
    return task


async def _get_milestone(milestone_id: str) -> Milestone:
    milestone = await Milestone.get_or_none(id=milestone_id)
    if milestone is None:
        raise UnknownMilestone(f"There is no milestone {milestone_id!r}.", path=("milestoneId",))
    return milestone


async def _refuse_cancelled(ticket_id: str) -> None:
    if (await Ticket.get(id=ticket_id)).status == TicketStatus.CANCELLED:
        raise TicketIsCancelled("The ticket is cancelled.")


def _refuse_stale(task: Task, expected_version: int | None) -> None:
    if expected_version is not None and task.version != expected_version:
        raise ChangedMeanwhile(task.id)
