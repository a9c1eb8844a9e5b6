"""Reads what figures are made of: for all figures of an operation at once, in one statement."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any

from services.kpis.facts import PART_COLUMNS
from services.kpis.kept_cells import NOTHING_KNOWN, KeptCells, Mark, read_mark
from services.kpis.past_facts import ASKED_DAYS, BEYOND, DAY_COLUMNS, DAYS, FIRST
from services.kpis.sources import LOAD_DAYS, NOW, PAST_DAYS, AsOf, Branch, Day, Source, source_of
from services.planning.calendar import WorkCalendar
from services.planning.kpis.addresses import Narrowing, Wanted
from services.planning.kpis.numbers import Cell
from services.planning.kpis.periods import DAY, Period
from services.planning.kpis.words import CloseBasis, KpiDimension, KpiNature
from services.reads import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Environment,
    Expression,
    Not,
    Reads,
)
from services.reads.dialects import Dialect
from services.reads.grouped import Grouped, RowList, Selected, column, group, local_day, nothing
from services.tickets.read_fields import has_light
from services.vocabulary import SlaLight

HUNDREDTHS = 100
SUMS = 2
MOST_STATEMENTS, MOST_LOOKS, MOST_CHARACTERS = 32, 100, 1_000
"""How many statements are remembered, and up to what size: no caller fills the memory with what a filter names."""

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
    """A figure of some days, narrowed, and taken apart by a dimension.

    A state is asked as of the ends of `days`, by default of the period's last day. Today is as of now.
    """

    wanted: Wanted
    period: Period
    narrowings: tuple[Narrowing, ...] = ()
    by: KpiDimension | None = None
    days: tuple[date, ...] = ()

    @property
    def is_brief(self) -> bool:
        """Whether its filter is short enough to be remembered."""
        return sum(len(value or "") for one in self.narrowings for value in one.values) <= MOST_CHARACTERS


@dataclass(frozen=True, slots=True)
class Cells:
    """What a figure is made of. `known` are the days as of which it is known, of a state that is asked as of days."""

    cells: Sequence[Cell]
    known: frozenset[date] = frozenset()

    def tell_of(self, period: Period, today: date) -> bool:
        """Whether a state is known as of now, or as of the period's last day where that has passed."""
        return period.first <= today and min(period.last, today) in self.known

    def where(self, keep: Callable[[Cell], bool]) -> "Cells":
        return replace(self, cells=[cell for cell in self.cells if keep(cell)])


@dataclass(frozen=True, slots=True)
class Look:
    """What is read for a question at once: what happened in a period, how things stand now, or how they stood.

    `days` are the past days at whose ends they stood, each with the day until when work counts as load.
    """

    question: Question
    as_of: AsOf
    days: tuple[tuple[date, date], ...] = ()

    @property
    def source(self) -> Source:
        return source_of(self.question.wanted, self.as_of)

    def of_known_days(self, mark: Mark) -> "Look | None":
        """Return the same as of those of its days that are known; None if it is of past days, and none is."""
        if not self.days:
            return self
        known = tuple(one for one in self.days if mark.knows(one[0]))
        return replace(self, days=known) if known else None

    @property
    def lists(self) -> Mapping[str, RowList]:
        return {DAYS: RowList(DAY_COLUMNS, self.days)} if self.days else {}

    @property
    def window(self) -> Mapping[str, date]:
        """The first of the days, and the day after the last."""
        return {FIRST: self.days[0][0], BEYOND: self.days[-1][0] + DAY} if self.days else {}

    @property
    def over(self) -> str | None:
        return ASKED_DAYS if self.days else None

    def branches(self, calendar: WorkCalendar) -> Iterator[tuple[Branch, Condition]]:
        """Yield the branches of the figure, each with the whole condition on its rows."""
        question = self.question
        narrowed = tuple(
            narrowing_condition(one, question.wanted, self.as_of, calendar) for one in question.narrowings
        )
        for branch in self.source.branches:
            window = _window(branch.at, question.period, calendar)
            yield branch, AllOf((branch.where, *window, *narrowed))

    def day_of(self, day: Day | None) -> Expression:
        if day is None:
            return _NO_DAY
        if day.column == NOW:
            return self.as_of.text(_TODAY)
        return local_day(day.column, date) if day.of_instant else column(day.column, date)


def looks_at(question: Question, environment: Environment) -> Iterator[Look]:
    """Yield what is to be read for a question."""
    today, calendar = environment.today, environment.calendar
    days = question.days or (question.period.last,)
    if question.wanted.definition.nature is KpiNature.FLOW or max(days) >= today:
        yield Look(question, AsOf.now(today, calendar))
    past = sorted({day for day in days if day < today})
    if question.wanted.definition.nature is not KpiNature.FLOW and past:
        yield Look(question, PAST_DAYS, tuple((day, calendar.add(day, LOAD_DAYS)) for day in past))


