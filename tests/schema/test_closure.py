"""Why a ticket is open, since when and whose turn it is; or what led to its end."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

import models
from services.events import Broadcast, EventLog
from services.planning.calendar import WorkCalendar
from services.tickets import cancellation, workflow
from services.tickets.cancellation import ChildrenChoice
from services.tickets.facts import FactsKeeper
from tests.support import factories
from tests.support.factories import NOW, save

WHY = """query($id: ID!) { ticket(id: $id) { closure { reason since
    openMilestones { reason since taskCount
        milestone { title blocked waitsFor { title status } }
        tasks { title mandatory status assignee { name } } }
    chain { at node { __typename id title ... on Ticket { code } }
        actor { ... on Operator { id name } ... on SystemActor { name } } event { id kind } } } } }"""


@pytest.fixture
async def tree(db):
    tree = await factories.save_tree(children=1, milestones=3, tasks=2)
    await save(models.Stream(id=tree.parent.id))
    await factories.store_facts()
    return tree


class Work:
    """An operator who works later and later."""

    def __init__(self, operator):
        self.now = NOW
        facts = FactsKeeper(WorkCalendar(ZoneInfo("Europe/Rome")))
        events = EventLog(clock=lambda: self.now, broadcast=Broadcast(), followers=[facts.follow])
        self._context = {"actor": operator.id, "events": events}

    async def finish(self, milestone):
        for task in await models.Task.filter(milestone_id=milestone.id).order_by("position"):
            self.now += timedelta(hours=1)
            await workflow.complete_task(task.id, **self._context)

    async def reopen(self, task):
        self.now += timedelta(hours=1)
        await workflow.reopen_task(task.id, "Mancava la firma", **self._context)

    async def cancel(self, ticket, **choice):
        self.now += timedelta(hours=1)
        await cancellation.cancel_ticket(
            ticket.id, "Rinuncia", **{"children": None, **choice}, **self._context
        )


async def why(ask, ticket):
    return (await ask(WHY, id=ticket.id))["ticket"]["closure"]


async def test_an_open_ticket_shows_what_keeps_it_open_since_when_and_whose_it_is(ask, tree):
    [child] = tree.children
    first, second, _ = await models.Milestone.filter(ticket_id=child.id).order_by("position")
    work = Work(tree.operator)
    await work.finish(first)
    await models.Task.filter(milestone_id=second.id, position=2).update(mandatory=False)

    closure = await why(ask, child)

    assert closure["reason"] == "MILESTONES_OPEN"
    assert closure["since"] == NOW.isoformat()
    assert closure["chain"] == []
    task = {"title": "Firma Incarico", "status": "TODO", "assignee": {"name": tree.operator.name}}
    assert closure["openMilestones"] == [
        {
            "reason": "MANDATORY_TASKS",
            "since": work.now.isoformat(),
            "taskCount": 2,
            "milestone": {
                "title": "Fase 2",
                "blocked": False,
                "waitsFor": [{"title": "Fase 1", "status": "COMPLETED"}],
            },
            "tasks": [{**task, "mandatory": True}, {**task, "mandatory": False}],
        },
        {
            "reason": "MANDATORY_TASKS",
            "since": None,
            "taskCount": 2,
            "milestone": {
                "title": "Fase 3",
                "blocked": True,
                "waitsFor": [{"title": "Fase 2", "status": "PLANNED"}],
            },
            "tasks": [{**task, "mandatory": True}] * 2,
        },
    ]


async def test_declared_dependencies_are_what_a_milestone_waits_for(ask, tree):
    [child] = tree.children
    first, _, third = await models.Milestone.filter(ticket_id=child.id).order_by("position")
    await models.Milestone.filter(id=third.id).update(depends_on=[1])
    work = Work(tree.operator)
    await work.finish(first)

    open_milestones = (await why(ask, child))["openMilestones"]

    assert [one["since"] for one in open_milestones] == [work.now.isoformat()] * 2
    assert [one["milestone"]["waitsFor"][0]["title"] for one in open_milestones] == ["Fase 1"] * 2


async def test_a_closed_ticket_leads_to_the_task_that_closed_it_and_to_who_finished_it(ask, tree):
    work = Work(tree.operator)
    await work.finish(await models.Milestone.get(ticket_id=tree.parent.id))

    closure = await why(ask, tree.parent)

    assert (closure["reason"], closure["since"]) == ("CLOSED", work.now.isoformat())
    assert closure["openMilestones"] == []
    kinds = [(one["node"]["__typename"], one["event"]["kind"]) for one in closure["chain"]]
    assert kinds == [
        ("Ticket", "TICKET_CLOSED"),
        ("Milestone", "MILESTONE_COMPLETED"),
        ("Task", "TASK_DONE"),
    ]
    assert closure["chain"][0]["node"]["code"] == tree.parent.code
    assert {one["actor"]["id"] for one in closure["chain"]} == {tree.operator.id}
    assert {one["at"] for one in closure["chain"]} == {work.now.isoformat()}


async def test_a_reopened_ticket_is_open_since_then(ask, tree):
    work = Work(tree.operator)
    await work.finish(await models.Milestone.get(ticket_id=tree.parent.id))
    await work.reopen(await models.Task.filter(ticket_id=tree.parent.id).order_by("-position").first())

    closure = await why(ask, tree.parent)

    assert (closure["reason"], closure["since"]) == ("MILESTONES_OPEN", work.now.isoformat())
    assert closure["chain"] == []


async def test_a_child_cancelled_with_its_parent_leads_to_the_parent(ask, tree):
    [child] = tree.children
    await Work(tree.operator).cancel(tree.parent, children=ChildrenChoice.CANCEL)

    closure = await why(ask, child)

    assert closure["reason"] == "CANCELLED"
    assert [one["node"]["id"] for one in closure["chain"]] == [child.id, tree.parent.id]


async def test_what_the_hub_did_by_itself_is_shown_by_its_name(ask, tree):
    work = Work(models.Operator(id="system:engine"))
    await work.cancel(tree.parent, children=ChildrenChoice.KEEP)

    [step] = (await why(ask, tree.parent))["chain"]

    assert step["actor"] == {"name": "engine"}


@pytest.mark.parametrize("milestones", [pytest.param(2, id="few"), pytest.param(30, id="many")])
async def test_a_closure_takes_five_statements_whatever_keeps_the_ticket_open(ask, statements, milestones):
    tree = await factories.save_tree(children=1, milestones=milestones)
    statements.clear()

    closure = await why(ask, tree.children[0])

    assert len(closure["openMilestones"]) == milestones
    assert len(statements) == 5
