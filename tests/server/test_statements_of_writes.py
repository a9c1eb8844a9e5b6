"""What changes of tasks cost: every statement of the request, with its sign-in, BEGIN, COMMIT and answer."""

from zoneinfo import ZoneInfo

import pytest

import models
from models.database import shared_client
from server.wiring.foundation import followers_of_changes
from services.actions.workers.queue import LocalQueue, SharedQueue
from services.events import Broadcast, EventLog
from services.events.notices import SharedBroadcast
from services.planning.calendar import WorkCalendar
from services.tickets.facts import FactsKeeper
from services.vocabulary import Role
from tests.support import factories
from tests.support.asgi_client import client_maker
from tests.support.factories import NOW, number, save
from tests.support.sent_statements import sent_statements

COMPLETE = """
mutation ($id: ID!) {
  completeTask(taskId: $id) {
    task { id status version finishedAt milestone { id status ticket { id status progress } } }
    treeSeq
    problems { code message path }
  }
}
"""

WITH_WHAT_CHANGED = COMPLETE.replace(
    "treeSeq",
    "treeSeq changed { tickets { id status progress } milestones { id status } tasks { id status } }",
)


@pytest.fixture
def sent():
    with sent_statements() as sent:
        yield sent


@pytest.fixture
async def caller(sent, db):
    """Somebody who asks a hub that is wired as the program is."""
    client = shared_client()
    events = EventLog(
        clock=lambda: NOW,
        broadcast=Broadcast() if client is None else SharedBroadcast(client),
        queue=LocalQueue() if client is None else SharedQueue(client),
        followers=followers_of_changes(FactsKeeper(WorkCalendar(ZoneInfo("Europe/Rome")))),
    )
    return await client_maker(events)(Role.OPERATOR)


@pytest.fixture
async def tasks(caller):
    """The six tasks of a child ticket with two milestones. The first task is done."""
    tree = await factories.save_tree(children=1, milestones=2, tasks=3)
    await factories.store_facts()
    tasks = await models.Task.filter(ticket_id=tree.children[0].id).order_by("id")
    await finish(caller, *tasks[:1])
    return tasks


async def finish(caller, *tasks, document=COMPLETE):
    payload = None
    for task in tasks:
        payload = (await caller.ask(document, id=task.id)).json["data"]["completeTask"]
        assert payload["problems"] == []
    return payload


async def show_in_the_crm(milestone_id):
    milestone = await models.Milestone.get(id=milestone_id)
    opportunity = await models.Opportunity.get(child_ticket_id=milestone.ticket_id)
    await save(
        models.CrmActivity(
            role="SHADOW",
            tree_id=milestone.tree_id,
            crm_id=number(),
            subject="",
            opportunity_id=opportunity.id,
            milestone_id=milestone.id,
            created_at=NOW,
        )
    )


@pytest.mark.parametrize(
    ("done", "statuses", "sqlite", "postgres"),
    [
        pytest.param(1, ("IN_PROGRESS", "IN_PROGRESS"), 12, 8, id="nothing closes"),
        pytest.param(2, ("COMPLETED", "IN_PROGRESS"), 13, 10, id="the milestone closes"),
        pytest.param(3, ("IN_PROGRESS", "IN_PROGRESS"), 13, 10, id="the milestone starts"),
        pytest.param(5, ("COMPLETED", "CLOSED"), 13, 10, id="it closes with its ticket"),
    ],
)
async def test_completing_a_task_takes_so_many_statements(
    caller, tasks, sent, on, done, statuses, sqlite, postgres
):
    await finish(caller, *tasks[1:done])
    sent.clear()

    payload = await finish(caller, tasks[done])

    milestone = payload["task"]["milestone"]
    assert (milestone["status"], milestone["ticket"]["status"]) == statuses
    assert len(sent) == on(sqlite, postgres)


async def test_an_activity_that_follows_in_the_crm_takes_some_more(caller, tasks, sent, on):
    for one in (tasks[0], tasks[3]):
        await show_in_the_crm(one.milestone_id)
    # The first time, the driver asks PostgreSQL about the types of the queue.
    await finish(caller, *tasks[1:3])
    sent.clear()

    await finish(caller, tasks[3])

    assert len(sent) == on(18, 14)
    assert await models.ActionItem.filter(kind="UPDATE_ACTIVITY", open_key__not_isnull=True).count() == 2


async def test_the_rows_that_changed_take_some_more(caller, tasks, sent, on):
    sent.clear()

    payload = await finish(caller, tasks[1], document=WITH_WHAT_CHANGED)

    assert {name: len(rows) for name, rows in payload["changed"].items()} == {
        "tickets": 2,
        "milestones": 1,
        "tasks": 2,
    }
    assert len(sent) == on(20, 16)


