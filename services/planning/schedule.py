"""When work starts and is due: first by the template, later by the operator who re-dates it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.catalog.types import MilestoneTemplate
from services.errors import Refusal
from services.planning.calendar import WorkCalendar
from services.vocabulary import MilestoneStatus, TaskStatus


@dataclass(frozen=True, slots=True)
class ScheduledTask:
    starts_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class ScheduledMilestone:
    """`depends_on` holds the positions (from one) of the milestones waited for, the undeclared one included."""

    starts_on: date
    due_on: date
    depends_on: tuple[int, ...]
    tasks: tuple[ScheduledTask, ...]


def schedule(
    milestones: Sequence[MilestoneTemplate], starts_on: date, calendar: WorkCalendar
) -> tuple[ScheduledMilestone, ...]:
    """Date the milestones of a ticket that starts on `starts_on`, in their order.

    A milestone starts on the latest due date of those it depends on: the declared ones, else the one before it.
    Its tasks follow each other. It is due with its last task, or its own SLA days after its start where that is later.
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
        return self.status in (TaskStatus.DONE, TaskStatus.SKIPPED)

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
        return self.status in (MilestoneStatus.COMPLETED, MilestoneStatus.CANCELLED)

    @property
    def is_untouched(self) -> bool:
        return self.status is MilestoneStatus.PLANNED


@dataclass(frozen=True, slots=True)
class Redating:
    """New dates of one milestone or task."""

    entity: Literal["Milestone", "Task"]
    id: str
    starts_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Rescheduled:
    """Only what changed, milestone by milestone, each before its tasks; and the date on which the ticket is now due."""

    changes: tuple[Redating, ...]
    due_on: date


class AlreadyFinished(Refusal):
    """The dates of finished work are history: the KPIs read them."""

    code = "ALREADY_FINISHED"


def reschedule_milestone(
    milestones: Sequence[DatedMilestone], milestone_id: str, due_on: date, calendar: WorkCalendar
) -> Rescheduled:
    """Make a milestone due on another day; it moves as a whole, and what depends on it moves along.

    Everything moves by the same number of working days, to working days; a day that is not worked stands for the
    next one that is. What has started keeps its start, what is finished keeps both dates.
    """
    milestone = next(one for one in milestones if one.id == milestone_id)
    _refuse_finished(milestone)
    moved = _moved(milestone, calendar.distance(milestone.due_on, due_on), calendar)
    return _rescheduled(milestones, moved, calendar)


def reschedule_task(
    milestones: Sequence[DatedMilestone], task_id: str, due_on: date, calendar: WorkCalendar
) -> Rescheduled:
    """Make a task due on another day; the tasks after it move along, then what depends on the milestone.

    The milestone's own due date follows its last task where that task determined it, and never lies before it.
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
    due_on = calendar.on_or_after(due_on)
    count = calendar.distance(task.due_on, due_on)
    redated = replace(task, starts_on=min(task.starts_on, due_on), due_on=due_on)
    followers = (_moved_task(follower, count, calendar) for follower in milestone.tasks[index + 1 :])
    tasks = (*milestone.tasks[:index], redated, *followers)
    return _rescheduled(milestones, _with_tasks(milestone, tasks), calendar)


def _refuse_finished(work: DatedMilestone | DatedTask) -> None:
    if work.is_finished:
        raise AlreadyFinished(f"It is {work.status} and keeps its dates.")


def _with_tasks(milestone: DatedMilestone, tasks: tuple[DatedTask, ...]) -> DatedMilestone:
    last_before = max(task.due_on for task in milestone.tasks)
    last = max(task.due_on for task in tasks)
    followed = last_before == milestone.due_on
    return replace(milestone, tasks=tasks, due_on=last if followed else max(last, milestone.due_on))


def _rescheduled(
    milestones: Sequence[DatedMilestone], redated: DatedMilestone, calendar: WorkCalendar
) -> Rescheduled:
    before = {milestone.position: milestone for milestone in sorted(milestones, key=lambda one: one.position)}
    after: dict[int, DatedMilestone] = {}
    for position, milestone in before.items():
        count = _postponement(milestone, before, after, calendar)
        after[position] = redated if milestone.id == redated.id else _moved(milestone, count, calendar)
    changes = (change for position in before for change in _changes(before[position], after[position]))
    return Rescheduled(tuple(changes), max(milestone.due_on for milestone in after.values()))


def _postponement(
    milestone: DatedMilestone,
    before: dict[int, DatedMilestone],
    after: dict[int, DatedMilestone],
    calendar: WorkCalendar,
) -> int:
    """By how many working days the latest due date that a milestone waits for has moved."""
    if not milestone.depends_on:
        return 0
    return calendar.distance(
        max(before[position].due_on for position in milestone.depends_on),
        max(after[position].due_on for position in milestone.depends_on),
    )


def _moved(milestone: DatedMilestone, count: int, calendar: WorkCalendar) -> DatedMilestone:
    if count == 0 or milestone.is_finished:
        return milestone
    due_on = calendar.move(milestone.due_on, count)
    start = calendar.move(milestone.starts_on, count) if milestone.is_untouched else milestone.starts_on
    tasks = tuple(_moved_task(task, count, calendar) for task in milestone.tasks)
    return replace(milestone, starts_on=min(start, due_on), due_on=due_on, tasks=tasks)


def _moved_task(task: DatedTask, count: int, calendar: WorkCalendar) -> DatedTask:
    if count == 0 or task.is_finished:
        return task
    due_on = calendar.move(task.due_on, count)
    start = calendar.move(task.starts_on, count) if task.is_untouched else task.starts_on
    return replace(task, starts_on=min(start, due_on), due_on=due_on)


def _changes(before: DatedMilestone, after: DatedMilestone) -> Iterator[Redating]:
    if (before.starts_on, before.due_on) != (after.starts_on, after.due_on):
        yield Redating("Milestone", after.id, after.starts_on, after.due_on)
    for old, new in zip(before.tasks, after.tasks, strict=True):
        if old != new:
            yield Redating("Task", new.id, new.starts_on, new.due_on)
