from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from services.catalog.types import MilestoneTemplate, TaskTemplate
from services.planning.calendar import WorkCalendar
from services.planning.schedule import (
    AlreadyFinished,
    DatedMilestone,
    DatedTask,
    reschedule_milestone,
    reschedule_task,
    schedule,
)
from services.vocabulary import MilestoneStatus, TaskStatus

ITALY = WorkCalendar(ZoneInfo("Europe/Rome"))
MONDAY = date(2026, 12, 21)


def template(title, *task_days, sla_days=1, depends_on=()):
    tasks = tuple(
        TaskTemplate(title=f"Lavoro {days}", role="analista", estimated_hours=Decimal(1), sla_days=days)
        for days in task_days
    )
    return MilestoneTemplate(
        title=title, sla_days=sla_days, warning_days=1, escalation_days=1, depends_on=depends_on, tasks=tasks
    )


def dated(milestones, starts_on):
    """The rows that a ticket of these templates would have, untouched."""
    return tuple(
        DatedMilestone(
            id=f"M{position}",
            position=position,
            status=MilestoneStatus.PLANNED,
            depends_on=one.depends_on,
            starts_on=one.starts_on,
            due_on=one.due_on,
            tasks=tuple(
                DatedTask(f"M{position}.{number}", TaskStatus.TODO, task.starts_on, task.due_on)
                for number, task in enumerate(one.tasks, start=1)
            ),
        )
        for position, one in enumerate(schedule(milestones, starts_on, ITALY), start=1)
    )


def dates_after(milestones, rescheduled):
    """Start and due date of everything, by id, once the changes are applied."""
    everything = [work for milestone in milestones for work in (milestone, *milestone.tasks)]
    return {work.id: (work.starts_on, work.due_on) for work in everything} | {
        change.id: (change.starts_on, change.due_on) for change in rescheduled.changes
    }


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


def test_a_postponed_milestone_takes_its_tasks_and_what_follows_along():
    milestones = dated([template("Analisi", 1, 1), template("Invio", 2)], date(2026, 11, 23))

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 11, 27), ITALY)

    assert dates_after(milestones, rescheduled) == {
        "M1": (date(2026, 11, 25), date(2026, 11, 27)),
        "M1.1": (date(2026, 11, 25), date(2026, 11, 26)),
        "M1.2": (date(2026, 11, 26), date(2026, 11, 27)),
        "M2": (date(2026, 11, 27), date(2026, 12, 1)),
        "M2.1": (date(2026, 11, 27), date(2026, 12, 1)),
    }
    assert rescheduled.due_on == date(2026, 12, 1)


def test_what_moves_along_lands_on_working_days_across_christmas():
    milestones = dated([template("Analisi", 1), template("Invio", 1)], date(2026, 12, 21))

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 12, 24), ITALY)

    assert dates_after(milestones, rescheduled)["M2"] == (date(2026, 12, 24), date(2026, 12, 28))


def test_a_day_that_is_not_worked_stands_for_the_next_one_that_is():
    milestones = dated([template("Analisi", 1)], date(2026, 11, 23))

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 11, 28), ITALY)

    assert rescheduled.due_on == date(2026, 11, 30)


