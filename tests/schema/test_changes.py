"""The register: one entry for each change, with who, what first and what followed."""

from datetime import timedelta
from random import Random

import pytest

import models
from models.identity import new_id
from models.transaction import snapshot
from resolvers.changes import BY_AN_OPERATOR
from resolvers.reads.sources import order_by
from services.events import EventType
from services.reads import AllOf, First, RowPlan
from services.reads.conditions import Parameters
from services.reads.dialects import dialect_named
from services.reads.layout import layout_of
from services.reads.statements import select
from services.tickets import workflow
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.schema.test_indexes import explain
from tests.support import factories
from tests.support.factories import NOW, save

CHANGES = """query($filter: EventFilter, $automatic: Boolean, $first: Int, $after: String) {
    changes(filter: $filter, automatic: $automatic, first: $first, after: $after) { totalCount
        pageInfo { hasNextPage endCursor }
        nodes { id at by { __typename ... on Operator { id name } ... on SystemActor { name } }
            first { kind node { __typename id ... on WorkItem { title } } changes { field before after
                beforeNode { id ... on Operator { name } } afterNode { id ... on Operator { name } } } }
            events { kind entityId } cause { __typename id } } } }"""


@pytest.fixture
async def tree(db):
    tree = await factories.save_tree(children=0)
    await save(models.Stream(id=tree.parent.id))
    return tree


@pytest.fixture
def register(execute):
    async def run(role=Role.VIEWER, **variables):
        result = await execute(CHANGES, context_for(role), **variables)
        assert result.errors is None, result.errors
        return result.data["changes"]

    return run


async def finish_all(tree):
    for task in await models.Task.filter(ticket_id=tree.parent.id).order_by("position"):
        await workflow.complete_task(task.id, actor=tree.operator.id, events=context_for().events)
    return task


async def test_what_was_committed_together_is_one_entry_with_what_was_done_first(register, tree):
    last = await finish_all(tree)

    found = await register()

    assert found["totalCount"] == 4
    newest = found["nodes"][0]
    assert newest["by"] == {"__typename": "Operator", "id": tree.operator.id, "name": tree.operator.name}
    assert newest["at"] == NOW.isoformat()
    assert newest["first"]["kind"] == "TASK_DONE"
    assert newest["first"]["node"] == {"__typename": "Task", "id": last.id, "title": last.title}
    assert [one["kind"] for one in newest["events"]] == ["TASK_DONE", "MILESTONE_COMPLETED", "TICKET_CLOSED"]
    assert newest["cause"] is None


async def test_an_entry_is_found_by_what_followed(register, tree):
    await finish_all(tree)

    found = await register(filter={"kind": {"eq": "TICKET_CLOSED"}})

    assert found["totalCount"] == 1
    assert found["nodes"][0]["first"]["kind"] == "TASK_DONE"


async def test_a_change_is_shown_by_the_fields_of_the_api(register, tree):
    colleague = factories.operator()
    await save(colleague)
    task = await models.Task.filter(ticket_id=tree.parent.id).first()
    reported = {"actor": tree.operator.id, "events": context_for().events}
    await workflow.assign_task(task.id, colleague.id, **reported)

    [entry] = (await register())["nodes"]

    assert entry["first"]["changes"] == [
        {
            "field": "assignee",
            "before": tree.operator.id,
            "after": colleague.id,
            "beforeNode": {"id": tree.operator.id, "name": tree.operator.name},
            "afterNode": {"id": colleague.id, "name": colleague.name},
        }
    ]


async def test_what_the_hub_did_by_itself_is_shown_only_when_asked_for(register, tree):
    item = models.ActionItem(
        action_id=new_id("axn"),
        position=1,
        lane="",
        kind="SYNC_COMPANY",
        key="",
        reference="",
        label="",
        state="FINISHED",
        next_try_at=NOW,
        created_at=NOW,
    )
    action = models.Action(
        id=item.action_id, kind="SYNC_OPPORTUNITIES", status="COMPLETED", item_count=1, created_at=NOW
    )
    await save(action, item)
    async with context_for().events.change(tree.parent.id, actor="system:engine", cause=item.id) as change:
        await change.update(tree.parent, kind=EventType.TICKET_UPDATED, notes="Dal CRM")

    assert (await register())["nodes"] == []
    [entry] = (await register(automatic=True))["nodes"]
    assert entry["by"] == {"__typename": "SystemActor", "name": "engine"}
    assert entry["cause"] == {"__typename": "ActionItem", "id": item.id}


