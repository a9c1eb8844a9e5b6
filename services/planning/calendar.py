"""The working days and the time zone of one country."""

import sys
from bisect import bisect_left, bisect_right
from calendar import isleap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib.util import find_spec, module_from_spec
from zoneinfo import ZoneInfo

import holidays
from holidays.version import __version__ as HOLIDAYS_VERSION

_COUNTRIES = "holidays.countries"

LAST_DUE_ON = date(2099, 12, 31)
"""The last day that work can be due on. Dates counted from it, such as an escalation, may be later."""

YEARS_WITH_HOLIDAYS = range(1900, 2200)
"""Other years have weekends only: holidays are costly to compute and unknown so far away."""

YEARS_KEPT = 128
"""How many years are kept in memory. One takes about 12 kB."""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Counts in working days.

    "n days after a day" is the n-th working day after it; the day itself does not count.

    >>> italy = WorkCalendar(ZoneInfo("Europe/Rome"))
    >>> italy.add(date(2026, 12, 23), 1), italy.add(date(2026, 12, 24), 1)
    (datetime.date(2026, 12, 24), datetime.date(2026, 12, 28))
    """

    zone: ZoneInfo
    country: str = "IT"

    def __post_init__(self) -> None:
        """Fail at start if the country's holidays are unknown, not at the first date."""
        _spare_the_world()
        holidays.country_holidays(self.country)

    @property
    def name(self) -> str:
        """Name what decides its working days: the country, and the version of the list of holidays."""
        return f"{self.country}, holidays {HOLIDAYS_VERSION}"

    def today(self, now: datetime) -> date:
        """Return the local date of an instant.

        >>> from datetime import UTC
        >>> WorkCalendar(ZoneInfo("Europe/Rome")).today(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
        datetime.date(2026, 7, 2)
        """
        return now.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Return the instant at which a day begins.

        >>> WorkCalendar(ZoneInfo("Europe/Rome")).start_of(date(2026, 7, 2)).isoformat()
        '2026-07-01T22:00:00+00:00'
        """
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    def on_or_after(self, day: date) -> date:
        """Return the day itself if it is a working day, else the next working day.

        >>> WorkCalendar(ZoneInfo("Europe/Rome")).on_or_after(date(2027, 1, 1))
        datetime.date(2027, 1, 4)
        """
        return self.add(day - timedelta(days=1), 1)

    def add(self, day: date, count: int) -> date:
        """Return the `count`-th working day after `day`, or the day itself for 0."""
        _refuse_negative(count)
        if count == 0:
            return day
        year = day.year
        days = self._days_of(year)
        index = bisect_right(days, day) + count - 1
        while index >= len(days):
            index -= len(days)
            year += 1
            days = self._days_of(year)
        return days[index]

    def subtract(self, day: date, count: int) -> date:
        """Return the `count`-th working day before `day`, or the day itself for 0.

        >>> WorkCalendar(ZoneInfo("Europe/Rome")).subtract(date(2027, 1, 7), 2)
        datetime.date(2027, 1, 4)
        """
        _refuse_negative(count)
        if count == 0:
            return day
        year = day.year
        days = self._days_of(year)
        index = bisect_left(days, day) - count
        while index < 0:
            year -= 1
            days = self._days_of(year)
            index += len(days)
        return days[index]

    def move(self, day: date, count: int) -> date:
        """Move `day` by working days, later or (negative) earlier, always onto a working day.

        >>> italy = WorkCalendar(ZoneInfo("Europe/Rome"))
        >>> italy.move(date(2026, 11, 20), 1), italy.move(date(2026, 11, 22), -1)
        (datetime.date(2026, 11, 23), datetime.date(2026, 11, 20))
        """
        worked = self.on_or_after(day)
        return self.add(worked, count) if count >= 0 else self.subtract(worked, -count)

    def distance(self, start: date, end: date) -> int:
        """Return the count with which `move` gets from `start` to `end`, each taken `on_or_after`.

        >>> italy, monday = WorkCalendar(ZoneInfo("Europe/Rome")), date(2026, 12, 21)
        >>> italy.distance(monday, date(2027, 1, 8)), italy.distance(date(2027, 1, 8), monday)
        (11, -11)
        """
        if end < start:
            return -self.distance(end, start)
        whole_years = sum(len(self._days_of(year)) for year in range(start.year, end.year))
        reached = bisect_left(self._days_of(end.year), end)
        return whole_years + reached - bisect_left(self._days_of(start.year), start)

    def elapsed(self, start: date, end: date) -> int:
        """Return how many working days lie after `start`, up to and with `end`. This is how an SLA counts.

        >>> italy = WorkCalendar(ZoneInfo("Europe/Rome"))
        >>> friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
        >>> italy.elapsed(friday, saturday), italy.elapsed(saturday, monday), italy.elapsed(monday, friday)
        (0, 1, -1)
        """
        if end < start:
            return -self.elapsed(end, start)
        whole_years = sum(len(self._days_of(year)) for year in range(start.year, end.year))
        return whole_years + self._worked(end) - self._worked(start)

    def _worked(self, day: date) -> int:
        """Return how many working days of its year are over at the end of a day."""
        return bisect_right(self._days_of(day.year), day)

    def _days_of(self, year: int) -> Sequence[date]:
        return _working_days(self.country, year)


def _refuse_negative(count: int) -> None:
    if count < 0:
        raise ValueError(f"A number of working days cannot be negative: {count}.")


@lru_cache(maxsize=YEARS_KEPT)
def _working_days(country: str, year: int) -> tuple[date, ...]:
    """Return the working days of one year, in order."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range(366 if isleap(year) else 365))
    if year not in YEARS_WITH_HOLIDAYS:
        return tuple(day for day in days if day.isoweekday() < 6)
    country_days = holidays.country_holidays(country, years=year)
    return tuple(day for day in days if country_days.is_working_day(day))


def _spare_the_world() -> None:
    """Let a country be imported alone. The package itself imports all 250: a third of a second, and 8 MiB."""
    if _COUNTRIES not in sys.modules and (spec := find_spec(_COUNTRIES)):
        sys.modules[_COUNTRIES] = module_from_spec(spec)
