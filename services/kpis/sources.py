"""Which rows a figure looks at: where they come from, by what they belong to a period, and which it leaves out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.kpis.facts import FACTS
from services.planning.kpis.addresses import Wanted
from services.planning.kpis.words import (
    CloseBasis,
    DueBasis,
    KpiExclusionReason,
    KpiKey,
    KpiSubject,
)
from services.reads import AllOf, Compare, Condition, Environment, Not
from services.reads.grouped import Facts
from services.vocabulary import MilestoneStatus, TaskStatus, TicketKind, TicketStatus

NOW = ""
"""In place of a column: the row belongs to the day on which it is read."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a row: a column with a date, or with an instant, whose calendar's date is meant."""

    column: str

    @property
    def of_instant(self) -> bool:
        return self.column.endswith("_at")


@dataclass(frozen=True, slots=True)
class Branch:
    """Rows that a figure looks at, or that it leaves out for a reason.

    `at` is the column by which they belong to a period. `first` and `second` are the days that the figure compares,
    and `done` and `whole` the columns that it adds up, `by_holder` for each operator.
    """

    at: str
    where: Condition
    reason: KpiExclusionReason | None = None
    first: Day | None = None
    second: Day | None = None
    done: str | None = None
    whole: str | None = None
    by_holder: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    facts: Facts
    branches: tuple[Branch, ...]


def source_of(wanted: Wanted, environment: Environment) -> Source:
    """Return the rows that a figure looks at."""
    kind = _KINDS.get(wanted.subject)
    until = environment.calendar.add(environment.today, _WORKING_DAYS_AHEAD.get(wanted.key, 0))
    branches = _BRANCHES[wanted.key](wanted, until)
    if kind is not None:
        branches = (replace(one, where=AllOf((kind, one.where))) for one in branches)
    return Source(FACTS[wanted.subject], tuple(branches))


_WORKING_DAYS_AHEAD: Mapping[KpiKey, int] = {KpiKey.LOAD: 10, KpiKey.LOAD_SHARE: 10}
"""How far figures look ahead that do not end today."""

_KINDS: Mapping[KpiSubject, Condition] = {
    KpiSubject.PARENTS: Compare("kind", "eq", TicketKind.PARENT),
    KpiSubject.CHILDREN: Compare("kind", "eq", TicketKind.CHILD),
}
_FINISHED: Mapping[KpiSubject, str] = {
    KpiSubject.MILESTONES: MilestoneStatus.COMPLETED,
    KpiSubject.TASKS: TaskStatus.DONE,
}

_OPEN = Compare("yellow_on", "null", False)
"""Work that is open has a light."""

_NEVER_FINISHED = Compare("first_finished_at", "null", True)


def _is(status: str) -> Condition:
    return Compare("status", "eq", status)


def _cancelled(subject: KpiSubject) -> Condition:
    """Return the condition that work was cancelled. Of a cancelled milestone's tasks, those that were open were."""
    if subject is KpiSubject.TASKS:
        unfinished = Compare("status", "in", [TaskStatus.TODO, TaskStatus.IN_PROGRESS])
        return AllOf((unfinished, Compare("milestone_status", "eq", MilestoneStatus.CANCELLED)))
    return _is(MilestoneStatus.CANCELLED if subject is KpiSubject.MILESTONES else TicketStatus.CANCELLED)


def _finished(wanted: Wanted, counted: Branch) -> Iterator[Branch]:
    """Yield what was finished, by its latest or its first finish, and what was given up instead."""
    subject = wanted.subject
    by_first = wanted.close is CloseBasis.FIRST
    if by_first:
        yield replace(counted, at="first_finished_at")
    else:
        yield replace(counted, at="finished_at", where=_is(_FINISHED.get(subject, TicketStatus.CLOSED)))
    given_up = AllOf((_NEVER_FINISHED,)) if by_first else AllOf(())
    yield Branch("cancelled_at", AllOf((_cancelled(subject), given_up)), KpiExclusionReason.CANCELLED)
    if subject is KpiSubject.TASKS:
        yield Branch("finished_at", AllOf((_is(TaskStatus.SKIPPED), given_up)), KpiExclusionReason.SKIPPED)


