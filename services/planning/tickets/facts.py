"""The facts about a ticket's work that follow from its rows: what is ready, blocked, late or finished.

They are stored as columns, so that lists can filter and sort by them. This module is their only definition.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.planning.calendar import WorkCalendar
from services.planning.tickets.sla import NO_LIGHT, LightDates, at_risk_on, light_dates
from services.planning.tickets.workflow import FINISHED_MILESTONE, FINISHED_TASK, OPEN_TICKET
from services.vocabulary import MilestoneStatus, Priority, TaskStatus, TicketStatus

DAY = timedelta(days=1)

Span = tuple[date, date]
"""From a day up to and with another."""


@dataclass(frozen=True, slots=True)
class TaskWork:
    id: str
    status: TaskStatus
    mandatory: bool
    due_on: date
    sla_days: int
    worked: Span | None = None


@dataclass(frozen=True, slots=True)
class MilestoneWork:
    """A milestone with its tasks in order. `depends_on` holds positions; if it is empty, the one before it counts."""

    id: str
    position: int
    status: MilestoneStatus
    depends_on: tuple[int, ...]
    due_on: date
    warning_days: int
    escalation_days: int
    tasks: tuple[TaskWork, ...]


@dataclass(frozen=True, slots=True)
class TicketWork:
    """A ticket with its milestones in order."""

    id: str
    status: TicketStatus
    priority: Priority
    due_on: date
    milestones: tuple[MilestoneWork, ...]
    lived: Span | None = None


@dataclass(frozen=True, slots=True)
class WorkCount:
    """How many tasks count, and how many of them are finished."""

    task_count: int
    finished_task_count: int


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """`ready`: it can be taken up now. `blocked`: it is open, and its milestone waits for another one.

    Without `yellow_on` and `red_on` it has no light: it is finished, or its milestone is cancelled.
    """

    ready: bool
    blocked: bool
    yellow_on: date | None
    red_on: date | None
    urgency: int


@dataclass(frozen=True, slots=True)
class MilestoneFacts:
    """`blocked`: it is open, and so is one that it waits for. The counts leave out skipped tasks.

    From `at_risk_on` on it is foreseen to end after its due date; null once it is finished.
    """

    blocked: bool
    yellow_on: date | None
    red_on: date | None
    at_risk_on: date | None
    task_count: int
    finished_task_count: int


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """The counts leave out skipped tasks and those of cancelled milestones. `at_risk_on` is as for a milestone.

    `lead_day_count` and `worked_day_count` are null unless it is closed: the working days from its creation to its
    close, and those of them on which a task was in progress.
    """

    yellow_on: date | None
    red_on: date | None
    at_risk_on: date | None
    lead_day_count: int | None
    worked_day_count: int | None
    task_count: int
    finished_task_count: int
    urgency: int


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """How many tasks stand where. Each counts once, in the first that fits; skipped ones do not count."""

    done: int = 0
    late: int = 0
    blocked: int = 0
    in_progress: int = 0
    to_do: int = 0

    @property
    def total(self) -> int:
        return self.done + self.late + self.blocked + self.in_progress + self.to_do


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Tasks that are alike in what `count_tasks` looks at, and how many they are."""

    status: str
    blocked: bool
    due_on: date
    size: int = 1


WorkFacts = TicketFacts | MilestoneFacts | TaskFacts


def work_facts(ticket: TicketWork, calendar: WorkCalendar) -> dict[str, WorkFacts]:
    """Return the facts about a ticket, its milestones and its tasks, by id."""
    left = days_left(ticket.milestones)
    facts: dict[str, WorkFacts] = {ticket.id: _ticket_facts(ticket, max(left.values(), default=0), calendar)}
    for milestone in ticket.milestones:
        blocked = _is_blocked(milestone, ticket.milestones)
        facts[milestone.id] = _milestone_facts(milestone, blocked, left.get(milestone.position, 0), calendar)
        facts.update(_tasks_facts(milestone, blocked, urgency(ticket.priority), calendar))
    return facts


def urgency(priority: Priority) -> int:
    """Return the rank of a priority. 0 is the most urgent.

    >>> [urgency(priority) for priority in (Priority.CRITICAL, Priority.HIGH, Priority.MEDIUM, Priority.LOW)]
    [0, 1, 2, 3]
    """
    return _BY_URGENCY.index(priority)


_BY_URGENCY = (Priority.CRITICAL, Priority.HIGH, Priority.MEDIUM, Priority.LOW)


def count_work(statuses: Iterable[str]) -> WorkCount:
    """Count the tasks with these statuses. Skipped ones are left out.

    >>> count_work(["DONE", "TODO", "SKIPPED"])
    WorkCount(task_count=2, finished_task_count=1)
    """
    counted = [status for status in statuses if status != TaskStatus.SKIPPED]
    return WorkCount(len(counted), counted.count(TaskStatus.DONE))


def count_tasks(groups: Iterable[TaskGroup], today: date) -> TaskCounts:
    """Count tasks of milestones that are not cancelled by where they stand today.

    >>> day = date(2026, 11, 23)
    >>> count_tasks([TaskGroup("DONE", False, day, 2), TaskGroup("TODO", True, day)], today=day)
    TaskCounts(done=2, late=0, blocked=1, in_progress=0, to_do=0)
    """
    counts: Counter[str] = Counter()
    for group in groups:
        if group.status != TaskStatus.SKIPPED:
            counts[_standing(group, today)] += group.size
    return TaskCounts(**counts)


