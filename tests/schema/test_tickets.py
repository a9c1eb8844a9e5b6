from datetime import date, timedelta
from decimal import Decimal

import pytest

import models
from tests import factories
from tests.factories import TODAY, save


@pytest.fixture
async def parent(db):
    """A saved parent with nothing in it."""
    owner, customer, workflow = factories.operator(), factories.company(), factories.template()
    ticket = factories.ticket(company_id=customer.id, owner_id=owner.id, template_id=workflow.id)
    await save(owner, customer, workflow, ticket)
    return ticket


async def save_milestone(ticket, *statuses, **columns):
    """A milestone whose tasks have these statuses."""
    stage = factories.milestone(ticket, **columns)
    work = [
        factories.task(stage, position=position, status=status, assignee_id=ticket.owner_id)
        for position, status in enumerate(statuses, start=1)
    ]
    await save(stage, *work)
    return stage, work


async def save_child(parent, **columns):
    links = {"company_id": parent.company_id, "owner_id": parent.owner_id, "template_id": parent.template_id}
    child = factories.ticket(tree_id=parent.id, parent_id=parent.id, kind="CHILD", **links, **columns)
    await save(child)
    return child


PROGRESS = """query($id: ID!) { ticket(id: $id) {
    progress deliveryProgress milestones { progress taskCount finishedTaskCount } } }"""


@pytest.mark.parametrize(
    ("statuses", "progress"),
    [
        pytest.param([], None, id="no task"),
        pytest.param(["SKIPPED"], None, id="nothing left to do"),
        pytest.param(["TODO", "IN_PROGRESS"], 0.0, id="nothing finished"),
        pytest.param(["DONE", "TODO", "SKIPPED", "TODO"], 1 / 3, id="a skipped one does not count"),
        pytest.param(["DONE", "DONE"], 1.0, id="all done"),
    ],
)
async def test_progress_is_the_share_of_what_is_to_do(ask, parent, statuses, progress):
    await save_milestone(parent, *statuses)

    ticket = (await ask(PROGRESS, id=parent.id))["ticket"]

    assert ticket["progress"] == ticket["milestones"][0]["progress"] == progress
    assert ticket["milestones"][0]["taskCount"] == len(statuses)
    assert ticket["milestones"][0]["finishedTaskCount"] == statuses.count("DONE")


async def test_a_cancelled_milestone_counts_no_more(ask, parent):
    await save_milestone(parent, "DONE", "TODO", position=1)
    await save_milestone(parent, "DONE", "DONE", position=2, status="CANCELLED")

    ticket = (await ask(PROGRESS, id=parent.id))["ticket"]

    assert ticket["progress"] == 0.5
    assert [one["progress"] for one in ticket["milestones"]] == [0.5, None]


async def test_delivery_is_what_the_children_have_done(ask, parent):
    await save_milestone(parent, "DONE")
    await save_milestone(await save_child(parent, position=1), "DONE", "TODO")
    await save_milestone(await save_child(parent, position=2), "TODO", "TODO")
    await save_milestone(await save_child(parent, position=3, status="CANCELLED"), "TODO")

    ticket = (await ask(PROGRESS, id=parent.id))["ticket"]

    assert ticket["progress"] == 1.0
    assert ticket["deliveryProgress"] == 0.25


BLOCKED = "query($id: ID!) { ticket(id: $id) { milestones { blocked tasks { blocked } } } }"


@pytest.mark.parametrize(
    ("statuses", "depends_on", "blocked"),
    [
        pytest.param(["PLANNED", "PLANNED"], [[], []], [False, True], id="the one before is open"),
        pytest.param(["COMPLETED", "PLANNED"], [[], []], [False, False], id="the one before is completed"),
        pytest.param(["CANCELLED", "PLANNED"], [[], []], [False, False], id="the one before is cancelled"),
        pytest.param(
            ["IN_PROGRESS", "COMPLETED"], [[], []], [False, False], id="a finished one waits no more"
        ),
        pytest.param(
            ["PLANNED", "COMPLETED", "PLANNED"],
            [[], [], []],
            [False, False, False],
            id="only the one right before",
        ),
        pytest.param(
            ["PLANNED", "COMPLETED", "PLANNED"],
            [[], [], [1, 2]],
            [False, False, True],
            id="a declared one is open",
        ),
        pytest.param(
            ["COMPLETED", "PLANNED", "PLANNED"],
            [[], [], [1]],
            [False, False, False],
            id="only the declared one counts",
        ),
    ],
)
async def test_blocked_is_who_waits_for_open_work(ask, parent, statuses, depends_on, blocked):
    for position, (status, positions) in enumerate(zip(statuses, depends_on, strict=True), start=1):
        await save_milestone(parent, "TODO", "DONE", position=position, status=status, depends_on=positions)

    milestones = (await ask(BLOCKED, id=parent.id))["ticket"]["milestones"]

    assert [one["blocked"] for one in milestones] == blocked
    assert [[task["blocked"] for task in one["tasks"]] for one in milestones] == [
        [one, False] for one in blocked
    ]


async def test_the_one_before_is_the_nearest_that_there_is(ask, parent):
    await save_milestone(parent, position=1)
    await save_milestone(parent, position=4)

    milestones = (await ask(BLOCKED, id=parent.id))["ticket"]["milestones"]

    assert [one["blocked"] for one in milestones] == [False, True]


LIGHTS = "query($id: ID!) { ticket(id: $id) { sla milestones { sla tasks { sla } } } }"


