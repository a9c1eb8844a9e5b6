"""Writes the transitions of the closing cascade."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from models import Milestone, Task, Ticket
from models.identity import VersionedRow
from services.events import Change, EventType
from services.planning.tickets.workflow import (
    TicketIsCancelled,
    TicketState,
    Transition,
    Transitions,
)
from services.tickets.ticket_rows import TicketRows, read_ticket
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus

MODELS: dict[str, type[VersionedRow]] = {"Task": Task, "Milestone": Milestone, "Ticket": Ticket}


async def ticket_state(ticket_id: str) -> TicketState:
    """Read the state that the cascade decides on. Call it inside the change that writes."""
    return (await read_ticket(ticket_id)).state()


async def write_transitions(
    change: Change, transitions: Transitions, *, cause: str | None = None, rows: TicketRows | None = None
) -> str | None:
    """Write the transitions in order, each with the event that caused it. Return the event of the first.

    The first transition is the operator's own, unless `cause` names another event. A new row must have been created
    within the change. `rows` are those of the ticket as they are now, if they are known; else each is read.
    """
    known = {row.id: row for row in rows or ()}
    event_ids: list[str | None] = []
    for transition in transitions:
        if transition.before is None:
            event_ids.append(change.last_event(transition.id))
            continue
        row = known.get(transition.id) or await MODELS[transition.entity].get(id=transition.id)
        because = event_ids[transition.cause] if transition.cause is not None else cause
        columns = {**_columns(transition, row, change.at), **await _history_columns(transition, row, known)}
        event_ids.append(await change.update_later(row, kind=_kind(transition), cause=because, **columns))
    return event_ids[0] if event_ids else None


def _kind(transition: Transition) -> EventType:
    if transition.column == "mandatory":
        return EventType.TASK_WAIVED
    return EventType(f"{transition.entity.upper()}_{transition.after}")


def _columns(transition: Transition, row: Any, at: datetime) -> dict[str, Any]:
    if transition.column == "mandatory":
        return {"mandatory": transition.after, "waived_reason": transition.reason}
    columns = {"status": transition.after, **_COLUMNS[transition.entity](row, transition.after, at)}
    if transition.reason is not None:
        columns[_REASONS[transition.entity, transition.after]] = transition.reason
    return columns


_FINISHED: dict[str, tuple[str, str]] = {
    "Task": (TaskStatus.DONE, "assignee_id"),
    "Milestone": (MilestoneStatus.COMPLETED, "ticket_id"),
    "Ticket": (TicketStatus.CLOSED, "owner_id"),
}
"""The status of finished work, and the column that leads to the operator that it belongs to."""


async def _history_columns(transition: Transition, row: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what stays known of a finish when the work is reopened: whose it was, and how often that happened."""
    if transition.column != "status":
        return {}
    finished, belongs_by = _FINISHED[transition.entity]
    if transition.before == finished:
        return {"reopened_count": row.reopened_count + 1}
    if transition.after != finished:
        return {}
    belongs_to = getattr(row, belongs_by)
    if isinstance(row, Milestone):
        ticket = known.get(belongs_to) or await Ticket.get(id=belongs_to).only("owner_id")
        belongs_to = ticket.owner_id
    return {"finished_owner_id": belongs_to}


def _task_columns(task: Task, status: str, at: datetime) -> dict[str, Any]:
    match status:
        case TaskStatus.TODO:
            return {"started_at": None, "finished_at": None, "skipped_reason": None}
        case TaskStatus.IN_PROGRESS:
            return {"started_at": at}
        case TaskStatus.DONE:
            first = task.first_finished_at or at
            return {"started_at": task.started_at or at, "finished_at": at, "first_finished_at": first}
        case _:
            return {"finished_at": at}


def _milestone_columns(milestone: Milestone, status: str, at: datetime) -> dict[str, Any]:
    match status:
        case MilestoneStatus.PLANNED:
            return {"started_at": None, "completed_at": None}
        case MilestoneStatus.IN_PROGRESS:
            return {"started_at": milestone.started_at or at, "completed_at": None}
        case MilestoneStatus.COMPLETED:
            first = milestone.first_completed_at or at
            return {"started_at": milestone.started_at or at, "completed_at": at, "first_completed_at": first}
        case _:
            return {"cancelled_at": at}


def _ticket_columns(ticket: Ticket, status: str, at: datetime) -> dict[str, Any]:
    match status:
        case TicketStatus.OPEN:
            return {"started_at": None, "closed_at": None}
        case TicketStatus.IN_PROGRESS:
            return {"started_at": ticket.started_at or at, "closed_at": None}
        case TicketStatus.CLOSED:
            return {
                "started_at": ticket.started_at or at,
                "closed_at": at,
                "first_closed_at": ticket.first_closed_at or at,
            }
        case _:
            return {"cancelled_at": at}


_COLUMNS: dict[str, Any] = {
    "Task": _task_columns,
    "Milestone": _milestone_columns,
    "Ticket": _ticket_columns,
}

_REASONS: dict[tuple[str, object], str] = {
    ("Task", TaskStatus.SKIPPED): "skipped_reason",
    ("Task", TaskStatus.TODO): "reopened_reason",
    ("Milestone", MilestoneStatus.CANCELLED): "cancelled_reason",
    ("Ticket", TicketStatus.CANCELLED): "cancelled_reason",
}


async def get_uncancelled(ticket_id: str) -> Ticket:
    """Return the ticket, or refuse where it is cancelled."""
    return refuse_cancelled(await Ticket.get(id=ticket_id))


def refuse_cancelled(ticket: Ticket) -> Ticket:
    if ticket.status == TicketStatus.CANCELLED:
        raise TicketIsCancelled("The ticket is cancelled.")
    return ticket
