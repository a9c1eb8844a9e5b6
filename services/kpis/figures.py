"""A figure of a report: everything that can be asked of it, from the cells that one loader reads."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from services.kpis.cells import Cells, Question
from services.kpis.targets import Target, Targets, is_met, target_on
from services.planning.calendar import WorkCalendar
from services.planning.kpis import numbers
from services.planning.kpis.addresses import BUCKETS, Address, Narrowing, Wanted
from services.planning.kpis.definitions import Definition, Kind
from services.planning.kpis.numbers import UNKNOWN, Cell, Number
from services.planning.kpis.periods import Period, stretches
from services.planning.kpis.words import (
    KpiDimension,
    KpiExclusionReason,
    KpiInterval,
    KpiNature,
    KpiStatisticName,
    KpiSubject,
    KpiTrend,
    KpiUnit,
)

REST, NONE = "rest", "none"

LoadTargets = Callable[[], Awaitable[Targets]]
LoadCells = Callable[[Question], Awaitable[Cells]]


@dataclass(frozen=True, slots=True)
class Measure:
    """A number in its unit, and the address of the rows behind it."""

    value: Decimal | None
    count: int
    numerator: int | None
    unit: KpiUnit
    address: str


@dataclass(frozen=True, slots=True)
class Statistic:
    name: KpiStatisticName
    measure: Measure


@dataclass(frozen=True, slots=True)
class Point:
    """`first` and `end` bound the stretch as in a period."""

    first: date
    end: date
    measure: Measure
    target: Decimal | None
    partial: bool


@dataclass(frozen=True, slots=True)
class ShownTarget:
    value: Decimal
    met: bool | None
    since: date
    set_by_id: str


@dataclass(frozen=True, slots=True)
class Group:
    """One part. `node_id` is the id of what it is, where that is something with an id."""

    key: str
    label: str
    node_id: str | None
    measure: Measure
    previous: Measure | None


@dataclass(frozen=True, slots=True)
class Bucket:
    at_least: Decimal | None
    below: Decimal | None
    measure: Measure


@dataclass(frozen=True, slots=True)
class Exclusion:
    reason: KpiExclusionReason
    measure: Measure


_WITH_ID = frozenset({KpiDimension.KIT, KpiDimension.SERVICE, KpiDimension.OPERATOR, KpiDimension.COMPANY})


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of figures beside their numbers: series of these intervals, and the period before."""

    intervals: tuple[KpiInterval, ...] = ()
    compared: bool = True


def question_about(
    wanted: Wanted,
    period: Period,
    narrowings: tuple[Narrowing, ...],
    by: KpiDimension | None,
    shown: Shown,
    today: date,
) -> Question:
    """Return what is read for a figure, whole or taken apart: of its period, and of the one before if that is shown."""
    first = period.previous.first if shown.compared else period.first
    days = _days_of_state(period, Shown((), shown.compared) if by else shown, today)
    is_flow = wanted.definition.nature is KpiNature.FLOW
    return Question(wanted, Period(first, period.end), narrowings, by, () if is_flow else days)


def _days_of_state(period: Period, shown: Shown, today: date) -> tuple[date, ...]:
    """Return the days as of which a state is asked."""
    periods = [period, period.previous] if shown.compared else [period]
    periods += [one.period for interval in shown.intervals for one in stretches(period, interval, today)]
    return tuple(sorted({min(one.last, today) for one in periods}))


