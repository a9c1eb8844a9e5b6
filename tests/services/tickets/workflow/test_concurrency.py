"""Changes at the same moment have one result."""

import asyncio

from models import Milestone
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus
from tests.support.hub import dump
from tests.support.refusals import refusal_of
from tests.support.ticket_story import status, story


async def test_two_operators_who_close_the_last_two_tasks_at_once_close_the_ticket_once(work, parent, tasks):
    for task in tasks[:2]:
        await work.complete_task(task.id)

    await asyncio.gather(*(work.complete_task(task.id) for task in tasks[2:]))

    assert await status(parent) == TicketStatus.CLOSED
    assert await story(parent, "TICKET_CLOSED", "MILESTONE_COMPLETED") == [
        "MILESTONE_COMPLETED",
        "TICKET_CLOSED",
    ]


async def test_ten_operators_who_close_one_task_at_once_close_it_once(work, parent, tasks):
    await asyncio.gather(*(work.complete_task(tasks[0].id) for _ in range(10)))

    assert await story(parent, "TASK_DONE") == ["TASK_DONE"]


async def test_two_processes_that_close_the_last_two_tasks_at_once_close_the_ticket_once(
    hub_url, sandbox, rivals, work, giulia, parent, tasks
):
    for task in tasks[:2]:
        await work.complete_task(task.id)

    await rivals.race(hub_url, sandbox, *(("complete", task.id, giulia.id) for task in tasks[2:]))

    assert await status(parent) == TicketStatus.CLOSED
    assert await story(parent, "TICKET_CLOSED", "MILESTONE_COMPLETED") == [
        "MILESTONE_COMPLETED",
        "TICKET_CLOSED",
    ]


async def test_reopening_one_task_while_another_process_closes_the_last_leaves_the_ticket_open(
    hub_url, sandbox, rivals, work, giulia, parent, tasks
):
    for task in tasks[:3]:
        await work.complete_task(task.id)

    await rivals.race(
        hub_url, sandbox, ("reopen", tasks[0].id, giulia.id), ("complete", tasks[3].id, giulia.id)
    )

    assert [await status(task) for task in tasks] == [TaskStatus.TODO, *[TaskStatus.DONE] * 3]
    assert await status(parent) == TicketStatus.IN_PROGRESS
    assert await status(await Milestone.get(ticket_id=parent.id)) == MilestoneStatus.IN_PROGRESS


async def test_a_change_of_something_that_was_changed_meanwhile_is_refused(work, hub_url, tasks):
    await work.start_task(tasks[0].id, expected_version=tasks[0].version)
    before = dump(hub_url)

    refusal = await refusal_of(work.complete_task(tasks[0].id, expected_version=tasks[0].version))

    assert (refusal.code, refusal.entity_id) == ("CONFLICT", tasks[0].id)
    assert dump(hub_url) == before
