"""Periods of the calendar, and the stretches that a series shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from services.planning.kpis.words import KpiInterval

LONGEST = 731
"""How many days a period has at most: two years, one of them a leap year."""

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` up to, but without, `end`."""

    first: date
    end: date

    @property
    def last(self) -> date:
        return self.end - DAY

    @property
    def previous(self) -> "Period":
        """The period of as many days right before.

        >>> Period(date(2026, 11, 10), date(2026, 11, 17)).previous.first.isoformat()
        '2026-11-03'
        """
        return Period(self.first - (self.end - self.first), self.first)

    def __contains__(self, day: date) -> bool:
        return self.first <= day < self.end


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a series. `partial`: it is not over, or goes on outside the period."""

    period: Period
    partial: bool


def period_between(first: date, end: date) -> Period:
    """Return a period. ValueError: it is empty, too long, or too far away."""
    if not EARLIEST <= first < end <= LATEST:
        raise ValueError(f"A period begins before it ends, from {EARLIEST} to {LATEST}.")
    if (end - first).days > LONGEST:
        raise ValueError(f"A period has at most {LONGEST} days.")
    return Period(first, end)


def last_days(count: int, today: date) -> Period:
    """Return the days up to and with today.

    >>> last_days(2, date(2026, 11, 23)).first.isoformat()
    '2026-11-22'
    """
    if not 1 <= count <= LONGEST:
        raise ValueError(f"A period has 1 to {LONGEST} days.")
    return period_between(today + DAY - timedelta(days=count), today + DAY)


def stretches(period: Period, interval: KpiInterval, today: date) -> Iterator[Stretch]:
    """Cut a period where days, weeks or months of the calendar begin.

    >>> weeks = stretches(Period(date(2026, 11, 18), date(2026, 11, 25)), KpiInterval.WEEK, date(2026, 11, 30))
    >>> [(one.period.first.day, one.period.end.day, one.partial) for one in weeks]
    [(18, 23, True), (23, 25, True)]
    """
    first = period.first
    while first < period.end:
        begins, ends = _around(first, interval)
        cut = Period(max(begins, period.first), min(ends, period.end))
        yield Stretch(cut, partial=cut != Period(begins, ends) or ends > today)
        first = ends


def _around(day: date, interval: KpiInterval) -> tuple[date, date]:
    """Return the first day of the stretch around a day, and the day after its last."""
    match interval:
        case KpiInterval.DAY:
            return day, day + DAY
        case KpiInterval.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=7)
        case KpiInterval.MONTH:
            begins = day.replace(day=1)
            return begins, (begins + timedelta(days=31)).replace(day=1)
