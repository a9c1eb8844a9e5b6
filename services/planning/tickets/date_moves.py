"""What moves with a date, and what an operator should know before moving it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.planning.actions.plan_token import PlanStale, issue_token, shown_facts
from services.planning.calendar import WorkCalendar
from services.planning.tickets.schedule import DatedMilestone, DatedTask, Rescheduled

Dates = tuple[date | None, date | None]
"""When something starts, and when it is due."""


@dataclass(frozen=True, slots=True)
class DateMove:
    """New dates of a ticket, a milestone or a task, beside those that it has."""

    id: str
    starts_on_before: date
    starts_on: date
    due_on_before: date
    due_on: date
    working_days: int


class RescheduleWarning(StrEnum):
    NOT_A_WORKING_DAY = "NOT_A_WORKING_DAY"
    IN_THE_PAST = "IN_THE_PAST"
    BEFORE_ITS_START = "BEFORE_ITS_START"
    MOVES_THE_TICKET = "MOVES_THE_TICKET"
    FAR_FROM_THE_PLAN = "FAR_FROM_THE_PLAN"


@dataclass(frozen=True, slots=True)
class DatedTicket:
    id: str
    starts_on: date
    due_on: date
    milestones: Sequence[DatedMilestone]


Dated = DatedTicket | DatedMilestone | DatedTask


@dataclass(frozen=True, slots=True)
class ChosenWork:
    """The milestone or task that gets a new date."""

    id: str
    starts_on: date
    original_due_on: date
    sla_days: int


def moves_of(
    ticket: DatedTicket, chosen_id: str, planned: Rescheduled, calendar: WorkCalendar
) -> tuple[DateMove, ...]:
    """Return everything that moves: the chosen work first, the ticket last."""
    work: dict[str, Dated] = {one.id: one for one in ticket.milestones}
    work |= {task.id: task for milestone in ticket.milestones for task in milestone.tasks}
    moves = [
        _move(work[one.id], one.starts_on, one.due_on, calendar)
        for one in sorted(planned.changes, key=lambda one: one.id != chosen_id)
    ]
    if planned.due_on != ticket.due_on:
        moves.append(_move(ticket, ticket.starts_on, planned.due_on, calendar))
    return tuple(moves)


def warnings_of(
    ticket: DatedTicket,
    chosen: ChosenWork,
    asked: date,
    moves: Sequence[DateMove],
    *,
    today: date,
    calendar: WorkCalendar,
) -> Iterator[RescheduleWarning]:
    """Yield what one should know before the chosen work is due on the day that was asked for."""
    due_on = calendar.on_or_after(asked)
    if due_on != asked:
        yield RescheduleWarning.NOT_A_WORKING_DAY
    if due_on < today:
        yield RescheduleWarning.IN_THE_PAST
    if due_on < chosen.starts_on:
        yield RescheduleWarning.BEFORE_ITS_START
    if any(move.id == ticket.id and move.due_on > ticket.due_on for move in moves):
        yield RescheduleWarning.MOVES_THE_TICKET
    if calendar.distance(chosen.original_due_on, due_on) > chosen.sla_days:
        yield RescheduleWarning.FAR_FROM_THE_PLAN


def token_of(chosen_id: str, moves: Sequence[DateMove]) -> str:
    """Return a token of exactly these moves."""
    facts = {one.id: [one.starts_on.toordinal(), one.due_on.toordinal()] for one in moves}
    return issue_token(chosen_id, facts)


@dataclass(frozen=True, slots=True)
class StaleMove:
    """The dates that something was shown to move to, and those that it would move to now. None: it does not move."""

    id: str
    shown_starts_on: date | None
    shown_due_on: date | None
    starts_on: date | None
    due_on: date | None


def refuse_other_moves(token: str | None, chosen_id: str, moves: Sequence[DateMove]) -> None:
    """Refuse as PLAN_STALE unless the token is of exactly these moves. Without a token nothing was shown."""
    if token is None:
        return
    shown = {row_id: _dates(days) for row_id, days in shown_facts(token, chosen_id).items()}
    now: dict[str, Dates] = {one.id: (one.starts_on, one.due_on) for one in moves}
    if differing := tuple(_differing(shown, now)):
        raise PlanStale(differing)


def _differing(shown: Mapping[str, Dates], now: Mapping[str, Dates]) -> Iterator[StaleMove]:
    for row_id in {**now, **shown}:
        before, after = shown.get(row_id, (None, None)), now.get(row_id, (None, None))
        if before != after:
            yield StaleMove(row_id, *before, *after)


def _dates(days: Sequence[int]) -> Dates:
    """Return the dates of a fact. A token comes from outside, so its facts may be anything."""
    if len(days) != 2 or not all(1 <= day <= date.max.toordinal() for day in days):
        raise PlanStale
    return date.fromordinal(days[0]), date.fromordinal(days[1])


def _move(before: Dated, starts_on: date, due_on: date, calendar: WorkCalendar) -> DateMove:
    working_days = calendar.distance(before.due_on, due_on)
    return DateMove(before.id, before.starts_on, starts_on, before.due_on, due_on, working_days)
