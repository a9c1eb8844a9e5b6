"""Moves milestones and tasks to new dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from models import Milestone, Task, Ticket
from services.errors import InvalidInput
from services.events import Change, EventLog, EventType, changing
from services.planning.calendar import WorkCalendar
from services.planning.tickets.date_moves import DatedTicket, DateMove, moves_of, refuse_other_moves
from services.planning.tickets.drafts import MOST_DAYS
from services.planning.tickets.schedule import (
    DatedMilestone,
    DatedTask,
    Rescheduled,
    reschedule_milestone as plan_milestone_date,
    reschedule_task as plan_task_date,
)
from services.records import get_milestone, get_task
from services.texts import is_blank
from services.tickets import cascade
from services.vocabulary import MilestoneStatus, TaskStatus


@dataclass(frozen=True, slots=True)
class Redating:
    """What a new date of a milestone or task would move."""

    ticket: Ticket
    dated: DatedTicket
    planned: Rescheduled
    moves: Sequence[DateMove]


async def plan_new_date(chosen: Milestone | Task, due_on: date, calendar: WorkCalendar) -> Redating:
    """Plan what moves, or refuse. A run plans within its change."""
    ticket = await cascade.get_uncancelled(chosen.ticket_id)
    dated = DatedTicket(ticket.id, ticket.starts_on, ticket.due_on, await dated_milestones(ticket.id))
    plan = plan_milestone_date if isinstance(chosen, Milestone) else plan_task_date
    planned = plan(dated.milestones, chosen.id, due_on, ticket_starts_on=ticket.starts_on, calendar=calendar)
    return Redating(ticket, dated, planned, moves_of(dated, chosen.id, planned, calendar))


async def reschedule_milestone(
    milestone_id: str,
    due_on: date,
    *,
    actor: str,
    events: EventLog,
    calendar: WorkCalendar,
    expected_version: int | None = None,
    plan_token: str | None = None,
    reason: str | None = None,
) -> Milestone:
    """Move a milestone to a new date. Dependent milestones move along to working days; the original dates are kept.

    With the token of a preview, exactly what it showed moves, or nothing.
    """
    load = partial(get_milestone, milestone_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, milestone):
        await _redate(change, milestone, due_on, calendar, plan_token, reason)
    return await get_milestone(milestone_id)


async def reschedule_task(
    task_id: str,
    due_on: date,
    *,
    actor: str,
    events: EventLog,
    calendar: WorkCalendar,
    expected_version: int | None = None,
    plan_token: str | None = None,
    reason: str | None = None,
) -> Task:
    """Move a task to a new date. Later tasks and dependents of its milestone move along.

    With the token of a preview, exactly what it showed moves, or nothing.
    """
    load = partial(get_task, task_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, task):
        await _redate(change, task, due_on, calendar, plan_token, reason)
    return await get_task(task_id)


async def postpone_task(
    task_id: str,
    working_days: int,
    *,
    actor: str,
    events: EventLog,
    calendar: WorkCalendar,
    expected_version: int | None = None,
) -> Task:
    """Move a task by working days, later or (negative) earlier, from the date that it has."""
    if abs(working_days) > MOST_DAYS:
        expected = f"{-MOST_DAYS} to {MOST_DAYS}"
        raise InvalidInput("It cannot move by so many days.", path=("byWorkingDays",), expected=expected)
    load = partial(get_task, task_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, task):
        await _redate(change, task, calendar.move(task.due_on, working_days), calendar)
    return await get_task(task_id)


async def _redate(
    change: Change,
    chosen: Milestone | Task,
    due_on: date,
    calendar: WorkCalendar,
    plan_token: str | None = None,
    reason: str | None = None,
) -> None:
    redating = await plan_new_date(chosen, due_on, calendar)
    refuse_other_moves(plan_token, chosen.id, redating.moves)
    await write_dates(change, chosen, redating.planned, reason=reason)


async def dated_milestones(ticket_id: str) -> list[DatedMilestone]:
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


async def write_dates(
    change: Change,
    chosen: Milestone | Task,
    planned: Rescheduled,
    *,
    cause: str | None = None,
    reason: str | None = None,
) -> None:
    """Write the chosen date, then every date that moved with it, caused by the first event, or by `cause`.

    The `reason` stays with what was chosen, until it is moved again.
    """
    event_ids: dict[str, str | None] = {chosen.id: cause}
    given = None if reason is None or is_blank(reason) else reason.strip()
    for redating in sorted(planned.changes, key=lambda one: one.id != chosen.id):
        event_ids[redating.id] = await change.update(
            await cascade.MODELS[redating.entity].get(id=redating.id),
            kind=EventType(f"{redating.entity.upper()}_RESCHEDULED"),
            cause=event_ids.get(chosen.id),
            starts_on=redating.starts_on,
            due_on=redating.due_on,
            **({"rescheduled_reason": given} if redating.id == chosen.id else {}),
        )
    ticket = await Ticket.get(id=chosen.ticket_id)
    cause = event_ids.get(chosen.id)
    await change.update(ticket, kind=EventType.TICKET_RESCHEDULED, cause=cause, due_on=planned.due_on)