def _standing(group: TaskGroup, today: date) -> str:
    if group.status == TaskStatus.DONE:
        return "done"
    if group.due_on < today:
        return "late"
    if group.blocked:
        return "blocked"
    return "in_progress" if group.status == TaskStatus.IN_PROGRESS else "to_do"


def days_left(milestones: Sequence[MilestoneWork]) -> Mapping[int, int]:
    """Return, by position, how many working days each open milestone takes from today on.

    It begins when what it waits for is foreseen to end, and takes the SLA days of its unfinished mandatory tasks, one
    after the other. This is what `schedule` says of the rest of the work, begun today.
    """
    positions = [one.position for one in milestones]
    left: dict[int, int] = {}
    for milestone in sorted(milestones, key=lambda one: one.position):
        if milestone.status not in FINISHED_MILESTONE:
            awaited = awaited_positions(milestone.position, milestone.depends_on, positions)
            own = sum(
                task.sla_days
                for task in milestone.tasks
                if task.mandatory and task.status not in FINISHED_TASK
            )
            left[milestone.position] = max((left.get(one, 0) for one in awaited), default=0) + own
    return left


def _ticket_facts(ticket: TicketWork, left: int, calendar: WorkCalendar) -> TicketFacts:
    live = [one for one in ticket.milestones if one.status is not MilestoneStatus.CANCELLED]
    latest = max(live, key=lambda one: (one.due_on, one.position), default=None)
    is_open = ticket.status in OPEN_TICKET
    dates = _dates(ticket.due_on, latest, calendar) if is_open else NO_LIGHT
    at_risk = at_risk_on(ticket.due_on, left, calendar) if is_open else None
    count = count_work(task.status for milestone in live for task in milestone.tasks)
    lead, worked = worked_days(ticket, calendar) if ticket.lived else (None, None)
    return TicketFacts(
        *dates, at_risk, lead, worked, count.task_count, count.finished_task_count, urgency(ticket.priority)
    )


def worked_days(ticket: TicketWork, calendar: WorkCalendar) -> tuple[int, int]:
    """Return the working days from a ticket's creation to its close, and those on which a task was in progress."""
    assert ticket.lived is not None, "The ticket is closed."
    created, closed = ticket.lived
    spans = [task.worked for milestone in ticket.milestones for task in milestone.tasks if task.worked]
    worked, counted_until = 0, created
    for first, last in sorted(spans):
        before, end = max(counted_until, first - DAY), min(last, closed)
        if before < end:
            worked += calendar.elapsed(before, end)
            counted_until = end
    return max(0, calendar.elapsed(created, closed)), worked


def _milestone_facts(
    milestone: MilestoneWork, blocked: bool, left: int, calendar: WorkCalendar
) -> MilestoneFacts:
    is_open = milestone.status not in FINISHED_MILESTONE
    dates = _dates(milestone.due_on, milestone, calendar) if is_open else NO_LIGHT
    count = count_work(task.status for task in milestone.tasks)
    at_risk = at_risk_on(milestone.due_on, left, calendar) if is_open else None
    return MilestoneFacts(blocked, *dates, at_risk, count.task_count, count.finished_task_count)


def _tasks_facts(
    milestone: MilestoneWork, blocked: bool, rank: int, calendar: WorkCalendar
) -> Iterator[tuple[str, TaskFacts]]:
    waits = blocked
    for task in milestone.tasks:
        is_open = task.status not in FINISHED_TASK and milestone.status not in FINISHED_MILESTONE
        dates = _dates(task.due_on, milestone, calendar) if is_open else NO_LIGHT
        yield task.id, TaskFacts(is_open and not waits, is_open and blocked, *dates, rank)
        waits = waits or (task.mandatory and task.status not in FINISHED_TASK)


def awaited_positions(position: int, depends_on: Sequence[int], positions: Iterable[int]) -> Sequence[int]:
    """Return the positions of the milestones that one waits for: those declared, else the one before it.

    >>> awaited_positions(4, [], [1, 2, 4]), awaited_positions(4, [1], [1, 2, 4]), awaited_positions(1, [], [1, 2])
    ((2,), [1], ())
    """
    earlier = [one for one in positions if one < position]
    return depends_on or tuple(earlier and [max(earlier)])


def _is_blocked(milestone: MilestoneWork, milestones: Sequence[MilestoneWork]) -> bool:
    if milestone.status in FINISHED_MILESTONE:
        return False
    positions = [one.position for one in milestones]
    awaited = awaited_positions(milestone.position, milestone.depends_on, positions)
    return any(one.position in awaited and one.status not in FINISHED_MILESTONE for one in milestones)


def _dates(due_on: date, milestone: MilestoneWork | None, calendar: WorkCalendar) -> LightDates:
    return light_dates(
        due_on,
        warning_days=milestone.warning_days if milestone else 0,
        escalation_days=milestone.escalation_days if milestone else 0,
        calendar=calendar,
    )
