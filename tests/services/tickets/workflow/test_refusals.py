"""What is refused writes nothing."""

from datetime import date

import pytest

from models import Milestone, Task
from services.tickets.cancellation import cancel_ticket
from tests.support.hub import add_operator, dump
from tests.support.refusals import refusal_of
from tests.support.ticket_story import story


@pytest.mark.parametrize(
    ("use_case", "arguments", "code"),
    [
        ("start_task", (), "UNKNOWN_TASK"),
        ("complete_task", (), "UNKNOWN_TASK"),
        ("skip_task", (None,), "UNKNOWN_TASK"),
        ("reopen_task", (None,), "UNKNOWN_TASK"),
        ("waive_task", ("Perché no",), "UNKNOWN_TASK"),
        ("assign_task", ("opr_none",), "UNKNOWN_TASK"),
        ("complete_milestone", (), "UNKNOWN_MILESTONE"),
        ("cancel_milestone", ("Perché no",), "UNKNOWN_MILESTONE"),
    ],
)
async def test_what_does_not_exist_is_refused(work, use_case, arguments, code):
    refusal = await refusal_of(getattr(work, use_case)("xxx_none", *arguments))

    assert refusal.code == code


async def test_what_does_not_exist_is_not_dated(hub, work):
    day = date(2027, 1, 11)

    task = await refusal_of(work.reschedule_task("tsk_none", day, calendar=hub.calendar))
    milestone = await refusal_of(work.reschedule_milestone("mil_none", day, calendar=hub.calendar))

    assert (task.code, milestone.code) == ("UNKNOWN_TASK", "UNKNOWN_MILESTONE")


async def test_a_cancelled_ticket_refuses_every_change_below_it(hub, hub_url, work, giulia, parent, tasks):
    await work.start_task(tasks[0].id)
    milestone = await Milestone.get(ticket_id=parent.id)
    await cancel_ticket(parent.id, "Il cliente recede", children=None, actor=giulia.id, events=hub.events)
    before = dump(hub_url)

    day = date(2027, 3, 1)
    refused = [
        await refusal_of(attempt)
        for attempt in (
            work.start_task(tasks[1].id),
            work.complete_task(tasks[0].id),
            work.skip_task(tasks[0].id, None),
            work.reopen_task(tasks[0].id, None),
            work.waive_task(tasks[0].id, "Tanto è annullato"),
            work.assign_task(tasks[0].id, giulia.id),
            work.complete_milestone(milestone.id),
            work.cancel_milestone(milestone.id, "Tanto è annullato"),
            work.reschedule_task(tasks[1].id, day, calendar=hub.calendar),
            work.reschedule_milestone(milestone.id, day, calendar=hub.calendar),
        )
    ]

    assert {refusal.code for refusal in refused} == {"TICKET_CANCELLED"}
    assert dump(hub_url) == before


async def test_a_task_is_not_assigned_to_who_is_not_there(hub, hub_url, work, tasks):
    gone = await add_operator(hub.events, "Ugo", active=False)
    before = dump(hub_url)

    refused = [await refusal_of(work.assign_task(tasks[0].id, one)) for one in ("opr_none", gone.id)]

    assert [refusal.code for refusal in refused] == ["UNKNOWN_OPERATOR", "INACTIVE_OPERATOR"]
    assert dump(hub_url) == before


async def test_an_assignment_is_in_the_log(hub, work, parent, tasks):
    ugo = await add_operator(hub.events, "Ugo")

    await work.assign_task(tasks[0].id, ugo.id)

    assert (await Task.get(id=tasks[0].id)).assignee_id == ugo.id
    assert (await story(parent))[-1] == "TASK_ASSIGNED"
