"""Which rows a figure looks at: where they come from, by what they belong to a period, and which it leaves out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.actions.ledger import ATTENTION
from services.kpis.facts import FACTS, LINES_WITH_CHILD, OPEN_LINES, SALES_SEEN, SOLD_TICKETS
from services.kpis.past_facts import PAST
from services.planning.calendar import WorkCalendar
from services.planning.kpis.addresses import Wanted
from services.planning.kpis.words import (
    CloseBasis,
    DueBasis,
    KpiExclusionReason,
    KpiKey,
    KpiSubject,
)
from services.planning.tickets.workflow import OPEN_TASK, OPEN_TICKET
from services.reads import AllOf, AnyOf, Compare, Condition, Expression, Not
from services.reads.conditions import Other
from services.reads.grouped import Facts
from services.vocabulary import IntakeStatus, MilestoneStatus, TaskStatus, TicketKind, TicketStatus

LOAD_DAYS = 10
"""How many working days ahead work counts as load."""

NOW = ""
"""In place of a column: the row belongs to the day on which it is read."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a row: a column with a date, or with an instant, whose calendar's date is meant; or `NOW`."""

    column: str

    @property
    def of_instant(self) -> bool:
        return self.column.endswith("_at")


@dataclass(frozen=True, slots=True)
class Branch:
    """Rows that a figure looks at, or that it leaves out for a reason.

    `at` is the column by which they belong to a period. `first` and `second` are the days that the figure compares,
    and `done` and `whole` the columns that it adds up, `by_holder` for each operator. `shown_at` stands in for `at`
    where that is `NOW`.
    """

    at: str
    where: Condition
    reason: KpiExclusionReason | None = None
    first: Day | None = None
    second: Day | None = None
    done: str | None = None
    whole: str | None = None
    shown_at: str = "due_on"
    by_holder: bool = False

    @property
    def when(self) -> str:
        """The column that is shown as the instant by which the row belongs to the period."""
        return self.shown_at if self.at == NOW else self.at


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day as of which states are read: today, or for `PAST_DAYS` each of some days before it.

    `today` and `soon`, until when work counts as load, are days, or the columns of past rows that hold them.
    """

    today: date | Other
    soon: date | Other

    @classmethod
    def now(cls, today: date, calendar: WorkCalendar) -> "AsOf":
        return cls(today, calendar.add(today, LOAD_DAYS))

    def text(self, expression: Expression) -> Expression:
        """Return an expression that names `{today}` as one over rows that are read as of this day."""
        if not isinstance(self.today, Other):
            return expression
        day = f'{{row}}."{self.today.column}"'
        postgres = expression.postgres and expression.postgres.replace("{today}", day)
        return Expression(expression.sql.replace("{today}", day), expression.returns, postgres)


PAST_DAYS = AsOf(Other("day"), Other("soon"))


@dataclass(frozen=True, slots=True)
class Source:
    facts: Facts
    branches: tuple[Branch, ...]


def source_of(wanted: Wanted, as_of: AsOf) -> Source:
    """Return the rows that a figure looks at."""
    kind = None if wanted.key in _OTHER_FACTS else _KINDS.get(wanted.subject)
    branches = _BRANCHES[wanted.key](wanted, as_of)
    if kind is not None:
        branches = (replace(one, where=AllOf((kind, one.where))) for one in branches)
    facts = _OTHER_FACTS.get(wanted.key, FACTS[wanted.subject])
    return Source(PAST[facts] if as_of is PAST_DAYS else facts, tuple(branches))


_KINDS: Mapping[KpiSubject, Condition] = {
    KpiSubject.PARENTS: Compare("kind", "eq", TicketKind.PARENT),
    KpiSubject.CHILDREN: Compare("kind", "eq", TicketKind.CHILD),
}
_FINISHED: Mapping[KpiSubject, str] = {
    KpiSubject.MILESTONES: MilestoneStatus.COMPLETED,
    KpiSubject.TASKS: TaskStatus.DONE,
}

_OPEN = AllOf(
    (
        Compare("yellow_on", "null", False),
        Compare("status", "in", sorted({*OPEN_TASK, MilestoneStatus.PLANNED, *OPEN_TICKET})),
    )
)
"""Work that is open has a light. The database finds it by its status, without reading what was finished long ago."""

_UNFINISHED_TASK = Compare("status", "in", [TaskStatus.TODO, TaskStatus.IN_PROGRESS])
_NEVER_FINISHED = Compare("first_finished_at", "null", True)


def _is(status: str) -> Condition:
    return Compare("status", "eq", status)


def _cancelled(subject: KpiSubject) -> Condition:
    """Return the condition that work was cancelled. Of a cancelled milestone's tasks, those that were open were."""
    if subject is KpiSubject.TASKS:
        return AllOf((_UNFINISHED_TASK, Compare("milestone_status", "eq", MilestoneStatus.CANCELLED)))
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


