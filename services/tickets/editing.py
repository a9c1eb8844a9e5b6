"""Changes what is written about tasks and tickets, and who owns a ticket."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from models import Task, Ticket
from models.milestones import new_entry_id
from services.errors import InvalidInput
from services.events import Change, EventLog, EventType, changing
from services.operators.roster import get_active_operator
from services.planning.tickets.checklists import Line, rewritten, ticked
from services.planning.tickets.drafts import possible_hours, stated
from services.planning.tickets.workflow import OPEN_TASK
from services.records import get_task, get_ticket
from services.tickets import cascade
from services.vocabulary import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEdit:
    """New values of a task. None leaves a value as it is."""

    title: str | None = None
    notes: str | None = None
    estimated_hours: Decimal | None = None
    workflow_role: str | None = None
    checklist: Sequence[Line] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketEdit:
    """New values of a ticket. None leaves a value as it is.

    With `hand_over_tasks`, the open tasks of the previous owner go to the new one.
    """

    notes: str | None = None
    priority: Priority | None = None
    owner_id: str | None = None
    hand_over_tasks: bool = False


async def update_task(
    task_id: str, edit: TaskEdit, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Task:
    load = partial(get_task, task_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, task):
        await cascade.get_uncancelled(task.ticket_id)
        await change.update(task, kind=EventType.TASK_UPDATED, **_task_columns(task, edit))
    return task


async def tick_checklist(
    task_id: str,
    entry_id: str,
    done: bool,
    *,
    actor: str,
    events: EventLog,
    expected_version: int | None = None,
) -> Task:
    """Tick one entry. It leaves the other entries as they are, so it is safe without an expected version, too."""
    load = partial(get_task, task_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, task):
        await cascade.get_uncancelled(task.ticket_id)
        checklist = ticked(task.checklist, entry_id, done, by=actor, at=change.at)
        await change.update(task, kind=EventType.TASK_CHECKLIST_TICKED, checklist=checklist)
    return task


def _task_columns(task: Task, edit: TaskEdit) -> dict[str, Any]:
    return _given(
        title=None if edit.title is None else stated(edit.title, "title"),
        notes=edit.notes,
        estimated_hours=None if edit.estimated_hours is None else possible_hours(edit.estimated_hours),
        workflow_role=None if edit.workflow_role is None else stated(edit.workflow_role, "workflowRole"),
        checklist=None if edit.checklist is None else rewritten(task.checklist, edit.checklist, new_entry_id),
    )


async def update_ticket(
    ticket_id: str, edit: TicketEdit, *, actor: str, events: EventLog, expected_version: int | None = None
) -> Ticket:
    """Change a ticket. Tasks of other operators, finished tasks and child tickets keep their people."""
    load = partial(get_ticket, ticket_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, ticket):
        await cascade.get_uncancelled(ticket.id)
        if edit.owner_id is not None:
            await get_active_operator(edit.owner_id, path=("ownerId",))
        elif edit.hand_over_tasks:
            raise InvalidInput(
                "Tasks are handed over to a new owner.", path=("handOverTasks",), expected="an ownerId"
            )
        previous = ticket.owner_id
        columns = _given(notes=edit.notes, priority=edit.priority, owner_id=edit.owner_id)
        cause = await change.update(ticket, kind=EventType.TICKET_UPDATED, **columns)
        if edit.hand_over_tasks:
            await _hand_over(change, ticket, previous, cause)
    return ticket


def _given(**columns: Any) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if value is not None}


async def _hand_over(change: Change, ticket: Ticket, previous_id: str, cause: str | None) -> None:
    open_tasks = Task.filter(ticket_id=ticket.id, assignee_id=previous_id, status__in=OPEN_TASK)
    for task in await open_tasks.order_by("id"):
        await change.update(task, kind=EventType.TASK_ASSIGNED, cause=cause, assignee_id=ticket.owner_id)
