"""Computes when work starts and is due: first from the template, later from the operator's dates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeVar

from services.errors import Refusal
from services.planning.calendar import LAST_DUE_ON, WorkCalendar
from services.planning.catalog.types import MilestoneTemplate
from services.planning.tickets.workflow import FINISHED_MILESTONE, FINISHED_TASK
from services.vocabulary import MilestoneStatus, TaskStatus


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    starts_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class ScheduledMilestone:
    """`depends_on` holds the positions (from one) of the milestones that it waits for, the implicit one included."""

    starts_on: date
    due_on: date
    depends_on: tuple[int, ...]
    tasks: tuple[ScheduledTask, ...]


def schedule(
    milestones: Sequence[MilestoneTemplate], starts_on: date, calendar: WorkCalendar
) -> tuple[ScheduledMilestone, ...]:
    """Date the milestones of a ticket that starts on `starts_on`, in their order.

    A milestone starts on the latest due date of those it depends on: the declared ones, else the previous one. Its
    tasks follow each other. It is due with its last task, or its own SLA days after its start if that is later.
    """
    scheduled: list[ScheduledMilestone] = []
    for template, depends_on in zip(milestones, _dependencies(milestones), strict=True):
        start = max((scheduled[position - 1].due_on for position in depends_on), default=starts_on)
        tasks = tuple(_follow_each_other(template, start, calendar))
        due_on = max([calendar.add(start, template.sla_days), *(task.due_on for task in tasks)])
        scheduled.append(ScheduledMilestone(start, due_on, depends_on, tasks))
    return tuple(scheduled)


def _dependencies(milestones: Sequence[MilestoneTemplate]) -> Iterator[tuple[int, ...]]:
    positions: dict[str, int] = {}
    for position, template in enumerate(milestones, start=1):
        before = (position - 1,) if position > 1 else ()
        yield tuple(sorted(positions[title] for title in template.depends_on)) or before
        positions[template.title] = position


def _follow_each_other(
    template: MilestoneTemplate, start: date, calendar: WorkCalendar
) -> Iterator[ScheduledTask]:
    for task in template.tasks:
        due_on = calendar.add(start, task.sla_days)
        yield ScheduledTask(start, due_on)
        start = due_on


@dataclass(frozen=True, slots=True)
class DatedTask:
    id: str
    status: TaskStatus
    starts_on: date
    due_on: date

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED_TASK

    @property
    def is_untouched(self) -> bool:
        return self.status is TaskStatus.TODO


@dataclass(frozen=True, slots=True)
class DatedMilestone:
    """A milestone with its tasks in order. `depends_on` holds positions, all of them before its own."""

    id: str
    position: int
    status: MilestoneStatus
    depends_on: tuple[int, ...]
    starts_on: date
    due_on: date
    tasks: tuple[DatedTask, ...]

    @property
    def is_finished(self) -> bool:
        return self.status in FINISHED_MILESTONE

    @property
    def is_untouched(self) -> bool:
        return self.status is MilestoneStatus.PLANNED


Dated = TypeVar("Dated", DatedTask, DatedMilestone)


@dataclass(frozen=True, slots=True)
class Redating:
    """The new dates of one milestone or task."""

    entity: Literal["Milestone", "Task"]
    id: str
    starts_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """The changes only, milestone by milestone, each before its tasks; and the new due date of the ticket."""

    changes: tuple[Redating, ...]
    due_on: date


class AlreadyFinished(Refusal):
    """Finished work keeps its dates."""

    code = "ALREADY_FINISHED"


class DateOutOfRange(Refusal):
    """Some work would be due before it can start, or beyond the end of the calendar."""

    code = "DATE_OUT_OF_RANGE"

    def __init__(self, message: str) -> None:
        super().__init__(message, path=("dueOn",))


def reschedule_milestone(
    milestones: Sequence[DatedMilestone],
    milestone_id: str,
    due_on: date,
    *,
    ticket_starts_on: date,
    calendar: WorkCalendar,
) -> Rescheduled:
    """Move the due date of a milestone. Its tasks and what depends on it move along.

    Every due date moves by the same number of working days, onto working days; a day off counts as the next working
    day. Started work keeps its start, finished work keeps both dates.
    """
    milestone = next(one for one in milestones if one.id == milestone_id)
    _refuse_finished(milestone)
    refuse_out_of_range(due_on, ticket_starts_on)
    moved = _moved(milestone, calendar.distance(milestone.due_on, due_on), calendar)
    return rescheduled(milestones, moved, ticket_starts_on, calendar)


def reschedule_task(
    milestones: Sequence[DatedMilestone],
    task_id: str,
    due_on: date,
    *,
    ticket_starts_on: date,
    calendar: WorkCalendar,
) -> Rescheduled:
    """Move the due date of a task. The tasks after it move along, then what depends on the milestone.

    The milestone's due date follows its last task if that task determined it, and never lies before it.
    """
    milestone, index = next(
        (milestone, index)
        for milestone in milestones
        for index, task in enumerate(milestone.tasks)
        if task.id == task_id
    )
    task = milestone.tasks[index]
    _refuse_finished(milestone)
    _refuse_finished(task)
    refuse_out_of_range(due_on, ticket_starts_on)
    due_on = calendar.on_or_after(due_on)
    count = calendar.distance(task.due_on, due_on)
    followers = (_moved_task(follower, count, calendar) for follower in milestone.tasks[index + 1 :])
    tasks = (*milestone.tasks[:index], replace(task, due_on=due_on), *followers)
    return rescheduled(milestones, _with_tasks(milestone, tasks), ticket_starts_on, calendar)


def _refuse_finished(work: DatedMilestone | DatedTask) -> None:
    if work.is_finished:
        raise AlreadyFinished(f"It is {work.status} and keeps its dates.")


def refuse_out_of_range(due_on: date, ticket_starts_on: date) -> None:
    if due_on < ticket_starts_on:
        raise DateOutOfRange(f"The ticket starts on {ticket_starts_on}; its work cannot be due before that.")
    if due_on > LAST_DUE_ON:
        raise DateOutOfRange(f"Work can be due until {LAST_DUE_ON}.")


def _with_tasks(milestone: DatedMilestone, tasks: tuple[DatedTask, ...]) -> DatedMilestone:
    last_before = max(task.due_on for task in milestone.tasks)
    last = max(task.due_on for task in tasks)
    followed = last_before == milestone.due_on
    return replace(milestone, tasks=tasks, due_on=last if followed else max(last, milestone.due_on))


def rescheduled(
    milestones: Sequence[DatedMilestone],
    redated: DatedMilestone,
    ticket_starts_on: date,
    calendar: WorkCalendar,
) -> Rescheduled:
    before = {milestone.position: milestone for milestone in sorted(milestones, key=lambda one: one.position)}
    after: dict[int, DatedMilestone] = {}
    for position, milestone in before.items():
        count = _postponement(milestone, before, after, calendar)
        moved = redated if milestone.id == redated.id else _moved(milestone, count, calendar)
        starts_on = max((after[one].due_on for one in milestone.depends_on), default=ticket_starts_on)
        after[position] = _with_starts(moved, starts_on)
    changes = tuple(change for position in before for change in _changes(before[position], after[position]))
    for change in changes:
        _refuse_impossible(change, ticket_starts_on)
    return Rescheduled(changes, max(milestone.due_on for milestone in after.values()))


def _refuse_impossible(change: Redating, ticket_starts_on: date) -> None:
    """Refuse a date that is impossible for the work that moves along."""
    refuse_out_of_range(change.due_on, ticket_starts_on)
    if change.due_on < change.starts_on:
        raise DateOutOfRange(
            f"Work that has begun on {change.starts_on} would be due on {change.due_on}, before its start."
        )


def _postponement(
    milestone: DatedMilestone,
    before: dict[int, DatedMilestone],
    after: dict[int, DatedMilestone],
    calendar: WorkCalendar,
) -> int:
    """Return by how many working days the latest due date that a milestone waits for has moved."""
    if not milestone.depends_on:
        return 0
    return calendar.distance(
        max(before[position].due_on for position in milestone.depends_on),
        max(after[position].due_on for position in milestone.depends_on),
    )


def _moved(milestone: DatedMilestone, count: int, calendar: WorkCalendar) -> DatedMilestone:
    if count == 0 or milestone.is_finished:
        return milestone
    tasks = tuple(_moved_task(task, count, calendar) for task in milestone.tasks)
    return replace(milestone, due_on=calendar.move(milestone.due_on, count), tasks=tasks)


def _moved_task(task: DatedTask, count: int, calendar: WorkCalendar) -> DatedTask:
    if count == 0 or task.is_finished:
        return task
    return replace(task, due_on=calendar.move(task.due_on, count))


def _with_starts(milestone: DatedMilestone, starts_on: date) -> DatedMilestone:
    """Derive each start from the due dates, by the rule of `schedule`, so that moving back restores it.

    Work that is due before the work that it follows starts on its own due date.
    """
    milestone = _starting(milestone, starts_on)
    previous_due_on = milestone.starts_on
    tasks: list[DatedTask] = []
    for task in milestone.tasks:
        tasks.append(_starting(task, previous_due_on))
        previous_due_on = task.due_on
    return replace(milestone, tasks=tuple(tasks))


def _starting(work: Dated, starts_on: date) -> Dated:
    return replace(work, starts_on=min(starts_on, work.due_on)) if work.is_untouched else work


def _changes(before: DatedMilestone, after: DatedMilestone) -> Iterator[Redating]:
    if (before.starts_on, before.due_on) != (after.starts_on, after.due_on):
        yield Redating("Milestone", after.id, after.starts_on, after.due_on)
    for old, new in zip(before.tasks, after.tasks, strict=True):
        if old != new:
            yield Redating("Task", new.id, new.starts_on, new.due_on)
