"""Dates of new work."""

from datetime import date

import pytest

from services.planning.tickets.schedule import schedule
from tests.support.dated_milestones import MONDAY
from tests.support.dated_tickets import ITALY, template

ONBOARDING = template("Onboarding", 2, 1, 7, 1, sla_days=10)


def test_the_standard_onboarding_spans_christmas_and_epiphany():
    (onboarding,) = schedule([ONBOARDING], MONDAY, ITALY)

    assert [task.due_on for task in onboarding.tasks] == [
        date(2026, 12, 23),
        date(2026, 12, 24),
        date(2027, 1, 7),
        date(2027, 1, 8),
    ]
    assert onboarding.due_on == date(2027, 1, 8)


def test_each_task_starts_when_the_one_before_it_is_due():
    (onboarding,) = schedule([ONBOARDING], MONDAY, ITALY)

    starts = [task.starts_on for task in onboarding.tasks]
    assert starts == [MONDAY, *(task.due_on for task in onboarding.tasks[:-1])]


@pytest.mark.parametrize(
    ("sla_days", "due_on"),
    [
        pytest.param(2, date(2026, 11, 26), id="the last task is due later"),
        pytest.param(5, date(2026, 11, 30), id="its own days end later"),
    ],
)
def test_a_milestone_is_due_on_the_later_of_its_tasks_and_its_own_days(sla_days, due_on):
    (milestone,) = schedule([template("Analisi", 2, 1, sla_days=sla_days)], date(2026, 11, 23), ITALY)

    assert milestone.due_on == due_on


def test_a_milestone_without_tasks_is_due_by_its_own_days():
    (milestone,) = schedule([template("Attesa", sla_days=3)], date(2026, 11, 23), ITALY)

    assert (milestone.tasks, milestone.due_on) == ((), date(2026, 11, 26))


def test_a_milestone_follows_the_one_before_it_unless_it_says_otherwise():
    milestones = [
        template("Analisi", 1),
        template("Raccolta", 4, depends_on=("Analisi",)),
        template("Perizia", 2, depends_on=("Analisi",)),
        template("Invio", 1, depends_on=("Perizia", "Raccolta")),
        template("Archivio", 1),
    ]

    planned = schedule(milestones, date(2026, 11, 23), ITALY)

    assert [one.depends_on for one in planned] == [(), (1,), (1,), (2, 3), (4,)]
    assert [one.starts_on.day for one in planned] == [23, 24, 24, 30, 1]
    assert [one.due_on.day for one in planned] == [24, 30, 26, 1, 2]


def test_work_created_on_a_sunday_counts_from_the_monday_after():
    (milestone,) = schedule([template("Analisi", 1)], date(2026, 11, 22), ITALY)

    assert (milestone.starts_on, milestone.due_on) == (date(2026, 11, 22), date(2026, 11, 23))