def _finish(wanted: Wanted) -> Day:
    return Day("first_finished_at" if wanted.close is CloseBasis.FIRST else "finished_at")


def _due_day(wanted: Wanted) -> Day:
    return Day("original_due_on" if wanted.against is DueBasis.ORIGINAL else "due_on")


def _on_time(wanted: Wanted, _today: date) -> Iterator[Branch]:
    return _finished(wanted, Branch("", AllOf(()), first=_due_day(wanted), second=_finish(wanted)))


def _finished_count(wanted: Wanted, _today: date) -> Iterator[Branch]:
    return _finished(wanted, Branch("", AllOf(())))


def _lead_time(wanted: Wanted, _today: date) -> Iterator[Branch]:
    return _finished(wanted, Branch("", AllOf(()), first=Day("created_at"), second=_finish(wanted)))


def _due(wanted: Wanted, _today: date) -> Iterator[Branch]:
    due, cancelled = _due_day(wanted).column, _cancelled(wanted.subject)
    yield Branch(due, cancelled, KpiExclusionReason.CANCELLED)
    if wanted.subject is KpiSubject.TASKS:
        yield Branch(due, _is(TaskStatus.SKIPPED), KpiExclusionReason.SKIPPED)
        yield Branch(due, AllOf((Not(cancelled), Not(_is(TaskStatus.SKIPPED)))))
    else:
        yield Branch(due, Not(cancelled))


def _open(_wanted: Wanted, _today: date) -> Iterator[Branch]:
    yield Branch(NOW, _OPEN)


def _late(_wanted: Wanted, today: date) -> Iterator[Branch]:
    yield Branch(NOW, AllOf((_OPEN, Compare("due_on", "lt", today))))


def _progress(_wanted: Wanted, _today: date) -> Iterator[Branch]:
    begun = _is(MilestoneStatus.IN_PROGRESS)
    something = AllOf((begun, Compare("task_count", "gt", 0)))
    yield Branch(NOW, something, done="finished_task_count", whole="task_count")
    nothing = AllOf((begun, Compare("task_count", "eq", 0)))
    yield Branch(NOW, nothing, KpiExclusionReason.NOTHING_TO_DO)


def _at_risk(_wanted: Wanted, today: date) -> Iterator[Branch]:
    at_risk = Compare("due_on", "gte", today), Compare("at_risk_on", "lte", today)
    yield Branch(NOW, AllOf((_OPEN, *at_risk)))


def _due_soon(until: date) -> Condition:
    return AllOf((_OPEN, Compare("due_on", "lte", until)))


def _load(_wanted: Wanted, until: date) -> Iterator[Branch]:
    yield Branch(NOW, _due_soon(until), done="estimated_hours")


def _load_share(_wanted: Wanted, until: date) -> Iterator[Branch]:
    due_soon = _due_soon(until)
    known, unknown = (Compare("fortnight_hours", "null", wanted) for wanted in (False, True))
    yield Branch(
        NOW, AllOf((due_soon, known)), done="estimated_hours", whole="fortnight_hours", by_holder=True
    )
    yield Branch(NOW, AllOf((due_soon, unknown)), KpiExclusionReason.NO_CAPACITY)


_BRANCHES: Mapping[KpiKey, Callable[[Wanted, date], Iterator[Branch]]] = {
    KpiKey.ON_TIME: _on_time,
    KpiKey.FINISHED: _finished_count,
    KpiKey.DUE: _due,
    KpiKey.LEAD_TIME: _lead_time,
    KpiKey.OPEN: _open,
    KpiKey.LATE: _late,
    KpiKey.PROGRESS: _progress,
    KpiKey.AT_RISK: _at_risk,
    KpiKey.LOAD: _load,
    KpiKey.LOAD_SHARE: _load_share,
}
