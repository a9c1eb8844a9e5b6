"""What the head of a ticket's page shows: what is due next, what its opportunities come to, what was done last."""

from datetime import date
from decimal import Decimal

import pytest

import models
from services.events import EventType
from services.tickets import workflow
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW, save

NEXT = "query ($id: ID!) { ticket(id: $id) { nextDueTask { id title dueOn } } }"
TOTALS = """query ($id: ID!) {
  ticket(id: $id) { opportunityTotals { count won lost missing amount currency } } }"""
CHANGES = """query ($id: ID!, $automatic: Boolean, $first: Int, $after: String) {
  ticket(id: $id) { changes(automatic: $automatic, first: $first, after: $after) { totalCount
    nodes { by { ... on Operator { id } ... on SystemActor { name } } first { kind } events { kind } }
    pageInfo { hasNextPage endCursor } } } }"""
HEADS = """{ tickets(first: 50) { nodes {
  nextDueTask { id } opportunityTotals { amount } changes(first: 5) { nodes { id first { kind } } } } } }"""


async def _redate(task, due_on, **columns):
    await models.Task.filter(id=task.id).update(due_on=due_on, **columns)


async def test_the_next_task_is_the_open_one_of_the_tree_that_is_due_first(ask):
    tree = await factories.save_tree(children=1, milestones=2, tasks=1)
    own = await models.Task.filter(ticket_id=tree.parent.id).order_by("id")
    below = await models.Task.filter(ticket_id=tree.children[0].id).order_by("id")
    for task in own:
        await _redate(task, date(2027, 3, 1))
    await _redate(own[0], date(2026, 1, 1), status="DONE")
    await _redate(below[0], date(2026, 1, 2))
    await models.Milestone.filter(id=below[0].milestone_id).update(status="CANCELLED")
    await _redate(below[1], date(2027, 2, 1))

    of_tree = (await ask(NEXT, id=tree.parent.id))["ticket"]["nextDueTask"]
    of_child = (await ask(NEXT, id=tree.children[0].id))["ticket"]["nextDueTask"]

    assert of_tree == of_child == {"id": below[1].id, "title": below[1].title, "dueOn": "2027-02-01"}


async def test_where_nothing_is_open_no_task_is_due_next(ask):
    tree = await factories.save_tree(children=0)
    await models.Task.all().update(status="DONE")

    assert (await ask(NEXT, id=tree.parent.id))["ticket"]["nextDueTask"] is None


async def test_opportunities_are_counted_and_what_is_lost_or_gone_adds_no_amount(ask):
    tree = await factories.save_tree(children=5, milestones=1, tasks=1)
    columns = [
        {"amount": Decimal("1000.10"), "status": "OPEN"},
        {"amount": Decimal("200.20"), "status": "WON"},
        {"amount": Decimal("40"), "status": "LOST"},
        {"amount": Decimal("3"), "status": "OPEN", "missing_since": NOW},
    ]
    *kept, unsold = await models.Opportunity.all().order_by("id")
    for one, changed in zip(kept, columns, strict=True):
        await models.Opportunity.filter(id=one.id).update(**changed)
    await models.Opportunity.filter(id=unsold.id).delete()

    of_parent = (await ask(TOTALS, id=tree.parent.id))["ticket"]["opportunityTotals"]
    of_child = (await ask(TOTALS, id=kept[1].child_ticket_id))["ticket"]["opportunityTotals"]

    assert of_parent == {
        "count": 4,
        "won": 1,
        "lost": 1,
        "missing": 1,
        "amount": "1200.30",
        "currency": "EUR",
    }
    assert (of_child["count"], of_child["won"], of_child["missing"]) == (1, 1, 0)
    assert Decimal(of_child["amount"]) == Decimal("200.20")


async def test_a_ticket_without_opportunities_comes_to_nothing(ask):
    tree = await factories.save_tree(children=0)

    totals = (await ask(TOTALS, id=tree.parent.id))["ticket"]["opportunityTotals"]

    assert (totals["count"], totals["missing"], Decimal(totals["amount"])) == (0, 0, 0)


@pytest.fixture
async def worked(db):
    """A tree in which an operator completed two tasks, and the hub renamed another one by itself."""
    tree = await factories.save_tree(children=1, milestones=1, tasks=1)
    other = await factories.save_tree(children=0)
    await save(*(models.Stream(id=one.parent.id) for one in (tree, other)))
    events = context_for().events
    first, second, third, _ = await models.Task.filter(ticket_id=tree.parent.id).order_by("position")
    elsewhere = await models.Task.filter(ticket_id=other.parent.id).first()
    for task in (first, second, elsewhere):
        await workflow.complete_task(task.id, actor=tree.operator.id, events=events)
    async with events.change(tree.parent.id, actor="system:test") as change:
        await change.update(third, kind=EventType.TASK_UPDATED, notes="x")
    return tree


async def test_a_ticket_shows_what_operators_did_in_its_tree_newest_first(ask, worked):
    of_tree = (await ask(CHANGES, id=worked.parent.id))["ticket"]["changes"]
    of_child = (await ask(CHANGES, id=worked.children[0].id))["ticket"]["changes"]

    assert of_tree == of_child
    assert of_tree["totalCount"] == 2
    assert [one["by"] for one in of_tree["nodes"]] == [{"id": worked.operator.id}] * 2
    # The first task starts the milestone and the ticket, too.
    assert [len(one["events"]) for one in of_tree["nodes"]] == [1, 3]


async def test_what_the_hub_did_by_itself_is_shown_where_it_is_asked_for(ask, worked):
    found = (await ask(CHANGES, id=worked.parent.id, automatic=True))["ticket"]["changes"]

    # To ask, the tests bring the stored facts up to date, which is a change of its own.
    by = [one["by"] for one in found["nodes"] if one["by"] != {"name": "facts"}]
    assert by == [{"name": "test"}, *[{"id": worked.operator.id}] * 2]
    assert found["totalCount"] == len(found["nodes"])


async def test_the_changes_of_a_ticket_are_read_page_by_page(ask, worked):
    first = (await ask(CHANGES, id=worked.parent.id, first=1))["ticket"]["changes"]
    second = (await ask(CHANGES, id=worked.parent.id, first=1, after=first["pageInfo"]["endCursor"]))[
        "ticket"
    ]

    assert first["pageInfo"]["hasNextPage"] is True
    assert second["changes"]["pageInfo"]["hasNextPage"] is False
    assert first["nodes"] != second["changes"]["nodes"]


@pytest.mark.parametrize("children", [pytest.param(1, id="few"), pytest.param(20, id="many")])
async def test_the_heads_of_many_tickets_take_the_statements_of_one(execute, statements, children):
    tree = await factories.save_tree(children=children, milestones=1, tasks=1)
    await save(models.Stream(id=tree.parent.id))
    for task in await models.Task.all():
        await workflow.complete_task(task.id, actor=tree.operator.id, events=context_for().events)
        break
    statements.clear()

    result = await execute(HEADS, context_for(Role.VIEWER))

    assert result.errors is None
    assert len(result.data["tickets"]["nodes"]) == children + 1
    # The tickets; a page of changes of each; the tasks that are due next; the first events.
    assert len(statements) == 4
