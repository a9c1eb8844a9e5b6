"""What would move with a new date. Nothing is written."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

from models import CrmActivity, Milestone, Task
from services.planning.calendar import WorkCalendar
from services.planning.tickets.date_moves import (
    ChosenWork,
    DateMove,
    RescheduleWarning,
    token_of,
    warnings_of,
)
from services.planning.tickets.sla import light, light_dates
from services.records import get_milestone, get_task
from services.tickets.rescheduling import Redating, plan_new_date
from services.tickets.ticket_rows import read_ticket
from services.vocabulary import MilestoneStatus, SlaLight


@dataclass(frozen=True, slots=True)
class ForeseenMove(DateMove):
    """A move with the light that the work would have today."""

    sla: SlaLight


@dataclass(frozen=True, slots=True)
class ReschedulePreview:
    due_on: date
    moves: Sequence[ForeseenMove]
    crm_activity_count: int
    warnings: Sequence[RescheduleWarning]
    plan_token: str


async def preview_reschedule_milestone(
    milestone_id: str, due_on: date, *, today: date, calendar: WorkCalendar
) -> ReschedulePreview:
    return await _preview(await get_milestone(milestone_id), due_on, today, calendar)


async def preview_reschedule_task(
    task_id: str, due_on: date, *, today: date, calendar: WorkCalendar
) -> ReschedulePreview:
    return await _preview(await get_task(task_id), due_on, today, calendar)


async def _preview(
    chosen: Milestone | Task, due_on: date, today: date, calendar: WorkCalendar
) -> ReschedulePreview:
    rows = await read_ticket(chosen.ticket_id)
    redating = plan_new_date(rows, chosen, due_on, calendar)
    work = ChosenWork(chosen.id, chosen.starts_on, chosen.original_due_on, chosen.sla_days)
    warnings = warnings_of(redating.dated, work, due_on, redating.moves, today=today, calendar=calendar)
    redated = [move.id for move in redating.moves if move.due_on != move.due_on_before]
    return ReschedulePreview(
        due_on=calendar.on_or_after(due_on),
        moves=_foreseen(redating, rows.milestones, today, calendar),
        crm_activity_count=await CrmActivity.filter(milestone_id__in=redated).count(),
        warnings=list(warnings),
        plan_token=token_of(chosen.id, redating.moves),
    )


def _foreseen(
    redating: Redating, of_ticket: Sequence[Milestone], today: date, calendar: WorkCalendar
) -> list[ForeseenMove]:
    milestones = {one.id: one for one in of_ticket}
    due = {one.id: one.due_on for one in milestones.values()} | {one.id: one.due_on for one in redating.moves}
    above = {task.id: one.id for one in redating.dated.milestones for task in one.tasks}
    live = [one for one in milestones.values() if one.status != MilestoneStatus.CANCELLED]
    latest = max(live, key=lambda one: (due[one.id], one.position))

    def foresee(move: DateMove) -> ForeseenMove:
        milestone = milestones.get(above.get(move.id, move.id), latest)
        dates = light_dates(
            move.due_on,
            warning_days=milestone.warning_days,
            escalation_days=milestone.escalation_days,
            calendar=calendar,
        )
        seen = light(move.due_on, *dates, today)
        assert seen is not None, "work that moves is unfinished"
        return ForeseenMove(**asdict(move), sla=seen)

    return [foresee(move) for move in redating.moves]