@pytest.mark.parametrize(
    ("days_left", "light"),
    [
        pytest.param(7, "GREEN", id="in a week"),
        pytest.param(1, "YELLOW", id="tomorrow"),
        pytest.param(-3, "ORANGE", id="last Friday"),
        pytest.param(-14, "RED", id="a fortnight ago"),
    ],
)
async def test_lights_stand_for_the_working_days_left(ask, parent, days_left, light):
    due_on = TODAY + timedelta(days=days_left)
    await models.Ticket.filter(id=parent.id).update(due_on=due_on)
    _, [task] = await save_milestone(parent, "TODO", due_on=due_on, warning_days=2, escalation_days=3)
    await models.Task.filter(id=task.id).update(due_on=due_on)

    ticket = (await ask(LIGHTS, id=parent.id))["ticket"]

    assert ticket == {"sla": light, "milestones": [{"sla": light, "tasks": [{"sla": light}]}]}


async def test_what_is_finished_has_no_light(ask, parent):
    await models.Ticket.filter(id=parent.id).update(status="CLOSED")
    await save_milestone(parent, "DONE", status="COMPLETED")

    ticket = (await ask(LIGHTS, id=parent.id))["ticket"]

    assert ticket == {"sla": None, "milestones": [{"sla": None, "tasks": [{"sla": None}]}]}


async def test_a_ticket_warns_as_its_latest_milestone_does(ask, parent):
    latest = TODAY + timedelta(days=7)
    await models.Ticket.filter(id=parent.id).update(due_on=latest)
    await save_milestone(parent, position=1, due_on=TODAY, warning_days=0)
    await save_milestone(parent, position=2, due_on=latest, warning_days=9)

    ticket = (await ask("query($id: ID!) { ticket(id: $id) { sla } }", id=parent.id))["ticket"]

    assert ticket["sla"] == "YELLOW"


CLOSURE = """query($id: ID!) { ticket(id: $id) { closure {
    reason openMilestones { id reason mandatoryTaskIds optionalTaskIds taskCount } } } }"""


async def test_closure_names_what_is_in_the_way(ask, parent):
    await save_milestone(parent, "DONE", position=1, status="COMPLETED")
    stage, [_, second, third] = await save_milestone(parent, "DONE", "TODO", "IN_PROGRESS", position=2)
    await models.Task.filter(id=third.id).update(mandatory=False)

    closure = (await ask(CLOSURE, id=parent.id))["ticket"]["closure"]

    assert closure == {
        "reason": "MILESTONES_OPEN",
        "openMilestones": [
            {
                "id": stage.id,
                "reason": "MANDATORY_TASKS",
                "mandatoryTaskIds": [second.id],
                "optionalTaskIds": [third.id],
                "taskCount": 2,
            }
        ],
    }


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        pytest.param("OPEN", "NO_MILESTONES", id="nothing in it"),
        pytest.param("CLOSED", "CLOSED", id="closed"),
        pytest.param("CANCELLED", "CANCELLED", id="cancelled"),
    ],
)
async def test_closure_of_a_ticket_without_milestones(ask, parent, status, reason):
    await models.Ticket.filter(id=parent.id).update(status=status)

    closure = (await ask(CLOSURE, id=parent.id))["ticket"]["closure"]

    assert closure == {"reason": reason, "openMilestones": []}


async def test_values_come_in_their_own_kind(ask, parent):
    stage, _ = await save_milestone(parent, due_on=date(2026, 12, 24))
    await save(
        factories.task(
            stage,
            assignee_id=parent.owner_id,
            estimated_hours=Decimal("1.50"),
            mandatory=False,
            checklist=[{"text": "Visura", "done": True}, {"text": "Perché?", "done": False}],
        )
    )

    ticket = (
        await ask(
            """query($id: ID!) { ticket(id: $id) { createdAt closedAt company { crmId } milestones { dueOn dependsOn
            tasks { estimatedHours mandatory finishedAt checklist { text done } } } } }""",
            id=parent.id,
        )
    )["ticket"]

    assert ticket["createdAt"] == "2026-11-23T09:30:00+00:00"
    assert ticket["closedAt"] is None
    assert ticket["company"]["crmId"].isdecimal()
    assert ticket["milestones"][0]["dueOn"] == "2026-12-24"
    assert ticket["milestones"][0]["tasks"] == [
        {
            "estimatedHours": "1.50",
            "mandatory": False,
            "finishedAt": None,
            "checklist": [{"text": "Visura", "done": True}, {"text": "Perché?", "done": False}],
        }
    ]


async def test_relations_lead_both_ways(ask, parent):
    child = await save_child(parent, position=1)
    sold = factories.service()
    line = factories.line(parent, service_id=sold.id)
    opportunity = factories.opportunity(parent, ticket_line_id=line.id, child_ticket_id=child.id)
    await save(sold, line, opportunity)

    ticket = (
        await ask(
            """query($id: ID!) { ticket(id: $id) { parent { code } opportunity { title }
            lines { amount currency service { code price } opportunity { childTicket { code } } }
            children { parent { code } opportunity { ticketLine { name } ticket { code } amount currency } } } }""",
            id=parent.id,
        )
    )["ticket"]

    assert ticket == {
        "parent": None,
        "opportunity": None,
        "lines": [
            {
                "amount": "1500.00",
                "currency": "EUR",
                "service": {"code": sold.code, "price": "1500.00"},
                "opportunity": {"childTicket": {"code": child.code}},
            }
        ],
        "children": [
            {
                "parent": {"code": parent.code},
                "opportunity": {
                    "ticketLine": {"name": "Formazione"},
                    "ticket": {"code": parent.code},
                    "amount": "1500.00",
                    "currency": "EUR",
                },
            }
        ],
    }
