"""From groups of rows to numbers. The database counts rows that are alike; all that follows is decided here."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import ceil

from services.planning.calendar import WorkCalendar
from services.planning.kpis.definitions import Definition, Kind
from services.planning.kpis.words import KpiDirection, KpiExclusionReason, KpiStatisticName, KpiTrend

SHARE_PLACES = Decimal("0.0001")

_RANKS = {
    KpiStatisticName.MIN: Decimal(0),
    KpiStatisticName.MEDIAN: Decimal("0.5"),
    KpiStatisticName.P85: Decimal("0.85"),
    KpiStatisticName.MAX: Decimal(1),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """Rows that are alike in all that a figure looks at, and how many they are.

    `day` is the calendar's date by which they belong to a period. `reason` says why they are left out, if they are.
    `first` and `second` are the two days that the figure compares. `done` and `whole` are sums over the rows. `part`
    is what they share in the dimension that the figure is taken apart by, and `label` how it is shown. `holder` is the
    operator who has them, where the figure looks at that.
    """

    day: date
    size: int
    reason: KpiExclusionReason | None = None
    first: date | None = None
    second: date | None = None
    done: Decimal = Decimal(0)
    whole: Decimal = Decimal(0)
    part: str | None = None
    label: str | None = None
    holder: str | None = None


def alike_cells(cells: Iterable[Cell]) -> Hashable:
    """Return what cells say, equal for all that say the same: several of them may hold rows that are alike."""
    sums: dict[Hashable, tuple[int, Decimal, Decimal]] = {}
    for one in cells:
        alike = one.day, one.reason, one.first, one.second, one.part, one.label, one.holder
        size, done, whole = sums.get(alike, (0, Decimal(0), Decimal(0)))
        sums[alike] = size + one.size, done + one.done, whole + one.whole
    return frozenset(sums.items())


@dataclass(frozen=True, slots=True)
class Number:
    """A number, how many rows it is of, and for a share how many of them count for it."""

    value: Decimal | None
    count: int
    numerator: int | None = None


UNKNOWN = Number(None, 0)
"""Nothing is known of how things stood then."""


def contribution(definition: Definition, cell: Cell, calendar: WorkCalendar) -> int:
    """Return what each row of a cell contributes by the figure's rule: nothing where one of its days is missing."""
    if cell.first is None or cell.second is None:
        return 0
    return definition.rule(cell.first, cell.second, calendar)


def number_of(definition: Definition, cells: Iterable[Cell], calendar: WorkCalendar) -> Number:
    """Return the number that the rows which are not left out come to."""
    counted = [cell for cell in cells if cell.reason is None]
    count = sum(cell.size for cell in counted)
    match definition.kind:
        case Kind.COUNT:
            return Number(Decimal(count), count)
        case Kind.SHARE:
            numerator = sum(cell.size for cell in counted if contribution(definition, cell, calendar))
            return Number(share(Decimal(numerator), Decimal(count)), count, numerator)
        case Kind.RATIO:
            done, whole = sum(cell.done for cell in counted), sum(cell.whole for cell in counted)
            return Number(share(Decimal(done), Decimal(whole)), count)
        case Kind.SUM:
            return Number(sum((cell.done for cell in counted), Decimal(0)), count)
        case Kind.LOAD:
            hours = sum((cell.done for cell in counted), Decimal(0))
            return Number(share(hours, capacity(counted)), count)
        case Kind.DURATION:
            spread = spread_of(definition, counted, calendar)
            return Number(nearest_rank(spread, _RANKS[KpiStatisticName.MEDIAN]), count)


def capacity(cells: Iterable[Cell]) -> Decimal:
    """Return the hours of all operators who have these rows. Each row brings its operator's; each operator counts once.

    >>> day, hours = date(2026, 11, 23), Decimal(40)
    >>> capacity([Cell(day, 2, whole=2 * hours, holder="a"), Cell(day, 1, whole=hours, holder="a")])
    Decimal('40')
    """
    hours = {cell.holder: cell.whole / cell.size for cell in cells}
    return sum(hours.values(), Decimal(0))


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a share, rounded to four places; None of nothing.

    >>> share(Decimal(2), Decimal(3)), share(Decimal(0), Decimal(0))
    (Decimal('0.6667'), None)
    """
    return (part / whole).quantize(SHARE_PLACES, ROUND_HALF_UP) if whole else None


def spread_of(definition: Definition, cells: Iterable[Cell], calendar: WorkCalendar) -> Counter[int]:
    """Return how many rows contribute how much."""
    spread: Counter[int] = Counter()
    for cell in cells:
        if cell.reason is None:
            spread[contribution(definition, cell, calendar)] += cell.size
    return spread


def nearest_rank(spread: Counter[int], rank: Decimal) -> Decimal | None:
    """Return the least value that at least this share of all values does not exceed.

    >>> three = Counter([2, 5, 9])
    >>> [nearest_rank(three, Decimal(rank)) for rank in ("0", "0.5", "0.85", "1")]
    [Decimal('2'), Decimal('5'), Decimal('9'), Decimal('9')]
    """
    wanted = max(1, ceil(rank * spread.total()))
    passed = 0
    for value in sorted(spread):
        passed += spread[value]
        if passed >= wanted:
            return Decimal(value)
    return None


def statistics(
    definition: Definition, cells: Sequence[Cell], calendar: WorkCalendar
) -> dict[KpiStatisticName, Number]:
    """Sum up durations; nothing for other figures."""
    if definition.kind is not Kind.DURATION:
        return {}
    spread = spread_of(definition, cells, calendar)
    return {name: Number(nearest_rank(spread, rank), spread.total()) for name, rank in _RANKS.items()}


def within_bucket(value: int, bucket: tuple[int, int | None]) -> bool:
    """
    >>> within_bucket(2, (0, 3)), within_bucket(3, (0, 3)), within_bucket(99, (21, None))
    (True, False, True)
    """
    least, below = bucket
    return value >= least and (below is None or value < below)


def bucket_count(
    definition: Definition, cells: Iterable[Cell], bucket: tuple[int, int | None], calendar: WorkCalendar
) -> Number:
    """Return how many rows contribute what lies in a bucket."""
    spread = spread_of(definition, cells, calendar)
    count = sum(size for value, size in spread.items() if within_bucket(value, bucket))
    return Number(Decimal(count), count)


def left_out(cells: Iterable[Cell], reason: KpiExclusionReason) -> Number:
    """Return how many rows were left out for a reason."""
    count = sum(cell.size for cell in cells if cell.reason is reason)
    return Number(Decimal(count), count)


def trend(direction: KpiDirection, now: Decimal | None, before: Decimal | None) -> KpiTrend | None:
    """Say how a figure went, as its direction sees it; None if one of the numbers is missing.

    >>> trend(KpiDirection.DOWN, Decimal(3), Decimal(5)).value
    'BETTER'
    """
    if now is None or before is None:
        return None
    if now == before or direction is KpiDirection.NONE:
        return KpiTrend.SAME
    return KpiTrend.BETTER if (now > before) == (direction is KpiDirection.UP) else KpiTrend.WORSE
