"""Reads what figures are made of: for all figures of an operation at once, in one statement."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from services.kpis.facts import PART_COLUMNS
from services.kpis.sources import NOW, Branch, Day, source_of
from services.planning.calendar import WorkCalendar
from services.planning.kpis.addresses import Narrowing, Wanted
from services.planning.kpis.numbers import Cell
from services.planning.kpis.periods import Period
from services.planning.kpis.words import CloseBasis, KpiDimension, KpiNature
from services.reads import AllOf, AnyOf, Compare, Condition, Environment, Expression, Not, Reads
from services.reads.grouped import Selected, column, local_day, nothing, read_groups

HUNDREDTHS = 100
SUMS = 2

_TODAY = Expression("{today}", date, "CAST({today} AS date)")
_NO_DAY = nothing(date, "date")
_NO_TEXT = nothing(str, "varchar")
_NO_SUM = Expression("0", int)


@dataclass(frozen=True, slots=True)
class Question:
    """A figure of some days, narrowed, and taken apart by a dimension."""

    wanted: Wanted
    period: Period
    narrowings: tuple[Narrowing, ...] = ()
    by: KpiDimension | None = None


async def read_cells(
    questions: Sequence[Question], environment: Environment, reads: Reads
) -> list[list[Cell]]:
    """Return the cells of each question, with one statement for all of them.

    States are read as of today; of other days there are no cells.
    """
    cells: list[list[Cell]] = [[] for _ in questions]
    selected: list[Selected] = []
    places: list[tuple[list[Cell], Branch]] = []
    for question, found in zip(questions, cells, strict=True):
        if is_readable(question, environment.today):
            for branch, one in _selections(question, environment):
                selected.append(one)
                places.append((found, branch))
    if selected:
        for number, *record in await read_groups(selected, SUMS, bound_values(environment), reads):
            found, branch = places[number]
            found.append(_cell(record, branch))
    return cells


def is_readable(question: Question, today: date) -> bool:
    """Whether the rows say it: what happened they always say, but how things stand only as of today."""
    return question.wanted.definition.nature is KpiNature.FLOW or question.period.last >= today


def bound_values(environment: Environment) -> dict[str, Any]:
    return {"today": environment.today, "zone": environment.calendar.zone.key}


def branches_of(question: Question, environment: Environment) -> Iterator[tuple[Branch, Condition]]:
    """Yield the branches of a figure, each with the whole condition on its rows."""
    wanted = question.wanted
    narrowed = tuple(narrowing_condition(one, wanted) for one in question.narrowings)
    for branch in source_of(wanted, environment).branches:
        window = _window(branch.at, question.period, environment.calendar)
        yield branch, AllOf((branch.where, *window, *narrowed))


def narrowing_condition(narrowing: Narrowing, wanted: Wanted) -> Condition:
    name, _ = part_columns(narrowing.dimension, wanted)
    texts = [value for value in narrowing.values if value is not None]
    among: tuple[Condition, ...] = (Compare(name, "in", texts),) if texts else ()
    if None in narrowing.values:
        among = (*among, Compare(name, "null", True))
    return Not(AnyOf(among)) if narrowing.others else AnyOf(among)


def part_columns(dimension: KpiDimension, wanted: Wanted) -> tuple[str, str]:
    """Return the columns of a dimension. What counts by its first finish belongs to whom it last was finished by."""
    if dimension is KpiDimension.OPERATOR and wanted.close is CloseBasis.FIRST:
        return "last_holder_id", "last_holder_name"
    return PART_COLUMNS[dimension]


def day_of(day: Day | None) -> Expression:
    if day is None:
        return _NO_DAY
    return local_day(day.column, date) if day.of_instant else column(day.column, date)


def hundredths_of(name: str | None) -> Expression:
    """A column as a whole number, so that both databases add it up exactly."""
    if name is None:
        return _NO_SUM
    return Expression(f'CAST(ROUND({{row}}."{name}" * {HUNDREDTHS}) AS BIGINT)', int)


def _selections(question: Question, environment: Environment) -> Iterator[tuple[Branch, Selected]]:
    wanted = question.wanted
    facts = source_of(wanted, environment).facts
    names = part_columns(question.by, wanted) if question.by else ()
    parts = tuple(column(name) for name in names) or (_NO_TEXT, _NO_TEXT)
    for branch, where in branches_of(question, environment):
        day = _TODAY if branch.at == NOW else day_of(Day(branch.at))
        holder = column("operator_id") if branch.by_holder else _NO_TEXT
        keys = (day, day_of(branch.first), day_of(branch.second), *parts, holder)
        sums = (hundredths_of(branch.done), hundredths_of(branch.whole))
        yield branch, Selected(facts, where, (*keys, *sums))


def _window(at: str, period: Period, calendar: WorkCalendar) -> Iterable[Condition]:
    if at == NOW:
        return ()
    begin: Any = calendar.start_of(period.first) if Day(at).of_instant else period.first
    end: Any = calendar.start_of(period.end) if Day(at).of_instant else period.end
    return Compare(at, "gte", begin), Compare(at, "lt", end)


def _cell(record: Sequence[Any], branch: Branch) -> Cell:
    day, first, second, part, label, holder, size, done, whole = record
    return Cell(
        day, int(size), branch.reason, first, second, Decimal(int(done)) / HUNDREDTHS,
        Decimal(int(whole)) / HUNDREDTHS, part, label, holder,
    )  # fmt: skip


async def last_change(reads: Reads) -> datetime:
    """Return when the last change was made that these reads see."""
    [record] = await reads.run('SELECT MAX("occurred_at") FROM "event"', [])
    at = record[0]
    return datetime.fromtimestamp(0, UTC) if at is None else datetime.fromisoformat(str(at))
