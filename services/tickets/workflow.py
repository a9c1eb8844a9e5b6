"""WorkflowManager: operators work on tasks; milestones and tickets close and reopen by themselves."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from models import Milestone, Task
from services.events import EventLog, EventType, changing, refuse_stale
from services.operators.roster import get_active_operator
from services.planning.tickets import workflow
from services.planning.tickets.workflow import TicketState, Transitions
from services.records import get_milestone, get_task
from services.tickets import cascade
from services.tickets.ticket_rows import take_in_hand

W = TypeVar("W", Task, Milestone)


async def start_task(
    task_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    return await _change_task(task_id, workflow.start_task, actor, events, expected_version)


async def complete_task(
    task_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Complete a task. The last task completes its milestone, and the last milestone closes the ticket."""
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
    """Make a mandatory task optional. The reason is stored."""

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
    return await _change(await get_task(task_id), decide, actor, events, expected_version)


async def assign_task(
    task_id: str, operator_id: str, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    """Assign a task to an active operator."""
    load = partial(get_task, task_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, task):
        await get_active_operator(operator_id)
        await cascade.get_uncancelled(task.ticket_id)
        await change.update(task, kind=EventType.TASK_ASSIGNED, assignee_id=operator_id)
    return task


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
    return await _change(await get_milestone(milestone_id), decide, actor, events, expected_version)


async def _change(
    seen: W,
    decide: Callable[[TicketState, str], Transitions],
    actor: str,
    events: EventLog,
    expected_version: int | None,
) -> W:
    """Carry out what is decided about a row of a ticket that exists, and return it as it is then."""
    async with events.change(seen.tree_id, actor=actor) as change:
        rows = await take_in_hand(change, seen.ticket_id)
        row: W = next(one for one in rows if one.id == seen.id)  # type: ignore[assignment]
        await refuse_stale(row, expected_version)
        await cascade.write_transitions(change, decide(rows.state(), row.id), rows=rows)
    return row
