"""A changed date moves what depends on it."""

from dataclasses import replace
from datetime import date

import pytest

from services.planning.tickets.schedule import AlreadyFinished
from services.vocabulary import MilestoneStatus, TaskStatus
from tests.support.dated_milestones import MONDAY, dates_after, reschedule_milestone, reschedule_task
from tests.support.dated_tickets import dated, template


def test_a_postponed_milestone_takes_its_tasks_and_what_follows_along():
    milestones = dated([template("Analisi", 1, 1), template("Invio", 2)], date(2026, 11, 23))

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 11, 27))

    assert dates_after(milestones, rescheduled) == {
        "M1": (date(2026, 11, 23), date(2026, 11, 27)),
        "M1.1": (date(2026, 11, 23), date(2026, 11, 26)),
        "M1.2": (date(2026, 11, 26), date(2026, 11, 27)),
        "M2": (date(2026, 11, 27), date(2026, 12, 1)),
        "M2.1": (date(2026, 11, 27), date(2026, 12, 1)),
    }
    assert rescheduled.due_on == date(2026, 12, 1)


def test_what_moves_along_lands_on_working_days_across_christmas():
    milestones = dated([template("Analisi", 1), template("Invio", 1)], date(2026, 12, 21))

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 12, 24))

    assert dates_after(milestones, rescheduled)["M2"] == (date(2026, 12, 24), date(2026, 12, 28))


def test_a_day_off_means_the_next_working_day():
    milestones = dated([template("Analisi", 1)], date(2026, 11, 23))

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 11, 28))

    assert rescheduled.due_on == date(2026, 11, 30)


def test_a_postponed_task_leaves_the_ones_before_it_where_they_are():
    milestones = dated([template("Analisi", 1, 1, 1), template("Invio", 1)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.2", date(2026, 11, 26))

    assert [(change.id, change.starts_on.day, change.due_on.day) for change in rescheduled.changes] == [
        ("M1", 23, 27),
        ("M1.2", 24, 26),
        ("M1.3", 26, 27),
        ("M2", 27, 30),
        ("M2.1", 27, 30),
    ]


def test_a_task_brought_forward_brings_its_milestone_and_what_follows_forward():
    milestones = dated([template("Analisi", 1, 3), template("Invio", 1)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.2", date(2026, 11, 25))

    assert [(change.id, change.starts_on.day, change.due_on.day) for change in rescheduled.changes] == [
        ("M1", 23, 25),
        ("M1.2", 24, 25),
        ("M2", 25, 26),
        ("M2.1", 25, 26),
    ]


def test_a_milestone_with_days_to_spare_does_not_move_with_its_task():
    milestones = dated([template("Analisi", 1, sla_days=5), template("Invio", 1)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.1", date(2026, 11, 26))

    assert [change.id for change in rescheduled.changes] == ["M1.1"]


def test_a_milestone_is_never_due_before_its_last_task():
    milestones = dated([template("Analisi", 1, sla_days=3)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.1", date(2026, 12, 3))

    assert dates_after(milestones, rescheduled)["M1"] == (date(2026, 11, 23), date(2026, 12, 3))


def test_a_milestone_waits_only_for_the_latest_of_its_dependencies():
    milestones = dated(
        [
            template("Breve", 1),
            template("Lunga", 6, depends_on=("Breve",)),
            template("Media", 2, depends_on=("Breve",)),
            template("Insieme", 1, depends_on=("Lunga", "Media")),
        ],
        date(2026, 11, 23),
    )

    rescheduled = reschedule_milestone(milestones, "M3", date(2026, 11, 30))

    assert [change.id for change in rescheduled.changes] == ["M3", "M3.1"]


def test_finished_work_keeps_its_dates_and_started_work_its_start():
    first, second, third = dated(
        [template("Analisi", 1), template("Raccolta", 1, 1), template("Invio", 1)], date(2026, 11, 23)
    )
    begun = replace(
        second,
        status=MilestoneStatus.IN_PROGRESS,
        tasks=(replace(second.tasks[0], status=TaskStatus.DONE), second.tasks[1]),
    )
    done = replace(third, status=MilestoneStatus.COMPLETED)
    milestones = (first, begun, done)

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 11, 25))

    assert [(change.id, change.starts_on.day, change.due_on.day) for change in rescheduled.changes] == [
        ("M1", 23, 25),
        ("M1.1", 23, 25),
        ("M2", 24, 27),
        ("M2.2", 25, 27),
    ]


@pytest.mark.parametrize("status", [MilestoneStatus.COMPLETED, MilestoneStatus.CANCELLED])
def test_a_finished_milestone_is_not_dated_again(status):
    (milestone,) = dated([template("Analisi", 1)], MONDAY)
    milestones = (replace(milestone, status=status),)

    with pytest.raises(AlreadyFinished):
        reschedule_milestone(milestones, "M1", date(2027, 1, 8))
    with pytest.raises(AlreadyFinished):
        reschedule_task(milestones, "M1.1", date(2027, 1, 8))


@pytest.mark.parametrize("status", [TaskStatus.DONE, TaskStatus.SKIPPED])
def test_a_finished_task_is_not_dated_again(status):
    (milestone,) = dated([template("Analisi", 1, 1)], MONDAY)
    finished = replace(milestone, tasks=(replace(milestone.tasks[0], status=status), milestone.tasks[1]))

    with pytest.raises(AlreadyFinished):
        reschedule_task([finished], "M1.1", date(2027, 1, 8))
