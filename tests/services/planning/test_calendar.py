import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from services.planning.calendar import YEARS_KEPT, WorkCalendar, _working_days
from tests.support.repository import ROOT

ITALY = WorkCalendar(ZoneInfo("Europe/Rome"))

days = st.dates(min_value=date(2020, 1, 1), max_value=date(2039, 12, 31))
counts = st.integers(min_value=0, max_value=600)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param(date(2026, 11, 20), 1, date(2026, 11, 23), id="a weekend"),
        pytest.param(date(2026, 12, 23), 2, date(2026, 12, 28), id="Christmas and Saint Stephen"),
        pytest.param(date(2026, 12, 24), 7, date(2027, 1, 7), id="New Year and Epiphany"),
        pytest.param(date(2027, 3, 26), 1, date(2027, 3, 30), id="Easter Monday"),
        pytest.param(date(2024, 4, 24), 1, date(2024, 4, 26), id="25 April"),
        pytest.param(date(2026, 4, 30), 1, date(2026, 5, 4), id="1 May"),
        pytest.param(date(2026, 6, 1), 1, date(2026, 6, 3), id="2 June"),
        pytest.param(date(2025, 8, 14), 1, date(2025, 8, 18), id="15 August on a Friday"),
        pytest.param(date(2027, 8, 13), 1, date(2027, 8, 16), id="15 August on a Sunday is not made up for"),
        pytest.param(date(2027, 10, 29), 1, date(2027, 11, 2), id="1 November"),
        pytest.param(date(2026, 12, 7), 1, date(2026, 12, 9), id="8 December"),
        pytest.param(date(2026, 12, 26), 1, date(2026, 12, 28), id="from a day that is not worked"),
        pytest.param(date(2026, 12, 26), 0, date(2026, 12, 26), id="no days leave a holiday where it is"),
    ],
)
def test_adding_working_days_skips(day, count, expected):
    due = ITALY.add(day, count)

    assert due == expected


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        pytest.param(date(2027, 1, 7), 7, date(2026, 12, 24), id="New Year and Epiphany"),
        pytest.param(date(2026, 12, 28), 1, date(2026, 12, 24), id="Christmas"),
        pytest.param(date(2026, 11, 22), 1, date(2026, 11, 20), id="from a Sunday"),
        pytest.param(date(2026, 11, 22), 0, date(2026, 11, 22), id="no days"),
    ],
)
def test_subtracting_working_days_skips(day, count, expected):
    earlier = ITALY.subtract(day, count)

    assert earlier == expected


def is_worked(day: date, calendar: WorkCalendar = ITALY) -> bool:
    return calendar.on_or_after(day) == day


@pytest.mark.parametrize("country", ["IT", "AE"])
def test_the_country_says_which_days_are_its_weekend(country):
    calendar = WorkCalendar(ZoneInfo("Europe/Rome"), country)

    worked = [is_worked(date(2021, 3, day), calendar) for day in (5, 6, 7)]

    assert worked == {"IT": [True, False, False], "AE": [False, False, True]}[country]


def test_an_unknown_country_is_refused_before_any_date_is_asked():
    with pytest.raises(NotImplementedError, match="XX"):
        WorkCalendar(ZoneInfo("Europe/Rome"), "XX")


@pytest.mark.parametrize("operation", [ITALY.add, ITALY.subtract], ids=["add", "subtract"])
def test_a_negative_number_of_days_is_a_mistake_of_the_caller(operation):
    with pytest.raises(ValueError, match="negative"):
        operation(date(2026, 11, 20), -1)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        pytest.param(utc("2026-03-28 22:59"), date(2026, 3, 28), id="winter, before midnight"),
        pytest.param(utc("2026-03-28 23:00"), date(2026, 3, 29), id="winter, at midnight"),
        pytest.param(utc("2026-03-29 21:59"), date(2026, 3, 29), id="summer, before midnight"),
        pytest.param(utc("2026-03-29 22:00"), date(2026, 3, 30), id="summer, at midnight"),
        pytest.param(utc("2026-10-24 22:00"), date(2026, 10, 25), id="the day of 25 hours begins"),
        pytest.param(utc("2026-10-25 22:30"), date(2026, 10, 25), id="its last hour"),
        pytest.param(utc("2026-10-25 23:00"), date(2026, 10, 26), id="it ends"),
    ],
)
def test_today_follows_the_clocks_of_the_zone(instant, expected):
    today = ITALY.today(instant)

    assert today == expected


@given(day=days, first=counts, second=counts)
def test_adding_twice_is_adding_the_sum(day, first, second):
    assert ITALY.add(ITALY.add(day, first), second) == ITALY.add(day, first + second)


@given(day=days, other=days, count=counts)
def test_a_later_day_never_becomes_due_earlier(day, other, count):
    earlier, later = sorted((day, other))

    assert ITALY.add(earlier, count) <= ITALY.add(later, count)
    assert ITALY.subtract(earlier, count) <= ITALY.subtract(later, count)


@given(day=days, count=counts.filter(bool))
def test_what_is_reached_by_working_days_is_a_working_day(day, count):
    assert is_worked(ITALY.add(day, count))
    assert is_worked(ITALY.subtract(day, count))
    assert is_worked(ITALY.move(day, count))


@given(day=days, count=counts)
def test_the_nth_working_day_has_n_working_days_up_to_it(day, count):
    due = ITALY.add(day, count)

    passed = [day + timedelta(days=offset) for offset in range(1, (due - day).days + 1)]
    assert sum(is_worked(one) for one in passed) == count


@given(day=days, count=counts)
def test_subtracting_undoes_adding_between_working_days(day, count):
    worked = ITALY.on_or_after(day)

    assert ITALY.subtract(ITALY.add(worked, count), count) == worked


@given(start=days, end=days)
def test_moving_by_the_distance_arrives(start, end):
    count = ITALY.distance(start, end)

    assert ITALY.move(start, count) == ITALY.on_or_after(end)


def test_distances_reach_over_thousands_of_years():
    start, end = date(2026, 11, 30), date(9998, 12, 31)

    count = ITALY.distance(start, end)

    assert ITALY.move(start, count) == ITALY.on_or_after(end)


def test_the_years_kept_in_memory_are_few():
    ITALY.distance(date(2026, 1, 1), date(2999, 1, 1))

    assert _working_days.cache_info().currsize <= YEARS_KEPT


@pytest.mark.parametrize("day", [date(1, 1, 2), date(1899, 12, 25), date(2200, 1, 1), date(9999, 12, 30)])
def test_far_from_today_only_weekends_are_not_worked(day):
    assert ITALY.on_or_after(day).isoweekday() < 6
    assert (ITALY.on_or_after(day) - day).days <= 2


# In a process of its own: what is imported stays.
ALONE = """
import sys
from zoneinfo import ZoneInfo
from holidays.registry import COUNTRIES
from services.planning.calendar import WorkCalendar

def calendar(country):
    return WorkCalendar(ZoneInfo("Europe/Rome"), country)

italy = calendar("IT")
print([name for name in sys.modules if name.startswith("holidays.countries.")])
print(all(calendar(code) for _, code, *_ in COUNTRIES.values()))
"""


def test_a_calendar_imports_its_own_country_only_and_any_country_can_be_imported_so():
    run = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, cwd=ROOT)
    assert run.stderr == ""
    assert run.stdout.splitlines() == ["['holidays.countries.italy']", "True"]
