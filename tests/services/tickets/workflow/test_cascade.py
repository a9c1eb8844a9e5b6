"""Completed work completes what is above it, and reopened work reopens it."""

import pytest

from models import Event, Milestone, Task, Ticket
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus
from tests.support.hub import complete_all, dump
from tests.support.ticket_story import status, story


async def test_the_first_task_started_puts_milestone_and_ticket_in_progress(work, parent, tasks):
    await work.start_task(tasks[1].id)

    task = await Task.get(id=tasks[1].id)
    assert task.status == TaskStatus.IN_PROGRESS
    assert await status(parent) == TicketStatus.IN_PROGRESS
    milestone = await Milestone.get(ticket_id=parent.id)
    assert milestone.status == MilestoneStatus.IN_PROGRESS
    assert task.started_at == milestone.started_at == (await Ticket.get(id=parent.id)).started_at


async def test_a_task_may_be_done_before_those_in_front_of_it(work, parent, tasks):
    await work.complete_task(tasks[3].id)

    assert await status(tasks[3]) == TaskStatus.DONE
    assert await status(parent) == TicketStatus.IN_PROGRESS


async def test_a_milestone_that_waits_for_another_may_be_worked_on(work, children):
    last = await Milestone.filter(ticket_id=children[0].id).order_by("-position").first()
    task = await Task.filter(milestone_id=last.id).order_by("position").first()

    await work.complete_task(task.id)

    assert await status(task) == TaskStatus.DONE
    assert await status(last) == MilestoneStatus.IN_PROGRESS


async def test_the_last_task_completes_the_milestone_which_closes_the_ticket(
    hub, work, giulia, parent, tasks
):
    for task in tasks[:3]:
        await work.complete_task(task.id)
    assert await status(parent) == TicketStatus.IN_PROGRESS

    await work.complete_task(tasks[3].id)

    ticket = await Ticket.get(id=parent.id)
    milestone = await Milestone.get(ticket_id=parent.id)
    assert (milestone.status, ticket.status) == (MilestoneStatus.COMPLETED, TicketStatus.CLOSED)
    assert ticket.closed_at == ticket.first_closed_at == milestone.completed_at


async def test_every_automatic_change_names_what_caused_it_down_to_the_operator_s_own(
    work, giulia, parent, tasks
):
    for task in tasks:
        await work.complete_task(task.id)

    closed, completed, done = await Event.filter(stream_id=parent.id).order_by("-seq").limit(3)
    assert [closed.kind, completed.kind, done.kind] == ["TICKET_CLOSED", "MILESTONE_COMPLETED", "TASK_DONE"]
    assert (closed.cause, completed.cause, done.cause) == (completed.id, done.id, "request")
    assert {closed.actor, completed.actor, done.actor} == {giulia.id}
    assert {closed.change_id, completed.change_id} == {done.change_id}


async def test_children_do_not_keep_their_parent_open(hub, giulia, children, closed_parent):
    assert {child.status for child in children} == {TicketStatus.OPEN}
    assert await status(closed_parent) == TicketStatus.CLOSED


async def test_a_child_s_work_leaves_its_parent_and_its_siblings_alone(hub, giulia, children, closed_parent):
    before = await Ticket.get(id=closed_parent.id)

    await complete_all(hub, children[0].id, actor=giulia.id)

    assert await status(children[0]) == TicketStatus.CLOSED
    assert await status(children[1]) == TicketStatus.OPEN
    assert (await Ticket.get(id=closed_parent.id)).version == before.version


@pytest.mark.parametrize("use_case", ["start_task", "complete_task"])
async def test_a_press_repeated_writes_nothing(hub_url, work, tasks, use_case):
    await getattr(work, use_case)(tasks[0].id)
    before = dump(hub_url)

    await getattr(work, use_case)(tasks[0].id)

    assert dump(hub_url) == before


async def test_reopening_a_task_reopens_what_it_had_closed_and_the_first_close_stays_in_memory(
    hub, work, giulia, parent, tasks
):
    await complete_all(hub, parent.id, actor=giulia.id)
    first_close = (await Ticket.get(id=parent.id)).closed_at

    await work.reopen_task(tasks[1].id, "Manca una firma")

    task, ticket = await Task.get(id=tasks[1].id), await Ticket.get(id=parent.id)
    assert (task.status, task.finished_at, task.reopened_reason) == (TaskStatus.TODO, None, "Manca una firma")
    assert (ticket.status, ticket.closed_at) == (TicketStatus.IN_PROGRESS, None)
    assert ticket.first_closed_at == first_close
    assert await status(await Milestone.get(ticket_id=parent.id)) == MilestoneStatus.IN_PROGRESS
    assert await story(parent, "TICKET_CLOSED") == ["TICKET_CLOSED"]


async def test_the_log_of_a_ticket_closed_again_shows_both_closes(hub, work, giulia, parent, tasks):
    await complete_all(hub, parent.id, actor=giulia.id)
    await work.reopen_task(tasks[1].id, None)

    await work.complete_task(tasks[1].id)

    ticket = await Ticket.get(id=parent.id)
    assert ticket.status == TicketStatus.CLOSED
    assert ticket.first_closed_at < ticket.closed_at
    assert await story(parent, "TICKET_CLOSED") == ["TICKET_CLOSED"] * 2
