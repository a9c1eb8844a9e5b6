from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from services.planning.calendar import WorkCalendar
from services.planning.tickets.sla import light, light_dates
from services.vocabulary import SlaLight

ITALY = WorkCalendar(ZoneInfo("Europe/Rome"))


def light_on(today, *, due_on=date(2027, 1, 8), warning_days=3, escalation_days=2):
    dates = light_dates(due_on, warning_days=warning_days, escalation_days=escalation_days, calendar=ITALY)
    return light(due_on, *dates, today)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param(date(2026, 12, 21), SlaLight.GREEN, id="long before"),
        pytest.param(date(2027, 1, 4), SlaLight.GREEN, id="three working days before, Epiphany not counted"),
        pytest.param(date(2027, 1, 5), SlaLight.YELLOW, id="two working days before"),
        pytest.param(date(2027, 1, 8), SlaLight.YELLOW, id="on the day"),
        pytest.param(date(2027, 1, 9), SlaLight.ORANGE, id="the Saturday after"),
        pytest.param(date(2027, 1, 12), SlaLight.ORANGE, id="two working days after"),
        pytest.param(date(2027, 1, 13), SlaLight.RED, id="three working days after"),
    ],
)
def test_the_light_changes_after_the_last_working_day_of_its_colour(today, expected):
    shown = light_on(today)

    assert shown is expected


def test_without_grace_green_lasts_to_the_day_itself_and_red_follows_it():
    lights = [light_on(date(2027, 1, day), warning_days=0, escalation_days=0) for day in (8, 9)]

    assert lights == [SlaLight.GREEN, SlaLight.RED]


def test_finished_work_has_no_light():
    shown = light(date(2027, 1, 8), None, None, date(2027, 1, 8))

    assert shown is None


@given(
    due_on=st.dates(date(2026, 1, 1), date(2030, 12, 31)),
    offset=st.integers(-60, 60),
    warning_days=st.integers(0, 20),
    escalation_days=st.integers(0, 20),
)
def test_the_light_follows_the_working_days_that_are_left(due_on, offset, warning_days, escalation_days):
    today = due_on + timedelta(days=offset)

    shown = light_on(today, due_on=due_on, warning_days=warning_days, escalation_days=escalation_days)

    if today <= ITALY.subtract(due_on, warning_days):
        assert shown is SlaLight.GREEN
    elif today <= due_on:
        assert shown is SlaLight.YELLOW
    elif today <= ITALY.add(due_on, escalation_days):
        assert shown is SlaLight.ORANGE
    else:
        assert shown is SlaLight.RED
