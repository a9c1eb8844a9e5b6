"""Rules that hold for any dates."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st

from services.planning.tickets.schedule import DateOutOfRange, schedule
from services.vocabulary import TaskStatus
from tests.support.dated_milestones import dates_after, reschedule_milestone, reschedule_task
from tests.support.dated_tickets import ITALY, dated, days, tickets, workflows


@given(templates=workflows(), starts_on=days)
def test_nothing_starts_before_what_it_waits_for_is_due(templates, starts_on):
    planned = schedule(templates, starts_on, ITALY)

    for milestone in planned:
        awaited = [planned[position - 1].due_on for position in milestone.depends_on]
        assert milestone.starts_on == max(awaited, default=starts_on)
        assert all(milestone.starts_on <= task.starts_on < task.due_on for task in milestone.tasks)
        assert milestone.due_on >= max((task.due_on for task in milestone.tasks), default=milestone.starts_on)


def open_work(milestones):
    everything = [work for one in milestones for work in (one, *one.tasks)]
    return [work for work in everything if not work.is_finished]


def re_dated(milestones, work_id, due_on, ticket_starts_on):
    """The rows after the work's new due date; unchanged where the date is refused."""
    move = reschedule_task if "." in work_id else reschedule_milestone
    try:
        return _applied(milestones, move(milestones, work_id, due_on, ticket_starts_on=ticket_starts_on))
    except DateOutOfRange:
        return milestones


@given(milestones=tickets(), data=st.data())
def test_random_new_dates_leave_every_start_and_due_date_right(milestones, data):
    ticket_starts_on = milestones[0].starts_on

    for _ in range(data.draw(st.integers(1, 5))):
        chosen = data.draw(st.sampled_from(open_work(milestones)))
        due_on = chosen.due_on + timedelta(days=data.draw(st.integers(-90, 90)))
        milestones = re_dated(milestones, chosen.id, due_on, ticket_starts_on)

    assert milestones[0].starts_on == ticket_starts_on
    for milestone in milestones:
        for work in (milestone, *milestone.tasks):
            assert ticket_starts_on <= work.starts_on <= work.due_on
            assert work.due_on <= milestone.due_on or work.status in (TaskStatus.DONE, TaskStatus.SKIPPED)
            assert ITALY.on_or_after(work.due_on) == work.due_on
        awaited = [milestones[position - 1].due_on for position in milestone.depends_on]
        expected = min(max(awaited, default=ticket_starts_on), milestone.due_on)
        assert not milestone.is_untouched or milestone.starts_on == expected


@given(milestones=tickets(), data=st.data())
def test_moving_a_milestone_and_back_changes_nothing(milestones, data):
    planned = [one for one in milestones if one.is_untouched]
    chosen = data.draw(st.sampled_from(planned or [milestones[0]]))
    due_on = chosen.due_on + timedelta(days=data.draw(st.integers(-90, 90)))

    there = re_dated(milestones, chosen.id, due_on, milestones[0].starts_on)
    back = re_dated(there, chosen.id, chosen.due_on, milestones[0].starts_on)

    assert back == milestones


@given(templates=workflows(), starts_on=days, data=st.data())
def test_moving_a_task_and_back_changes_nothing(templates, starts_on, data):
    """A milestone with days to spare is left out: pushed by its task, it comes back with it."""
    tight = [one.model_copy(update={"sla_days": 1}) for one in templates]
    milestones = dated(tight, ITALY.on_or_after(starts_on))
    chosen = data.draw(st.sampled_from(open_work(milestones)))
    due_on = chosen.due_on + timedelta(days=data.draw(st.integers(-90, 90)))

    there = re_dated(milestones, chosen.id, due_on, milestones[0].starts_on)
    back = re_dated(there, chosen.id, chosen.due_on, milestones[0].starts_on)

    assert back == milestones


def _applied(milestones, rescheduled):
    dates = dates_after(milestones, rescheduled)

    def moved(work):
        starts_on, due_on = dates[work.id]
        return replace(work, starts_on=starts_on, due_on=due_on)

    return tuple(replace(moved(one), tasks=tuple(map(moved, one.tasks))) for one in milestones)
