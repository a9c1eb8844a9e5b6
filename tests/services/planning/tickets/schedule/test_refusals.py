"""Dates that are refused."""

from dataclasses import replace
from datetime import date

import pytest

from services.planning.tickets.schedule import DateOutOfRange
from services.vocabulary import MilestoneStatus, TaskStatus
from tests.support.dated_milestones import dates_after, reschedule_milestone, reschedule_task
from tests.support.dated_tickets import dated, template


@pytest.mark.parametrize("chosen", ["M1", "M1.1", "M1.2", "M2", "M2.1"])
@pytest.mark.parametrize(
    "due_on",
    [
        pytest.param(date(2026, 11, 20), id="before the ticket starts"),
        pytest.param(date(1, 1, 1), id="the first day of all"),
        pytest.param(date(2100, 1, 1), id="beyond the calendar"),
        pytest.param(date(9999, 12, 31), id="the last day of all"),
    ],
)
def test_a_date_before_the_start_or_beyond_the_calendar_is_refused(chosen, due_on):
    milestones = dated([template("Analisi", 1, 1), template("Invio", 1)], date(2026, 11, 23))
    move = reschedule_task if "." in chosen else reschedule_milestone

    with pytest.raises(DateOutOfRange) as refused:
        move(milestones, chosen, due_on)

    assert refused.value.path == ("dueOn",)


@pytest.mark.parametrize(
    ("chosen", "due_on"),
    [
        pytest.param("M1", date(2026, 11, 24), id="its first task would be due before the ticket starts"),
        pytest.param("M1", date(2099, 12, 31), id="what follows would be due beyond the calendar"),
    ],
)
def test_a_date_that_its_consequences_forbid_is_refused(chosen, due_on):
    milestones = dated([template("Analisi", 1, 3), template("Invio", 1)], date(2026, 11, 23))

    with pytest.raises(DateOutOfRange):
        reschedule_milestone(milestones, chosen, due_on)


def test_started_work_is_not_due_before_it_began():
    first, second = dated([template("Analisi", 3), template("Invio", 2)], date(2026, 11, 23))
    begun = replace(second.tasks[0], status=TaskStatus.IN_PROGRESS)
    second = replace(second, status=MilestoneStatus.IN_PROGRESS, tasks=(begun,))

    with pytest.raises(DateOutOfRange, match="2026-11-26"):
        reschedule_task((first, second), "M2.1", date(2026, 11, 25))


def test_starts_that_were_left_wrong_are_right_after_the_next_move():
    first, second = dated([template("Analisi", 1), template("Invio", 1)], date(2026, 11, 23))
    wrong = date(2026, 10, 1)
    first = replace(first, starts_on=wrong, tasks=(replace(first.tasks[0], starts_on=wrong),))

    rescheduled = reschedule_milestone(
        (first, second), "M2", date(2026, 11, 27), ticket_starts_on=date(2026, 11, 23)
    )

    assert dates_after((first, second), rescheduled)["M1.1"] == (date(2026, 11, 23), date(2026, 11, 24))