WITH_A_PAGE = COMPLETE.replace("finishedAt", "ticket { events(first: 2) { nodes { seq } } }")
WITH_A_FRAGMENT = (
    COMPLETE.replace("treeSeq", "treeSeq ...Above")
    + "fragment Above on CompleteTaskPayload { ticket { id status } }"
)


@pytest.mark.only_on("postgres")
@pytest.mark.parametrize(
    ("document", "statements"),
    [pytest.param(WITH_A_PAGE, 5, id="a page"), pytest.param(WITH_A_FRAGMENT, 2, id="a second field")],
)
async def test_a_payload_that_takes_several_statements_is_read_in_one_state(
    caller, tasks, sent, document, statements
):
    sent.clear()

    await finish(caller, tasks[1], document=document)

    _, reads = "\n".join(sent).split("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;")
    assert reads.count("\nSELECT") == statements
    assert sent[-1] == "ROLLBACK;"


CHANGE_MANY = """
mutation ($tasks: [TaskTargetInput!]!, $change: TaskChangeInput!) {
  changeTasks(tasks: $tasks, change: $change) {
    results { changed task { id status dueOn assignee { name } } problems { code message path } }
    trees { treeId treeSeq }
    problems { code message path }
  }
}
"""


@pytest.fixture
async def of_many_trees(caller):
    """Five tasks of each ticket of four trees: whole milestones, and parts of others."""
    for _ in range(4):
        await factories.save_tree(children=5, milestones=2, tasks=3)
    await factories.store_facts()
    tickets = await models.Ticket.all().order_by("id")
    last = await models.Task.filter(ticket_id=tickets[-1].id).order_by("-milestone_id", "-position").first()
    await finish(caller, last)  # So that every connection is open.
    return [
        task.id
        for ticket in tickets
        for task in (await models.Task.filter(ticket_id=ticket.id).order_by("milestone_id", "position"))[:5]
    ]


@pytest.mark.parametrize("number", [1, 100])
@pytest.mark.parametrize(
    ("change", "sqlite", "postgres"),
    [
        pytest.param({"complete": True}, 13, 10, id="complete"),
        pytest.param({"skip": {"reason": "Non serve"}}, 12, 8, id="skip"),
        pytest.param({"assign": {"operatorId": "LUCA"}}, 13, 9, id="assign"),
        pytest.param({"reschedule": {"byWorkingDays": 3}}, 13, 10, id="postpone"),
        pytest.param({"reschedule": {"dueOn": "2027-02-01"}}, 13, 10, id="reschedule"),
    ],
)
async def test_a_hundred_tasks_of_four_trees_take_as_many_statements_as_one(
    caller, of_many_trees, sent, on, number, change, sqlite, postgres
):
    luca = factories.operator(name="Luca")
    await save(luca)
    await models.Task.all().update(mandatory=False)
    if "assign" in change:
        change = {"assign": {"operatorId": luca.id}}
    asked = [{"id": one} for one in of_many_trees[:number]]
    sent.clear()

    answer = (await caller.ask(CHANGE_MANY, tasks=asked, change=change)).json["data"]["changeTasks"]

    assert [one["changed"] for one in answer["results"]] == [True] * number
    assert len(answer["trees"]) == (1 if number == 1 else 4)
    assert len(sent) == on(sqlite, postgres)


@pytest.mark.parametrize("number", [1, 20])
async def test_twenty_activities_that_follow_take_as_many_statements_as_one(caller, sent, on, number):
    tree = await factories.save_tree(children=6, milestones=4, tasks=2)
    await factories.store_facts()
    milestones = await models.Milestone.filter(ticket_id__in=[one.id for one in tree.children]).order_by("id")
    for one in milestones:
        await show_in_the_crm(one.id)
    *started, other = [
        await models.Task.filter(milestone_id=one.id).order_by("position").first()
        for one in [*milestones[:number], milestones[-1]]
    ]
    # The first time, the driver asks PostgreSQL about the types of the queue.
    await finish(caller, other)
    sent.clear()

    asked = [{"id": one.id} for one in started]
    answer = (await caller.ask(CHANGE_MANY, tasks=asked, change={"complete": True})).json["data"][
        "changeTasks"
    ]

    assert [one["changed"] for one in answer["results"]] == [True] * number
    assert len(sent) == on(18, 14)
    waiting = models.ActionItem.filter(kind="UPDATE_ACTIVITY", open_key__not_isnull=True)
    assert await waiting.count() == await models.Action.all().count() == number + 1
