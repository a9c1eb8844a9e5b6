"""What a watcher of a ticket tree receives through the schema, also with a wrong cursor."""

import gc
from contextlib import aclosing

import pytest

from models import Task
from schema import schema
from services.tickets import workflow
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.live_trees import event_log, save_live_tree, watching_over

WATCH = """
    subscription ($id: ID!, $after: String) {
      milestoneProgress(ticketId: $id, after: $after) {
        state seq previousSeq cursor occurredAt
        milestones { milestoneId title status taskCount finishedTaskCount progress }
        tickets { ticketId code status progress }
      }
    }"""


@pytest.fixture
def log(db):
    return event_log()


@pytest.fixture
def context(log):
    return context_for(events=log, watching=watching_over(log._broadcast))


async def open_ticket(log):
    company, owner, template = factories.company(), factories.operator(), factories.template()
    await factories.save(company, owner, template)
    ticket = factories.ticket(company_id=company.id, owner_id=owner.id, template_id=template.id)
    async with log.change(actor="test") as change:
        change.open_streams([ticket.id])
        await change.create(ticket, kind="TICKET_CREATED")
        await change.create(factories.milestone(ticket), kind="MILESTONE_PLANNED")
    return ticket


async def rename(log, ticket, title):
    async with log.change(ticket.id, actor="test") as change:
        await change.update(ticket, kind="TICKET_UPDATED", title=title)


async def watching(context, ticket, after=None):
    """Each item, or the extensions of the error in its place."""
    variables = {"id": ticket.id, "after": after}
    async with aclosing(await schema.stream(WATCH, variables, context_value=context)) as results:
        async for result in results:
            yield result.errors[0].extensions if result.errors else result.data["milestoneProgress"]


async def test_a_watcher_resumes_after_the_cursor_of_the_last_item(log, context):
    ticket = await open_ticket(log)
    snapshot = await anext(watching(context, ticket))
    await rename(log, ticket, "Another title")

    change = await anext(watching(context, ticket, after=snapshot["cursor"]))

    assert (snapshot["state"], change["state"]) == ("SNAPSHOT", "CHANGE")
    assert (change["previousSeq"], change["seq"]) == (2, 3)


async def test_the_cursor_of_another_tree_has_expired(log, context):
    one, other = await open_ticket(log), await open_ticket(log)
    await rename(log, other, "Another title")
    cursor = (await anext(watching(context, one)))["cursor"]

    received = [item["state"] async for item in watching(context, other, after=cursor)]

    assert received == ["EXPIRED"]


@pytest.mark.parametrize("cursor", ["1", "2147483648", "", "\x00", "tck_01h455vb4pex5vsknk084sn02q"])
async def test_a_text_that_is_no_cursor_is_the_callers_mistake(log, context, cursor):
    ticket = await open_ticket(log)

    received = [one async for one in watching(context, ticket, after=cursor)]

    assert received == [{"code": "BAD_USER_INPUT", "argument": "after", "path": ["after"]}]


async def test_a_watcher_who_stays_costs_no_more_memory_for_each_item(log, context):
    """Counted in objects, because the memory of a process also holds what others have left there."""
    ticket = await open_ticket(log)
    watch = watching(context, ticket)
    await anext(watch)

    async def objects_after(changes):
        for number in range(changes):
            await rename(log, ticket, f"{number} of {changes}")
            await anext(watch)
        gc.collect()
        return len(gc.get_objects())

    warm = await objects_after(20)
    grown = await objects_after(100) - warm

    assert grown < 100


async def test_each_commit_that_changes_progress_is_one_item(log, context):
    tree = await save_live_tree(children=1, milestones=1)
    tasks = await Task.filter(ticket_id=tree.parent.id).order_by("position")
    watch = watching(context, tree.parent)
    snapshot = await anext(watch)

    for task in tasks:
        await workflow.complete_task(task.id, actor="test", events=log)
    received = [await anext(watch) for _ in tasks]
    resumed = watching(context, tree.parent, after=snapshot["cursor"])
    missed = [await anext(resumed) for _ in tasks]

    assert {one["ticketId"] for one in snapshot["tickets"]} == {tree.parent.id, tree.children[0].id}
    assert [[one["ticketId"] for one in item["tickets"]] for item in received] == [[tree.parent.id]] * 4
    assert [one["seq"] for one in missed] == [one["seq"] for one in received]
    assert [one["previousSeq"] for one in received] == [
        snapshot["seq"],
        *(one["seq"] for one in received[:-1]),
    ]
    assert received[-1]["tickets"][0] | {"ticketId": None} == {
        "ticketId": None,
        "code": tree.parent.code,
        "status": "CLOSED",
        "progress": 1.0,
    }


async def test_a_commit_that_changes_no_progress_is_not_sent(log, context):
    tree = await save_live_tree()
    await factories.save(other := factories.operator())
    first, *_ = await Task.filter(ticket_id=tree.parent.id).order_by("position")
    watch = watching(context, tree.parent)
    snapshot = await anext(watch)

    await workflow.assign_task(first.id, other.id, actor="test", events=log)
    await workflow.complete_task(first.id, actor="test", events=log)
    change = await anext(watch)

    assert change["previousSeq"] == snapshot["seq"]
    assert change["milestones"][0]["finishedTaskCount"] == 1