@dataclass(frozen=True)
class Figure:
    """Whatever is asked of it has to be among what is `shown`."""

    at: Address
    today: date
    calendar: WorkCalendar
    load: LoadCells
    load_targets: LoadTargets
    shown: Shown = Shown()

    @property
    def address(self) -> str:
        return str(self.at)

    @property
    def definition(self) -> Definition:
        return self.at.wanted.definition

    @property
    def subject(self) -> KpiSubject:
        return self.at.wanted.subject

    async def measure(self) -> Measure:
        return self._measure(self.at, await self._cells())

    async def previous(self) -> Measure | None:
        number = self._number(self.at.period.previous, await self._cells())
        return None if number is UNKNOWN else self._shown(self.at.of(self.at.period.previous), number)

    async def trend(self) -> KpiTrend | None:
        before = await self.previous()
        now = (await self.measure()).value
        return numbers.trend(self.definition.direction, now, before.value if before else None)

    async def statistics(self) -> list[Statistic]:
        cells = await self.own_cells()
        found = numbers.statistics(self.definition, cells, self.calendar)
        return [Statistic(name, self._shown(self.at, number)) for name, number in found.items()]

    async def series(self, interval: KpiInterval, last: int | None) -> list[Point]:
        cells = await self._cells()
        cut = list(stretches(self.at.period, interval, self.today))
        points = []
        for one in cut[-last if last else 0 :]:
            period, target = one.period, await self._target_on(one.period.last)
            measure = self._measure(self.at.of(period), cells)
            points.append(
                Point(period.first, period.end, measure, target.value if target else None, one.partial)
            )
        return points

    async def target(self) -> ShownTarget | None:
        held = await self._target_on(min(self.at.period.last, self.today))
        if held is None or held.value is None:
            return None
        met = is_met(self.definition.direction, (await self.measure()).value, held.value)
        return ShownTarget(held.value, met, held.since, held.set_by_id)

    async def groups(self, by: KpiDimension, first: int) -> list[Group]:
        cells = await self._cells(by)
        sizes: dict[str | None, int] = {}
        labels: dict[str | None, str] = {}
        for cell in self._within(self.at.period, cells.cells):
            if cell.reason is None:
                sizes[cell.part] = sizes.get(cell.part, 0) + cell.size
                labels[cell.part] = max(labels.get(cell.part, ""), cell.label or "")
        ranked = sorted(sizes, key=lambda part: (-sizes[part], part is None, labels[part], part or ""))
        shown = [self._group(by, (part,), labels[part], cells) for part in ranked[:first]]
        if len(ranked) > first:
            shown.append(self._rest(by, tuple(ranked[:first]), cells))
        return shown

    async def buckets(self) -> list[Bucket]:
        if self.definition.kind is not Kind.DURATION:
            return []
        cells = await self.own_cells()
        return [
            Bucket(
                Decimal(least) if least else None,
                None if below is None else Decimal(below),
                self._counted(
                    Address(self.at.wanted, self.at.period, self.at.narrowings, None, (least, below)),
                    numbers.bucket_count(self.definition, cells, (least, below), self.calendar),
                ),
            )
            for least, below in BUCKETS
        ]

    async def exclusions(self) -> list[Exclusion]:
        cells = await self.own_cells()
        found = {reason: numbers.left_out(cells, reason) for reason in self.definition.leaves_out}
        at = self.at
        return [
            Exclusion(reason, self._counted(Address(at.wanted, at.period, at.narrowings, reason), number))
            for reason, number in found.items()
            if number.count
        ]

    async def own_cells(self) -> list[Cell]:
        """Return the cells of the period alone."""
        return list((await self.own_part()).cells)

    async def own_part(self) -> Cells:
        """Return the cells of the period alone, and whether they are known."""
        cells = await self._cells()
        return replace(cells, cells=self._within(self.at.period, cells.cells))

    async def _cells(self, by: KpiDimension | None = None) -> Cells:
        """Return the cells of the period, and of the one before if that is shown."""
        at = self.at
        return await self.load(
            question_about(at.wanted, at.period, at.narrowings, by, self.shown, self.today)
        )

    async def _target_on(self, day: date) -> Target | None:
        wanted = self.at.wanted
        return target_on(day, (await self.load_targets()).get((wanted.key, wanted.subject), ()))

    def _within(self, period: Period, cells: Iterable[Cell]) -> list[Cell]:
        if self.definition.nature is not KpiNature.FLOW:
            as_of = min(period.last, self.today)
            return [cell for cell in cells if cell.day == as_of]
        return [cell for cell in cells if cell.day in period]

    def _number(self, period: Period, cells: Cells) -> Number:
        is_state = self.definition.nature is not KpiNature.FLOW
        if is_state and not cells.tell_of(period, self.today):
            return UNKNOWN
        return numbers.number_of(self.definition, self._within(period, cells.cells), self.calendar)

    def _measure(self, address: Address, cells: Cells) -> Measure:
        return self._shown(address, self._number(address.period, cells))

    def _shown(self, address: Address, number: Number) -> Measure:
        return Measure(number.value, number.count, number.numerator, self.definition.unit, str(address))

    def _counted(self, address: Address, number: Number) -> Measure:
        return Measure(number.value, number.count, None, KpiUnit.COUNT, str(address))

    def _group(self, by: KpiDimension, parts: tuple[str | None], label: str, cells: Cells) -> Group:
        [part] = parts
        measure, previous = self._of_part(Narrowing(by, parts), cells)
        if part is None:
            return Group(NONE, NONE, None, measure, previous)
        return Group(part, label or part, part if by in _WITH_ID else None, measure, previous)

    def _rest(self, by: KpiDimension, shown: tuple[str | None, ...], cells: Cells) -> Group:
        return Group(REST, REST, None, *self._of_part(Narrowing(by, shown, others=True), cells))

    def _of_part(self, narrowing: Narrowing, cells: Cells) -> tuple[Measure, Measure | None]:
        mine = cells.where(lambda cell: (cell.part in narrowing.values) is not narrowing.others)
        address = self.at.narrowed(narrowing)
        before = self._number(self.at.period.previous, mine)
        previous = None if before is UNKNOWN else self._shown(address.of(self.at.period.previous), before)
        return self._measure(address, mine), previous
