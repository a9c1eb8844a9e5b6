"""Writes what the closing cascade decided, and sees to it that the CRM hears of it."""

from datetime import datetime
from typing import Any

from models import Milestone, Task, Ticket
from models.identity import VersionedRow
from services import shadows
from services.events import Change
from services.planning.workflow import MilestoneState, TaskState, TicketState, Transition, Transitions
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus

MODELS: dict[str, type[VersionedRow]] = {"Task": Task, "Milestone": Milestone, "Ticket": Ticket}


async def ticket_state(ticket_id: str) -> TicketState:
    """A ticket as the cascade sees it; read it inside the change that will write."""
    ticket = await Ticket.get(id=ticket_id)
    tasks: dict[str, list[TaskState]] = {}
    for task in await Task.filter(ticket_id=ticket_id).order_by("position"):
        state = TaskState(task.id, task.milestone_id, TaskStatus(task.status), task.mandatory)
        tasks.setdefault(task.milestone_id, []).append(state)
    milestones = tuple(
        MilestoneState(
            milestone.id,
            MilestoneStatus(milestone.status),
            MilestoneKind(milestone.kind),
            tuple(tasks.get(milestone.id, ())),
        )
        for milestone in await Milestone.filter(ticket_id=ticket_id).order_by("position")
    )
    return TicketState(ticket.id, TicketStatus(ticket.status), milestones)


async def write_transitions(
    change: Change, transitions: Transitions, *, cause: str | None = None
) -> str | None:
    """Write each transition with its cause: the first one, whose event is returned, then what followed from it.

    The first is the operator's own, unless a `cause` says what it follows from.
    """
    told: list[str | None] = []
    for transition in transitions:
        row = await MODELS[transition.entity].get(id=transition.id)
        because = told[transition.cause] if transition.cause is not None else cause
        columns = _columns(transition, row, change.at)
        told.append(await change.update(row, kind=_kind(transition), cause=because, **columns))
    events = zip(transitions, told, strict=True)
    await shadows.follow_milestones(
        change, {one.id: event for one, event in events if one.entity == "Milestone"}
    )
    return told[0] if told else None


def _kind(transition: Transition) -> str:
    if transition.column == "mandatory":
        return "TASK_WAIVED"
    return f"{transition.entity.upper()}_{transition.after}"


def _columns(transition: Transition, row: Any, at: datetime) -> dict[str, Any]:
    if transition.column == "mandatory":
        return {"mandatory": transition.after, "reason": transition.reason}
    columns = {"status": transition.after, **_INSTANTS[transition.entity](row, transition.after, at)}
    if transition.reason is not None:
        columns["reason"] = transition.reason
    return columns


def _task_instants(task: Task, status: str, at: datetime) -> dict[str, Any]:
    match status:
        case TaskStatus.TODO:
            return {"started_at": None, "finished_at": None}
        case TaskStatus.IN_PROGRESS:
            return {"started_at": at}
        case TaskStatus.DONE:
            return {"started_at": task.started_at or at, "finished_at": at}
        case _:
            return {"finished_at": at}


def _milestone_instants(milestone: Milestone, status: str, at: datetime) -> dict[str, Any]:
    match status:
        case MilestoneStatus.PLANNED:
            return {"started_at": None, "completed_at": None}
        case MilestoneStatus.IN_PROGRESS:
            return {"started_at": milestone.started_at or at, "completed_at": None}
        case MilestoneStatus.COMPLETED:
            return {"started_at": milestone.started_at or at, "completed_at": at}
        case _:
            return {"cancelled_at": at}


def _ticket_instants(ticket: Ticket, status: str, at: datetime) -> dict[str, Any]:
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


_INSTANTS: dict[str, Any] = {
    "Task": _task_instants,
    "Milestone": _milestone_instants,
    "Ticket": _ticket_instants,
}
