"""The traffic light of a due date."""

from datetime import date

from services.planning.calendar import WorkCalendar
from services.vocabulary import SlaLight


def light(
    due_on: date | None,
    *,
    warning_days: int,
    escalation_days: int,
    finished: bool,
    today: date,
    calendar: WorkCalendar,
) -> SlaLight | None:
    """How urgent it is today, in working days, each bound still within its colour; None when nothing is due.

    >>> from zoneinfo import ZoneInfo
    >>> def on(day):
    ...     return light(date(2026, 12, 23), warning_days=2, escalation_days=1, finished=False,
    ...                  today=date(2026, 12, day), calendar=WorkCalendar(ZoneInfo("Europe/Rome"))).value
    >>> on(21), on(22), on(23), on(24), on(25)
    ('GREEN', 'YELLOW', 'YELLOW', 'ORANGE', 'RED')
    """
    if due_on is None or finished:
        return None
    if today <= calendar.subtract(due_on, warning_days):
        return SlaLight.GREEN
    if today <= due_on:
        return SlaLight.YELLOW
    if today <= calendar.add(due_on, escalation_days):
        return SlaLight.ORANGE
    return SlaLight.RED
