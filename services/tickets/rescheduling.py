"""Moves milestones and tasks to new dates."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from models import Milestone, Task
from services.errors import InvalidInput
from services.events import Change, EventLog, EventType
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
from services.texts import is_blank
from services.tickets import cascade
from services.tickets.milestone_changes import changing_milestone
from services.tickets.task_changes import TaskChange, change_task
from services.tickets.ticket_rows import TicketRows
from services.vocabulary import MilestoneStatus, TaskStatus


@dataclass(frozen=True, slots=True)
class Redating:
    """What a new date of a milestone or task would move."""

    dated: DatedTicket
    planned: Rescheduled
    moves: Sequence[DateMove]


def plan_new_date(
    rows: TicketRows, chosen: Milestone | Task, due_on: date, calendar: WorkCalendar
) -> Redating:
    """Plan what moves in the ticket with these rows, or refuse."""
    ticket = cascade.refuse_cancelled(rows.ticket)
    dated = DatedTicket(ticket.id, ticket.starts_on, ticket.due_on, dated_milestones(rows))
    plan = plan_milestone_date if isinstance(chosen, Milestone) else plan_task_date
    planned = plan(dated.milestones, chosen.id, due_on, ticket_starts_on=ticket.starts_on, calendar=calendar)
    return Redating(dated, planned, moves_of(dated, chosen.id, planned, calendar))


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
    opened = changing_milestone(milestone_id, actor=actor, events=events, expected_version=expected_version)
    async with opened as (change, rows, milestone):
        await _redate(change, rows, milestone, due_on, calendar, plan_token, reason)
    return milestone


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
    wanted = redating(due_on, calendar, plan_token, reason)
    return await change_task(task_id, wanted, actor=actor, events=events, expected_version=expected_version)


def redating(
    due_on: date, calendar: WorkCalendar, plan_token: str | None = None, reason: str | None = None
) -> TaskChange:
    return _ToDay(due_on, calendar, plan_token, reason)


def postponing(working_days: int, calendar: WorkCalendar) -> TaskChange:
    """Move tasks by working days, later or (negative) earlier, each from the date that it had before."""
    return _ByDays(working_days, calendar)


@dataclass(frozen=True, slots=True)
class _ToDay:
    due_on: date
    calendar: WorkCalendar
    plan_token: str | None
    reason: str | None

    async def prepare(self, tasks: Sequence[Task]) -> None:
        """Each ticket is planned by itself."""

    async def apply(self, change: Change, rows: TicketRows, task: Task) -> None:
        await _redate(change, rows, task, self.due_on, self.calendar, self.plan_token, self.reason)


@dataclass(frozen=True, slots=True)
class _ByDays:
    working_days: int
    calendar: WorkCalendar
    _due_on: dict[str, date] = field(default_factory=dict)

    async def prepare(self, tasks: Sequence[Task]) -> None:
        if abs(self.working_days) > MOST_DAYS:
            expected = f"{-MOST_DAYS} to {MOST_DAYS}"
            raise InvalidInput("It cannot move by so many days.", path=("byWorkingDays",), expected=expected)
        # A task that is moved takes the later ones along: from where they come to be, these would move twice.
        self._due_on.update({one.id: self.calendar.move(one.due_on, self.working_days) for one in tasks})

    async def apply(self, change: Change, rows: TicketRows, task: Task) -> None:
        await _redate(change, rows, task, self._due_on[task.id], self.calendar)


async def _redate(
    change: Change,
    rows: TicketRows,
    chosen: Milestone | Task,
    due_on: date,
    calendar: WorkCalendar,
    plan_token: str | None = None,
    reason: str | None = None,
) -> None:
    plan = plan_new_date(rows, chosen, due_on, calendar)
    refuse_other_moves(plan_token, chosen.id, plan.moves)
    await write_dates(change, rows, chosen, plan.planned, reason=reason)


def dated_milestones(rows: TicketRows) -> list[DatedMilestone]:
    return [
        DatedMilestone(
            id=one.id,
            position=one.position,
            status=MilestoneStatus(one.status),
            depends_on=tuple(one.depends_on),
            starts_on=one.starts_on,
            due_on=one.due_on,
            tasks=tuple(
                DatedTask(task.id, TaskStatus(task.status), task.starts_on, task.due_on)
                for task in rows.tasks.get(one.id, ())
            ),
        )
        for one in rows.milestones
    ]


async def write_dates(
    change: Change,
    rows: TicketRows,
    chosen: Milestone | Task,
    planned: Rescheduled,
    *,
    cause: str | None = None,
    reason: str | None = None,
) -> None:
    """Write the chosen date, then every date that moved with it, caused by the first event, or by `cause`.

    The `reason` stays with what was chosen, until it is moved again.
    """
    own = {row.id: row for row in rows}
    event_ids: dict[str, str | None] = {chosen.id: cause}
    given = None if reason is None or is_blank(reason) else reason.strip()
    for moved in sorted(planned.changes, key=lambda one: one.id != chosen.id):
        event_ids[moved.id] = await change.update_later(
            own[moved.id],
            kind=EventType(f"{moved.entity.upper()}_RESCHEDULED"),
            cause=event_ids.get(chosen.id),
            starts_on=moved.starts_on,
            due_on=moved.due_on,
            **({"rescheduled_reason": given} if moved.id == chosen.id else {}),
        )
    cause = event_ids.get(chosen.id)
    await change.update_later(
        rows.ticket, kind=EventType.TICKET_RESCHEDULED, cause=cause, due_on=planned.due_on
    )