async def test_only_administrators_read_what_was_done_to_operators(register, db):
    admin = factories.operator(role="ADMIN")
    await save(admin, models.Stream(id="access"))
    async with context_for().events.change("access", actor=admin.id) as change:
        await change.update(admin, kind=EventType.OPERATOR_SAVED, name="Ada Conti")

    seen = {role: await register(role) for role in Role}

    assert {role: found["totalCount"] for role, found in seen.items()} == {
        Role.VIEWER: 0,
        Role.OPERATOR: 0,
        Role.ADMIN: 1,
    }


KINDS = ("TASK_DONE", "TASK_ASSIGNED", "MILESTONE_COMPLETED")


async def some_history(random, actors):
    """Changes of one to four events, in two trees."""
    streams = [models.Stream(id=new_id("tck")) for _ in range(2)]
    await save(*streams)
    reported, seqs = [], dict.fromkeys(streams, 0)
    for number in range(40):
        stream, actor, change_id = random.choice(streams), random.choice(actors), new_id("chg")
        for _ in range(random.randint(1, 4)):
            seqs[stream] += 1
            at = NOW + timedelta(minutes=number)
            columns = {"change_id": change_id, "actor": actor, "kind": random.choice(KINDS)}
            reported.append(factories.event(stream, seqs[stream], occurred_at=at, **columns))
    await save(*reported)
    return reported


@pytest.mark.parametrize("seed", [1, 2])
async def test_pages_hold_every_change_that_a_filter_lets_through_once(register, db, seed):
    random = Random(seed)
    operators = [factories.operator(), factories.operator()]
    await save(*operators)
    reported = await some_history(random, [one.id for one in operators] + ["system:engine"])
    stream, actor = reported[0].stream_id, operators[0].id
    filters = [
        ({}, lambda _: True),
        ({"kind": {"eq": "TASK_DONE"}}, lambda event: event.kind == "TASK_DONE"),
        ({"streamId": {"eq": stream}}, lambda event: event.stream_id == stream),
        ({"actor": {"eq": actor}}, lambda event: event.actor == actor),
        (
            {"occurredAt": {"gte": (NOW + timedelta(minutes=20)).isoformat()}},
            lambda event: event.occurred_at >= NOW + timedelta(minutes=20),
        ),
        (
            {"kind": {"in": ["TASK_DONE", "TASK_ASSIGNED"]}, "actor": {"eq": actor}},
            lambda event: event.kind != "MILESTONE_COMPLETED" and event.actor == actor,
        ),
    ]
    for automatic in (False, True):
        for wanted, lets_through in filters:
            events = [one for one in reported if automatic or one.actor.startswith("opr_")]
            expected = list(dict.fromkeys(one.change_id for one in reversed(events) if lets_through(one)))

            found, after = [], None
            while True:
                page = await register(filter=wanted, automatic=automatic, first=7, after=after)
                found += [one["id"] for one in page["nodes"]]
                after = page["pageInfo"]["endCursor"]
                if not page["pageInfo"]["hasNextPage"]:
                    break

            assert sorted(found) == sorted(expected)
            assert page["totalCount"] == len(expected)


@pytest.mark.parametrize("tasks", [pytest.param(2, id="few"), pytest.param(40, id="many")])
async def test_a_page_of_the_register_takes_six_statements(register, statements, tasks):
    tree = await factories.save_tree(children=1, milestones=1, tasks=tasks)
    await save(models.Stream(id=tree.parent.id))
    reported = {"actor": tree.operator.id, "events": context_for().events}
    for task in await models.Task.filter(ticket_id=tree.children[0].id).order_by("position"):
        await workflow.complete_task(task.id, **reported)
    statements.clear()

    found = await register(first=30)

    assert found["totalCount"] == tasks
    assert len(statements) == 6


async def test_the_register_is_walked_in_the_order_of_the_log(db):
    async with snapshot() as connection:
        dialect = dialect_named(connection.capabilities.dialect)
        parameters = Parameters(dialect)
        layout = layout_of(RowPlan(models.Event, object, columns={"id": "id"}), dialect)
        where = AllOf((BY_AN_OPERATOR, First(models.Event, ("change_id",), BY_AN_OPERATOR)))
        words = select(layout, parameters, where, order_by("-id"), limit=26)
        plan = await explain(connection, words, parameters)

    assert "TEMP B-TREE" not in plan, plan
    assert "Sort" not in plan, plan
    assert "event_change_" in plan, plan
