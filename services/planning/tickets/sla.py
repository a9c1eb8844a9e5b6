"""The traffic light of a due date."""

from datetime import date, timedelta
from typing import NamedTuple

from services.planning.calendar import WorkCalendar
from services.vocabulary import SlaLight

_A_DAY = timedelta(days=1)


class LightDates(NamedTuple):
    """The first days of two lights. Orange begins on the day after the due date."""

    yellow_on: date | None
    red_on: date | None


NO_LIGHT = LightDates(None, None)
"""Of work that is finished."""


def light_dates(
    due_on: date, *, warning_days: int, escalation_days: int, calendar: WorkCalendar
) -> LightDates:
    """Return when the light of a due date changes. Warning and escalation are in working days.

    >>> from zoneinfo import ZoneInfo
    >>> italy = WorkCalendar(ZoneInfo("Europe/Rome"))
    >>> dates = light_dates(date(2027, 1, 8), warning_days=2, escalation_days=1, calendar=italy)
    >>> [day.isoformat() for day in dates]
    ['2027-01-06', '2027-01-12']
    """
    return LightDates(
        yellow_on=calendar.subtract(due_on, warning_days) + _A_DAY,
        red_on=calendar.add(due_on, escalation_days) + _A_DAY,
    )


def at_risk_on(due_on: date, days_left: int, calendar: WorkCalendar) -> date:
    """Return the first day on which work with so many working days left is foreseen to end after its due date.

    >>> from zoneinfo import ZoneInfo
    >>> italy, friday = WorkCalendar(ZoneInfo("Europe/Rome")), date(2027, 1, 8)
    >>> [at_risk_on(friday, days, italy).isoformat() for days in (0, 1, 2, 3)]
    ['2027-01-09', '2027-01-08', '2027-01-07', '2027-01-05']
    """
    return calendar.subtract(due_on + _A_DAY, days_left)


def light(due_on: date, yellow_on: date | None, red_on: date | None, today: date) -> SlaLight | None:
    """Return the light of today. None: the work is finished. `read_fields.light` is the same rule in SQL.

    >>> due_on, yellow_on, red_on = date(2027, 1, 8), date(2027, 1, 6), date(2027, 1, 12)
    >>> [light(due_on, yellow_on, red_on, date(2027, 1, day)).value for day in (5, 6, 8, 9, 11, 12)]
    ['GREEN', 'YELLOW', 'YELLOW', 'ORANGE', 'ORANGE', 'RED']
    """
    if yellow_on is None or red_on is None:
        return None
    if today < yellow_on:
        return SlaLight.GREEN
    if today <= due_on:
        return SlaLight.YELLOW
    return SlaLight.ORANGE if today < red_on else SlaLight.RED
