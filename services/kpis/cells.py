"""Reads what figures are made of: for all figures of an operation at once, in one statement."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
from services.tickets.read_fields import has_light
from services.vocabulary import SlaLight

HUNDREDTHS = 100
SUMS = 2

_TODAY = Expression("{today}", date, "CAST({today} AS date)")
_NO_DAY = nothing(date, "date")
_NO_TEXT = nothing(str, "varchar")
_NO_SUM = Expression("0", int)
_LIGHT = Expression(
    "CASE WHEN {row}.\"red_on\" <= {today} THEN 'RED' WHEN {row}.\"due_on\" < {today} THEN 'ORANGE'"
    " WHEN {row}.\"yellow_on\" <= {today} THEN 'YELLOW' ELSE 'GREEN' END",
    str,
)
_SOLD_ON = local_day("sold_at", str)
_MONTH = Expression(
    f"SUBSTR({_SOLD_ON.sql}, 1, 7)", str, f"SUBSTR(CAST({_SOLD_ON.postgres} AS VARCHAR), 1, 7)"
)


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
    narrowed = tuple(narrowing_condition(one, wanted, environment) for one in question.narrowings)
    for branch in source_of(wanted, environment).branches:
        window = _window(branch.at, question.period, environment.calendar)
        yield branch, AllOf((branch.where, *window, *narrowed))


def narrowing_condition(narrowing: Narrowing, wanted: Wanted, environment: Environment) -> Condition:
    texts = [value for value in narrowing.values if value is not None]
    among: tuple[Condition, ...]
    match narrowing.dimension:
        case KpiDimension.LIGHT:
            among = tuple(has_light(SlaLight(text), environment.today) for text in texts)
        case KpiDimension.COHORT:
            among = tuple(_sold_in(text, environment.calendar) for text in texts)
        case dimension:
            name, _ = part_columns(dimension, wanted)
            among = (Compare(name, "in", texts),) if texts else ()
            if None in narrowing.values:
                among = (*among, Compare(name, "null", True))
    return Not(AnyOf(among)) if narrowing.others else AnyOf(among)


def _sold_in(month: str, calendar: WorkCalendar) -> Condition:
    first = date.fromisoformat(f"{month}-01")
    end = (first + timedelta(days=31)).replace(day=1)
    begins, ends = calendar.start_of(first), calendar.start_of(end)
    return AllOf((Compare("sold_at", "gte", begins), Compare("sold_at", "lt", ends)))


def parts_of(dimension: KpiDimension, wanted: Wanted) -> tuple[Expression, Expression]:
    """Return what a row is in a dimension, and what to show for it."""
    match dimension:
        case KpiDimension.LIGHT:
            return _LIGHT, _LIGHT
        case KpiDimension.COHORT:
            return _MONTH, _MONTH
    name, label = part_columns(dimension, wanted)
    return column(name), column(label)


def part_columns(dimension: KpiDimension, wanted: Wanted) -> tuple[str, str]:
    """Return the columns of a dimension. What counts by its first finish belongs to whom it last was finished by."""
    if dimension is KpiDimension.OPERATOR and wanted.close is CloseBasis.FIRST:
        return "last_holder_id", "last_holder_name"
    return PART_COLUMNS[dimension]


def day_of(day: Day | None) -> Expression:
    if day is None:
        return _NO_DAY
    if day.column == NOW:
        return _TODAY
    return local_day(day.column, date) if day.of_instant else column(day.column, date)


def hundredths_of(name: str | None) -> Expression:
    """A column as a whole number, so that both databases add it up exactly."""
    if name is None:
        return _NO_SUM
    return Expression(f'COALESCE(CAST(ROUND({{row}}."{name}" * {HUNDREDTHS}) AS BIGINT), 0)', int)


def _selections(question: Question, environment: Environment) -> Iterator[tuple[Branch, Selected]]:
    wanted = question.wanted
    facts = source_of(wanted, environment).facts
    parts = parts_of(question.by, wanted) if question.by else (_NO_TEXT, _NO_TEXT)
    for branch, where in branches_of(question, environment):
        holder = column("operator_id") if branch.by_holder else _NO_TEXT
        keys = (day_of(Day(branch.at)), day_of(branch.first), day_of(branch.second), *parts, holder)
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
