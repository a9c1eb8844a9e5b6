"""Working days of one country, and the days of its clocks."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked.

    "n days after a day" is the n-th working day after it, the day itself not counted.

    >>> italy = WorkCalendar(ZoneInfo("Europe/Rome"))
    >>> italy.add(date(2026, 12, 23), 1), italy.add(date(2026, 12, 24), 1)
    (datetime.date(2026, 12, 24), datetime.date(2026, 12, 28))
    """

    zone: ZoneInfo
    country: str = "IT"

    def __post_init__(self) -> None:
        """Fail now, not at the first date, when the country's holidays are not known."""
        holidays.country_holidays(self.country)

    def today(self, now: datetime) -> date:
        """The calendar's date of an instant.

        >>> WorkCalendar(ZoneInfo("Europe/Rome")).today(datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
        datetime.date(2026, 7, 2)
        """
        return now.astimezone(self.zone).date()

    def next_midnight(self, now: datetime) -> datetime:
        """The UTC instant at which the calendar's next day begins.

        >>> WorkCalendar(ZoneInfo("Europe/Rome")).next_midnight(datetime(2026, 3, 29, 12, tzinfo=UTC))
        datetime.datetime(2026, 3, 29, 22, 0, tzinfo=datetime.timezone.utc)
        """
        tomorrow = self.today(now) + timedelta(days=1)
        return datetime.combine(tomorrow, time.min, self.zone).astimezone(UTC)

    def on_or_after(self, day: date) -> date:
        """The day itself when it is worked, else the next one that is.

        >>> WorkCalendar(ZoneInfo("Europe/Rome")).on_or_after(date(2027, 1, 1))
        datetime.date(2027, 1, 4)
        """
        return self.add(day - timedelta(days=1), 1)

    def add(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; the day itself for none."""
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
        """The `count`-th working day before `day`; the day itself for none.

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
        """`day` moved by working days, later or (negative) earlier; always onto a working day.

        >>> italy = WorkCalendar(ZoneInfo("Europe/Rome"))
        >>> italy.move(date(2026, 11, 20), 1), italy.move(date(2026, 11, 22), -1)
        (datetime.date(2026, 11, 23), datetime.date(2026, 11, 20))
        """
        worked = self.on_or_after(day)
        return self.add(worked, count) if count >= 0 else self.subtract(worked, -count)

    def distance(self, start: date, end: date) -> int:
        """The count by which `move` comes from `start` to `end`, each taken as the day `on_or_after` it.

        >>> italy, monday = WorkCalendar(ZoneInfo("Europe/Rome")), date(2026, 12, 21)
        >>> italy.distance(monday, date(2027, 1, 8)), italy.distance(date(2027, 1, 8), monday)
        (11, -11)
        """
        if end < start:
            return -self.distance(end, start)
        whole_years = sum(len(self._days_of(year)) for year in range(start.year, end.year))
        reached = bisect_left(self._days_of(end.year), end)
        return whole_years + reached - bisect_left(self._days_of(start.year), start)

    def _days_of(self, year: int) -> Sequence[date]:
        return _working_days(self.country, year)


def _refuse_negative(count: int) -> None:
    if count < 0:
        raise ValueError(f"A number of working days cannot be negative: {count}.")


@lru_cache(maxsize=512)
def _working_days(country: str, year: int) -> tuple[date, ...]:
    """The working days of one year, in order."""
    country_days = holidays.country_holidays(country, years=year)
    first = date(year, 1, 1)
    days = (first + timedelta(days=offset) for offset in range((date(year + 1, 1, 1) - first).days))
    return tuple(day for day in days if country_days.is_working_day(day))