def _on_time(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    return _finished(wanted, Branch("", AllOf(()), first=_due_day(wanted), second=_finish(wanted)))


def _finished_count(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    return _finished(wanted, Branch("", AllOf(())))


def _lead_time(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    return _finished(wanted, Branch("", AllOf(()), first=Day("created_at"), second=_finish(wanted)))


def _due(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    due, cancelled = _due_day(wanted).column, _cancelled(wanted.subject)
    yield Branch(due, cancelled, KpiExclusionReason.CANCELLED)
    if wanted.subject is KpiSubject.TASKS:
        yield Branch(due, _is(TaskStatus.SKIPPED), KpiExclusionReason.SKIPPED)
        # Only of what is open the milestone says whether it was given up, and most that was due is done.
        yield Branch(due, AllOf((Not(_UNFINISHED_TASK), Not(_is(TaskStatus.SKIPPED)))))
        yield Branch(due, AllOf((_UNFINISHED_TASK, Not(cancelled))))
    else:
        yield Branch(due, Not(cancelled))


def _open(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    yield Branch(NOW, _OPEN)


def _late(_wanted: Wanted, as_of: AsOf) -> Iterator[Branch]:
    yield Branch(NOW, AllOf((_OPEN, Compare("due_on", "lt", as_of.today))))


def _progress(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    begun = _is(MilestoneStatus.IN_PROGRESS)
    something = AllOf((begun, Compare("task_count", "gt", 0)))
    yield Branch(NOW, something, done="finished_task_count", whole="task_count")
    nothing = AllOf((begun, Compare("task_count", "eq", 0)))
    yield Branch(NOW, nothing, KpiExclusionReason.NOTHING_TO_DO)


def _redated(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    original, current = Day("original_due_on"), Day("due_on")
    return _finished(wanted, Branch("", AllOf(()), first=original, second=current))


def _cycle_time(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    begun = "first_begun_at" if wanted.close is CloseBasis.FIRST else "begun_at"
    counted = Branch("", AllOf(()), first=Day(begun), second=_finish(wanted))
    return _only_begun(begun, _finished(wanted, counted))


def _flow_efficiency(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    counted = Branch("", AllOf(()), done="worked_day_count", whole="lead_day_count")
    return _only_begun("begun_at", _finished(replace(wanted, close=CloseBasis.LATEST), counted))


def _only_begun(begun: str, branches: Iterator[Branch]) -> Iterator[Branch]:
    """Yield the branches, and leave out what nobody began before it was finished."""
    for branch in branches:
        if branch.reason is None:
            known = Compare(begun, "null", False)
            yield replace(branch, where=AllOf((branch.where, known)))
            unknown = AllOf((branch.where, Not(known)))
            yield Branch(branch.at, unknown, KpiExclusionReason.NEVER_STARTED)
        else:
            yield branch


def _since_sale(reached_at: str) -> Iterator[Branch]:
    cancelled = _is(TicketStatus.CANCELLED)
    yield Branch(reached_at, Not(cancelled), first=Day("sold_at"), second=Day(reached_at))
    yield Branch(reached_at, cancelled, KpiExclusionReason.CANCELLED)


def _to_delivered(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    return _since_sale("first_delivered_at" if wanted.close is CloseBasis.FIRST else "delivered_at")


def _onboarded(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    cancelled = _is(TicketStatus.CANCELLED)
    yield Branch("sold_at", Not(cancelled), first=Day("sold_at"), second=Day("finished_at"))
    yield Branch("sold_at", cancelled, KpiExclusionReason.CANCELLED)


def _reopened(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    at = "first_finished_at"
    yield Branch(at, AllOf(()), first=Day(at), second=Day("first_undone_at"))


def _with_status(*statuses: str) -> Callable[[Wanted, AsOf], Iterator[Branch]]:
    def branches(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
        yield Branch(NOW, AllOf((_OPEN, Compare("status", "in", list(statuses)))))

    return branches


def _open_since(column: str) -> Callable[[Wanted, AsOf], Iterator[Branch]]:
    def branches(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
        yield Branch(NOW, _OPEN, first=Day(column), second=Day(NOW))

    return branches


def _at_risk(_wanted: Wanted, as_of: AsOf) -> Iterator[Branch]:
    today = as_of.today
    yield Branch(NOW, AllOf((_OPEN, Compare("due_on", "gte", today), Compare("at_risk_on", "lte", today))))


def _due_soon(as_of: AsOf) -> Condition:
    return AllOf((_OPEN, Compare("due_on", "lte", as_of.soon)))


def _load(_wanted: Wanted, as_of: AsOf) -> Iterator[Branch]:
    yield Branch(NOW, _due_soon(as_of), done="estimated_hours")


def _load_share(_wanted: Wanted, as_of: AsOf) -> Iterator[Branch]:
    unknown = Compare("fortnight_hours", "null", True)
    known = AllOf((_due_soon(as_of), Not(unknown)))
    yield Branch(NOW, known, done="estimated_hours", whole="fortnight_hours", by_holder=True)
    yield Branch(NOW, AllOf((_due_soon(as_of), unknown)), KpiExclusionReason.NO_CAPACITY)


def _opportunities(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    yield Branch("created_at", AllOf(()), done="amount")


def _value_open(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    child_open = Compare("child_status", "in", [TicketStatus.OPEN, TicketStatus.IN_PROGRESS])
    to_come = AllOf(
        (
            Compare("child_status", "null", True),
            Not(Compare("parent_status", "eq", TicketStatus.CANCELLED)),
        )
    )
    yield Branch(NOW, AnyOf((child_open, to_come)), done="amount")


def _value_at_risk(wanted: Wanted, as_of: AsOf) -> Iterator[Branch]:
    # Work that is late has been at risk before, so its day of risk has passed.
    at_risk = Compare("at_risk_on", "lte", as_of.today)
    threatened = AnyOf((at_risk, Compare("flag", "null", False)))
    for branch in _value_open(wanted, as_of):
        yield replace(branch, where=AllOf((branch.where, threatened)))


def _value_delivered(wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    if wanted.close is CloseBasis.FIRST:
        yield Branch("first_finished_at", AllOf(()), done="amount")
    else:
        yield Branch("finished_at", Compare("child_status", "eq", TicketStatus.CLOSED), done="amount")


def _recognised(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    dismissed, seen = _is(IntakeStatus.DISMISSED), Day("created_at")
    yield Branch(seen.column, Not(dismissed), first=seen, second=Day("recognised_at"))
    yield Branch(seen.column, dismissed, KpiExclusionReason.DISMISSED)


def _inbox(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    yield Branch(NOW, _is(IntakeStatus.WAITING), shown_at="created_at")


def _crm_pending(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    yield Branch(NOW, Compare("open_key", "null", False), shown_at="created_at")


def _crm_attention(_wanted: Wanted, _as_of: AsOf) -> Iterator[Branch]:
    bad = Compare("outcome", "in", sorted(ATTENTION))
    yield Branch(NOW, AllOf((bad, Compare("attention_count", "gt", 0))), shown_at="created_at")


_OTHER_FACTS: Mapping[KpiKey, Facts] = {
    KpiKey.ONBOARDED: SOLD_TICKETS,
    KpiKey.VALUE_OPEN: OPEN_LINES,
    KpiKey.VALUE_AT_RISK: OPEN_LINES,
    KpiKey.VALUE_DELIVERED: LINES_WITH_CHILD,
    KpiKey.RECOGNISED: SALES_SEEN,
}
"""What figures are counted from that do not count the rows of their subject."""

_BRANCHES: Mapping[KpiKey, Callable[[Wanted, AsOf], Iterator[Branch]]] = {
    KpiKey.ON_TIME: _on_time,
    KpiKey.FINISHED: _finished_count,
    KpiKey.DUE: _due,
    KpiKey.LEAD_TIME: _lead_time,
    KpiKey.OPEN: _open,
    KpiKey.LATE: _late,
    KpiKey.PROGRESS: _progress,
    KpiKey.SLIP: _on_time,
    KpiKey.REDATED: _redated,
    KpiKey.CYCLE_TIME: _cycle_time,
    KpiKey.FLOW_EFFICIENCY: _flow_efficiency,
    KpiKey.TIME_TO_ONBOARDED: lambda _wanted, _as_of: _since_sale("first_finished_at"),
    KpiKey.TIME_TO_FIRST_VALUE: lambda _wanted, _as_of: _since_sale("first_value_at"),
    KpiKey.TIME_TO_DELIVERED: _to_delivered,
    KpiKey.ONBOARDED: _onboarded,
    KpiKey.REOPENED: _reopened,
    KpiKey.BACKLOG: _with_status(TaskStatus.TODO, MilestoneStatus.PLANNED, TicketStatus.OPEN),
    KpiKey.IN_PROGRESS: _with_status(TaskStatus.IN_PROGRESS),
    KpiKey.AGE: _open_since("created_at"),
    KpiKey.STANDSTILL: _open_since("updated_at"),
    KpiKey.AT_RISK: _at_risk,
    KpiKey.LOAD: _load,
    KpiKey.LOAD_SHARE: _load_share,
    KpiKey.OPPORTUNITIES: _opportunities,
    KpiKey.OPPORTUNITY_VALUE: _opportunities,
    KpiKey.VALUE_OPEN: _value_open,
    KpiKey.VALUE_AT_RISK: _value_at_risk,
    KpiKey.VALUE_DELIVERED: _value_delivered,
    KpiKey.RECOGNISED: _recognised,
    KpiKey.INBOX: _inbox,
    KpiKey.CRM_PENDING: _crm_pending,
    KpiKey.CRM_ATTENTION: _crm_attention,
}
