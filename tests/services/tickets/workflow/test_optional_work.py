"""Optional tasks and milestones, and milestones that are completed or cancelled by hand."""

import pytest

from models import Event, Milestone, Task
from services.vocabulary import MilestoneKind, MilestoneStatus, TaskStatus, TicketStatus
from tests.support.hub import dump
from tests.support.refusals import refusal_of
from tests.support.ticket_story import status


async def test_a_mandatory_task_is_not_skipped(work, hub_url, tasks):
    before = dump(hub_url)

    refusal = await refusal_of(work.skip_task(tasks[0].id, "Non serve"))

    assert refusal.code == "TASK_IS_MANDATORY"
    assert dump(hub_url) == before


async def test_a_mandatory_task_is_waived_with_a_reason_and_then_skipped(work, parent, tasks):
    await work.waive_task(tasks[0].id, "Incarico già predisposto dal cliente")
    waived = await Task.get(id=tasks[0].id)
    await work.skip_task(tasks[0].id, None)
    for task in tasks[1:]:
        await work.complete_task(task.id)

    assert (waived.mandatory, waived.status) == (False, TaskStatus.TODO)
    assert waived.waived_reason == "Incarico già predisposto dal cliente"
    assert await status(tasks[0]) == TaskStatus.SKIPPED
    assert await status(parent) == TicketStatus.CLOSED


@pytest.mark.parametrize(
    "reason",
    [pytest.param(None, id="none"), pytest.param("", id="empty"), pytest.param("  ", id="blank")],
)
async def test_waiving_needs_a_reason(work, tasks, reason):
    refusal = await refusal_of(work.waive_task(tasks[0].id, reason))

    assert refusal.code == "REASON_REQUIRED"


async def test_a_milestone_whose_tasks_are_all_skipped_waits_for_an_operator(work, parent, tasks):
    for task in tasks:
        await work.waive_task(task.id, "Cliente storico")
        await work.skip_task(task.id, None)
    milestone = await Milestone.get(ticket_id=parent.id)
    assert (milestone.status, await status(parent)) == (MilestoneStatus.PLANNED, TicketStatus.OPEN)

    await work.complete_milestone(milestone.id)

    assert await status(milestone) == MilestoneStatus.COMPLETED
    assert await status(parent) == TicketStatus.CLOSED


async def test_an_optional_task_left_open_keeps_its_milestone_open(work, children):
    milestone = await Milestone.get(ticket_id=children[1].id, position=2)
    [optional] = await Task.filter(milestone_id=milestone.id, mandatory=False)
    for task in await Task.filter(milestone_id=milestone.id, mandatory=True):
        await work.complete_task(task.id)
    assert await status(milestone) == MilestoneStatus.IN_PROGRESS

    await work.skip_task(optional.id, None)

    assert await status(milestone) == MilestoneStatus.COMPLETED


async def test_a_milestone_with_open_tasks_is_not_completed_by_hand(work, hub_url, parent):
    milestone = await Milestone.get(ticket_id=parent.id)
    before = dump(hub_url)

    refusal = await refusal_of(work.complete_milestone(milestone.id))

    assert refusal.code == "MILESTONE_HAS_OPEN_TASKS"
    assert dump(hub_url) == before


async def test_an_optional_milestone_is_cancelled_without_a_reason_and_others_with_one(work, children):
    optional = await Milestone.filter(kind=MilestoneKind.OPTIONAL).first()
    critical = await Milestone.filter(kind=MilestoneKind.CRITICAL).first()

    await work.cancel_milestone(optional.id, None)
    refusal = await refusal_of(work.cancel_milestone(critical.id, " "))
    await work.cancel_milestone(critical.id, "Il bando è chiuso")

    assert refusal.code == "REASON_REQUIRED"
    assert [await status(one) for one in (optional, critical)] == [MilestoneStatus.CANCELLED] * 2
    assert (await Milestone.get(id=critical.id)).cancelled_reason == "Il bando è chiuso"


async def test_cancelling_the_last_open_milestone_closes_a_ticket_with_completed_ones(work, children):
    child = children[0]
    *others, last = await Milestone.filter(ticket_id=child.id).order_by("position")
    for milestone in others:
        for task in await Task.filter(milestone_id=milestone.id):
            await work.complete_task(task.id)

    await work.cancel_milestone(last.id, "Non richiesta")

    assert await status(child) == TicketStatus.CLOSED
    closed, cancelled = (
        await Event.filter(kind__in=["TICKET_CLOSED", "MILESTONE_CANCELLED"]).order_by("-seq").limit(2)
    )
    assert closed.cause == cancelled.id


async def test_a_ticket_whose_milestones_are_all_cancelled_does_not_close(work, parent):
    milestone = await Milestone.get(ticket_id=parent.id)

    await work.cancel_milestone(milestone.id, "Salta l'onboarding")

    assert await status(parent) == TicketStatus.OPEN
