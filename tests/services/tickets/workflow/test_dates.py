"""A date that an operator changes moves what depends on it."""

from datetime import UTC, date, datetime

import pytest

from models import Event, Milestone, Task, Ticket
from services.tickets import rescheduling
from tests.support.hub import SteppedClock, add_operator, complete_all, dump, hub_over, take_in
from tests.support.refusals import refusal_of


@pytest.fixture
async def before_christmas(hub_url, sandbox):
    """A hub on Monday 21 December 2026, with the story's parent: due 23 and 24 December, 7 and 8 January."""
    async with hub_over(hub_url, sandbox, clock=SteppedClock(datetime(2026, 12, 21, 9, tzinfo=UTC))) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        yield hub, giulia, await take_in(hub, actor=giulia.id)


async def test_what_depends_on_a_date_moves_along_to_working_days_and_the_original_stays(before_christmas):
    hub, giulia, parent = before_christmas
    tasks = await Task.filter(ticket_id=parent.id).order_by("position")

    await rescheduling.reschedule_task(
        tasks[1].id, date(2026, 12, 31), actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [str(task.due_on) for task in tasks] == ["2026-12-23", "2026-12-31", "2027-01-13", "2027-01-14"]
    assert [str(task.original_due_on) for task in tasks] == [
        "2026-12-23",
        "2026-12-24",
        "2027-01-07",
        "2027-01-08",
    ]
    ticket, milestone = await Ticket.get(id=parent.id), await Milestone.get(ticket_id=parent.id)
    assert str(milestone.due_on) == str(ticket.due_on) == "2027-01-14"
    assert str(milestone.original_due_on) == str(ticket.original_due_on) == "2027-01-08"


async def test_a_date_on_a_holiday_means_the_next_working_day(before_christmas):
    hub, giulia, parent = before_christmas
    milestone = await Milestone.get(ticket_id=parent.id)

    await rescheduling.reschedule_milestone(
        milestone.id, date(2027, 1, 6), actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    assert (await Milestone.get(id=milestone.id)).due_on == date(2027, 1, 7)
    assert (await Ticket.get(id=parent.id)).due_on == date(2027, 1, 7)


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(date(2026, 12, 18), id="before the ticket starts"),
        pytest.param(date(2999, 1, 1), id="centuries away"),
        pytest.param(date(9999, 12, 31), id="the last day of all"),
    ],
)
async def test_a_date_out_of_range_is_refused_and_moves_nothing(before_christmas, hub_url, day):
    hub, giulia, parent = before_christmas
    task = await Task.get(ticket_id=parent.id, position=2)
    before = dump(hub_url)

    more = {"actor": giulia.id, "events": hub.events, "calendar": hub.calendar}
    refused = [
        await refusal_of(rescheduling.reschedule_task(task.id, day, **more)),
        await refusal_of(rescheduling.reschedule_milestone(task.milestone_id, day, **more)),
    ]

    assert [(one.code, one.path) for one in refused] == [("DATE_OUT_OF_RANGE", ("dueOn",))] * 2
    assert dump(hub_url) == before


async def test_a_task_moved_forward_and_back_leaves_every_date_as_it_was(before_christmas):
    hub, giulia, parent = before_christmas
    tasks = await Task.filter(ticket_id=parent.id).order_by("position")

    for day in (date(2026, 12, 21), tasks[2].due_on):
        await rescheduling.reschedule_task(
            tasks[2].id, day, actor=giulia.id, events=hub.events, calendar=hub.calendar
        )

    after = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [(one.starts_on, one.due_on) for one in after] == [(one.starts_on, one.due_on) for one in tasks]


async def test_what_moved_along_names_the_date_that_the_operator_chose(before_christmas):
    hub, giulia, parent = before_christmas
    task = await Task.get(ticket_id=parent.id, position=2)
    seq = await Event.filter(stream_id=parent.id).count()

    await rescheduling.reschedule_task(
        task.id, date(2026, 12, 31), actor=giulia.id, events=hub.events, calendar=hub.calendar
    )

    own, *others = await Event.filter(stream_id=parent.id, seq__gt=seq).order_by("seq")
    assert (own.entity_id, own.cause) == (task.id, "request")
    assert sorted(one.kind for one in others) == [
        "MILESTONE_RESCHEDULED",
        "TASK_RESCHEDULED",
        "TASK_RESCHEDULED",
        "TICKET_RESCHEDULED",
    ]
    assert {one.cause for one in others} == {own.id}


async def test_finished_work_keeps_its_dates(before_christmas, hub_url):
    hub, giulia, parent = before_christmas
    await complete_all(hub, parent.id, actor=giulia.id)
    task, milestone = (
        await Task.get(ticket_id=parent.id, position=2),
        await Milestone.get(ticket_id=parent.id),
    )
    before = dump(hub_url)

    more = {"actor": giulia.id, "events": hub.events, "calendar": hub.calendar}
    refused = [
        await refusal_of(rescheduling.reschedule_task(task.id, date(2027, 2, 1), **more)),
        await refusal_of(rescheduling.reschedule_milestone(milestone.id, date(2027, 2, 1), **more)),
    ]

    assert {refusal.code for refusal in refused} == {"ALREADY_FINISHED"}
    assert dump(hub_url) == before


async def test_a_later_milestone_moves_with_the_one_it_waits_for_and_a_parallel_one_does_not(
    hub, work, children
):
    """Formazione 4.0: milestones 3 and 4 wait for 2, milestone 5 for both."""
    before = {one.position: one for one in await Milestone.filter(ticket_id=children[1].id)}
    due_on = hub.calendar.add(before[4].due_on, 3)

    await work.reschedule_milestone(before[4].id, due_on, calendar=hub.calendar)

    after = {one.position: one for one in await Milestone.filter(ticket_id=children[1].id)}
    assert after[4].due_on == due_on
    assert after[3].due_on == before[3].due_on
    latest = max(before[3].due_on, before[4].due_on), max(after[3].due_on, after[4].due_on)
    moved = hub.calendar.distance(*latest)
    assert after[5].due_on == hub.calendar.move(before[5].due_on, moved)


async def test_closing_early_or_late_moves_no_date(before_christmas):
    hub, giulia, parent = before_christmas
    hub.clock.advance(days=40)

    await complete_all(hub, parent.id, actor=giulia.id)

    tasks = await Task.filter(ticket_id=parent.id).order_by("position")
    assert [task.due_on for task in tasks] == [task.original_due_on for task in tasks]