async def read_cells(
    questions: Sequence[Question], environment: Environment, reads: Reads, kept: KeptCells
) -> list[Cells]:
    """Return the cells of each question: with one statement for all of them, and one for the mark of past days."""
    asked = [list(looks_at(one, environment)) for one in questions]
    mark = await read_mark(reads) if any(look.days for looks in asked for look in looks) else NOTHING_KNOWN
    known = [[one for look in looks if (one := look.of_known_days(mark)) is not None] for looks in asked]
    cells = {
        look: found for look in chain.from_iterable(known) if (found := kept.get(mark, look)) is not None
    }
    missing = tuple(dict.fromkeys(look for look in chain.from_iterable(known) if look not in cells))
    if missing:
        is_brief = len(missing) <= MOST_LOOKS and all(look.question.is_brief for look in missing)
        write = kept_statement if is_brief else _statement
        statement = write(missing, environment.today, environment.calendar, reads.dialect)
        cells |= await _read(statement, reads)
        for look in statement.lasting:
            kept.keep(mark, look, cells[look])
    return [
        Cells(
            [cell for look in looks for cell in cells[look]],
            frozenset({environment.today, *(day for look in looks for day, _ in look.days)}),
        )
        for looks in known
    ]


@dataclass(frozen=True, slots=True)
class _Statement:
    """How some looks are read at once. `places` says for each question in it which look and branch it is of.

    `lasting` are the looks of past days that read nothing but those days.
    """

    grouped: Grouped
    places: Sequence[tuple[Look, Branch]]
    lasting: Sequence[Look]


def _statement(looks: tuple[Look, ...], today: date, calendar: WorkCalendar, dialect: Dialect) -> _Statement:
    selections = {look: list(_selections(look, calendar)) for look in looks}
    bound = bound_values(Environment(today, calendar))
    return _Statement(
        group([one for some in selections.values() for _, one in some], SUMS, bound, dialect),
        [(look, branch) for look, some in selections.items() for branch, _ in some],
        [
            look
            for look, some in selections.items()
            if look.days and look.question.is_brief and all(one.is_alone for _, one in some)
        ],
    )


kept_statement = lru_cache(maxsize=MOST_STATEMENTS)(_statement)
"""Writing a statement takes longer than reading its answer, and a board asks the same again and again."""


async def _read(statement: _Statement, reads: Reads) -> dict[Look, list[Cell]]:
    cells: dict[Look, list[Cell]] = {look: [] for look, _ in statement.places}
    for number, *record in await statement.grouped.read(reads):
        look, branch = statement.places[number]
        cells[look].append(_cell(record, branch))
    return cells


def bound_values(environment: Environment) -> dict[str, Any]:
    return {"today": environment.today, "zone": environment.calendar.zone.key}


def narrowing_condition(
    narrowing: Narrowing, wanted: Wanted, as_of: AsOf, calendar: WorkCalendar
) -> Condition:
    texts = [value for value in narrowing.values if value is not None]
    among: tuple[Condition, ...]
    match narrowing.dimension:
        case KpiDimension.LIGHT:
            among = tuple(has_light(SlaLight(text), as_of.today) for text in texts)
        case KpiDimension.COHORT:
            among = tuple(_sold_in(text, calendar) for text in texts)
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


def parts_of(dimension: KpiDimension, wanted: Wanted, as_of: AsOf) -> tuple[Expression, Expression]:
    """Return what a row is in a dimension, and what to show for it."""
    match dimension:
        case KpiDimension.LIGHT:
            return as_of.text(_LIGHT), as_of.text(_LIGHT)
        case KpiDimension.COHORT:
            return _MONTH, _MONTH
    name, label = part_columns(dimension, wanted)
    return column(name), column(label)


def part_columns(dimension: KpiDimension, wanted: Wanted) -> tuple[str, str]:
    """Return the columns of a dimension. What counts by its first finish belongs to whom it last was finished by."""
    counts_by_finish = wanted.definition.nature is KpiNature.FLOW and wanted.close is CloseBasis.FIRST
    if dimension is KpiDimension.OPERATOR and counts_by_finish:
        return "last_holder_id", "last_holder_name"
    return PART_COLUMNS[dimension]


def hundredths_of(name: str | None) -> Expression:
    """A column as a whole number, so that both databases add it up exactly."""
    if name is None:
        return _NO_SUM
    return Expression(f'COALESCE(CAST(ROUND({{row}}."{name}" * {HUNDREDTHS}) AS BIGINT), 0)', int)


def _selections(look: Look, calendar: WorkCalendar) -> Iterator[tuple[Branch, Selected]]:
    wanted, by = look.question.wanted, look.question.by
    facts = look.source.facts
    parts = parts_of(by, wanted, look.as_of) if by else (_NO_TEXT, _NO_TEXT)
    for branch, where in look.branches(calendar):
        holder = column("operator_id") if branch.by_holder else _NO_TEXT
        days = (look.day_of(one) for one in (Day(branch.at), branch.first, branch.second))
        sums = (hundredths_of(branch.done), hundredths_of(branch.whole))
        yield (
            branch,
            Selected(facts, where, (*days, *parts, holder, *sums), look.window, look.lists, look.over),
        )


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