def test_a_postponed_task_leaves_the_ones_before_it_where_they_are():
    milestones = dated([template("Analisi", 1, 1, 1), template("Invio", 1)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.2", date(2026, 11, 26), ITALY)

    assert [(change.id, change.starts_on.day, change.due_on.day) for change in rescheduled.changes] == [
        ("M1", 23, 27),
        ("M1.2", 24, 26),
        ("M1.3", 26, 27),
        ("M2", 27, 30),
        ("M2.1", 27, 30),
    ]


def test_a_task_brought_forward_brings_its_milestone_and_what_follows_forward():
    milestones = dated([template("Analisi", 1, 3), template("Invio", 1)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.2", date(2026, 11, 25), ITALY)

    assert [(change.id, change.starts_on.day, change.due_on.day) for change in rescheduled.changes] == [
        ("M1", 23, 25),
        ("M1.2", 24, 25),
        ("M2", 25, 26),
        ("M2.1", 25, 26),
    ]


def test_a_milestone_with_days_to_spare_does_not_move_with_its_task():
    milestones = dated([template("Analisi", 1, sla_days=5), template("Invio", 1)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.1", date(2026, 11, 26), ITALY)

    assert [change.id for change in rescheduled.changes] == ["M1.1"]


def test_a_milestone_is_never_due_before_its_last_task():
    milestones = dated([template("Analisi", 1, sla_days=3)], date(2026, 11, 23))

    rescheduled = reschedule_task(milestones, "M1.1", date(2026, 12, 3), ITALY)

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

    rescheduled = reschedule_milestone(milestones, "M3", date(2026, 11, 30), ITALY)

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

    rescheduled = reschedule_milestone(milestones, "M1", date(2026, 11, 25), ITALY)

    assert [(change.id, change.starts_on.day, change.due_on.day) for change in rescheduled.changes] == [
        ("M1", 24, 25),
        ("M1.1", 24, 25),
        ("M2", 24, 27),
        ("M2.2", 26, 27),
    ]


@pytest.mark.parametrize("status", [MilestoneStatus.COMPLETED, MilestoneStatus.CANCELLED])
def test_a_finished_milestone_is_not_dated_anew(status):
    (milestone,) = dated([template("Analisi", 1)], MONDAY)
    milestones = (replace(milestone, status=status),)

    with pytest.raises(AlreadyFinished):
        reschedule_milestone(milestones, "M1", date(2027, 1, 8), ITALY)
    with pytest.raises(AlreadyFinished):
        reschedule_task(milestones, "M1.1", date(2027, 1, 8), ITALY)


@pytest.mark.parametrize("status", [TaskStatus.DONE, TaskStatus.SKIPPED])
def test_a_finished_task_is_not_dated_anew(status):
    (milestone,) = dated([template("Analisi", 1, 1)], MONDAY)
    finished = replace(milestone, tasks=(replace(milestone.tasks[0], status=status), milestone.tasks[1]))

    with pytest.raises(AlreadyFinished):
        reschedule_task([finished], "M1.1", date(2027, 1, 8), ITALY)


@st.composite
def workflows(draw):
    templates = []
    for number in range(draw(st.integers(1, 6))):
        earlier = [one.title for one in templates]
        depends_on = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        days = draw(st.lists(st.integers(1, 12), max_size=4))
        templates.append(
            template(f"Fase {number}", *days, sla_days=draw(st.integers(1, 20)), depends_on=tuple(depends_on))
        )
    return templates


days = st.dates(min_value=date(2026, 1, 1), max_value=date(2028, 12, 31))


@given(templates=workflows(), starts_on=days)
def test_nothing_starts_before_what_it_waits_for_is_due(templates, starts_on):
    planned = schedule(templates, starts_on, ITALY)

    for milestone in planned:
        awaited = [planned[position - 1].due_on for position in milestone.depends_on]
        assert milestone.starts_on == max(awaited, default=starts_on)
        assert all(milestone.starts_on <= task.starts_on < task.due_on for task in milestone.tasks)
        assert milestone.due_on >= max((task.due_on for task in milestone.tasks), default=milestone.starts_on)


@given(templates=workflows(), starts_on=days, data=st.data())
def test_moving_a_milestone_and_back_changes_nothing(templates, starts_on, data):
    milestones = dated(templates, ITALY.on_or_after(starts_on))
    chosen = data.draw(st.sampled_from(milestones))
    later = chosen.due_on + timedelta(days=data.draw(st.integers(0, 90)))

    there = reschedule_milestone(milestones, chosen.id, later, ITALY)
    back = reschedule_milestone(_applied(milestones, there), chosen.id, chosen.due_on, ITALY)

    assert _applied(_applied(milestones, there), back) == milestones


@given(templates=workflows(), starts_on=days, data=st.data())
def test_a_plan_dated_anew_still_waits_for_what_it_depends_on(templates, starts_on, data):
    milestones = dated(templates, starts_on)
    chosen = data.draw(st.sampled_from(milestones))
    due_on = chosen.due_on + timedelta(days=data.draw(st.integers(-60, 60)))

    rescheduled = reschedule_milestone(milestones, chosen.id, due_on, ITALY)

    after = _applied(milestones, rescheduled)
    for milestone in after:
        awaited = [after[position - 1].due_on for position in milestone.depends_on]
        assert milestone.id == chosen.id or not awaited or milestone.starts_on == max(awaited)
        assert all(task.due_on <= milestone.due_on for task in milestone.tasks)
        assert ITALY.on_or_after(milestone.due_on) == milestone.due_on
    assert rescheduled.due_on == max(milestone.due_on for milestone in after)


def _applied(milestones, rescheduled):
    dates = dates_after(milestones, rescheduled)

    def moved(work):
        starts_on, due_on = dates[work.id]
        return replace(work, starts_on=starts_on, due_on=due_on)

    return tuple(replace(moved(one), tasks=tuple(map(moved, one.tasks))) for one in milestones)
