"""Rows in live items are read by compiled statements, and are the same as when they are executed."""

from collections import Counter
from contextlib import AsyncExitStack, aclosing
from random import Random

import orjson
import pytest
from graphql import OperationType
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import models
from schema import schema
from schema.compiled import SelectedRows
from services.tickets import workflow
from services.vocabulary import Role
from tests.schema.compiled.test_equality import PAGES, canonical, stocked
from tests.schema.conftest import context_for
from tests.support.console_documents import documents
from tests.support.live_trees import WATCH, save_live_tree, watching_over
from tests.support.random_documents import RandomDocument

EXAMPLES = 40

COMPILABLE = """subscription ($id: ID!, $titled: Boolean!) {
  ticketEvents(ticketId: $id) {
    state by { __typename ... on Operator { id name } ... on SystemActor { systemName: name } }
    events { id kind by { __typename ... on Operator { id name } } }
    rows { tickets { id progress } tasks { id status title @include(if: $titled) milestone { progress } } } } }"""


@pytest.fixture
def ways(broadcast, log):
    """The context of a caller whose rows are executed, and of one whose rows are compiled if they can be."""

    def make(role=Role.OPERATOR, count=lambda *_: None):
        doors = {"events": log, "watching": watching_over(broadcast), "crm_pages": PAGES}
        return [
            context_for(role, **doors, finishes_rows=finishes) for finishes in (None, SelectedRows(count))
        ]

    return make


async def first_item(text, variables, context):
    async with aclosing(await schema.stream(text, variables, context)) as results:
        result = await anext(results)
    errors = [(error.message, error.path) for error in result.errors or ()]
    data = orjson.loads(result.json)["data"] if result.data else None
    return canonical(data), errors


@pytest.mark.parametrize("everything", [False, True], ids=["compilable fields", "all fields"])
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(seed=st.integers(0, 2**32), role=st.sampled_from(Role))
async def test_a_snapshot_is_the_same_compiled_and_executed(db, ways, monkeypatch, seed, role, everything):
    monkeypatch.setattr("services.reads.reader.READ_SECONDS", 600.0)
    random = Random(seed)
    document = RandomDocument(random, await stocked(db, random), everything)
    ticket = random.choice(await models.Ticket.all().order_by("id"))
    text = document.subscription(f'ticketEvents(ticketId: "{ticket.id}")', "TreeRows")

    executed, compiled = [await first_item(text, document.variables, context) for context in ways(role)]

    assert compiled == executed, (text, document.variables)


@pytest.fixture
async def change(log):
    """Watch a tree, let an operator complete a task of it, and return the item of each watcher."""
    tree = await save_live_tree(children=2)
    task = await models.Task.filter(ticket_id=tree.children[0].id).order_by("id").first()
    operator = await models.Operator.all().order_by("id").first()

    async def seen(document, contexts, **variables):
        async with AsyncExitStack() as held:
            streams = []
            for context in contexts:
                stream = await schema.stream(document, {"id": tree.parent.id, **variables}, context)
                streams.append(await held.enter_async_context(aclosing(stream)))
                await anext(stream)
            await workflow.complete_task(task.id, actor=operator.id, events=log)
            return [orjson.loads((await anext(one)).json)["data"]["ticketEvents"] for one in streams]

    return seen


async def test_a_change_is_the_same_compiled_and_executed(change, ways):
    executed, compiled = await change(WATCH, ways())

    assert compiled == executed
    assert [one["status"] for one in executed["rows"]["tasks"]][:1] == ["DONE"]
    assert executed["by"]["__typename"] == "Operator"
    assert executed["events"]


async def test_each_type_of_rows_is_read_by_a_compiled_statement(change, ways):
    read = Counter()

    [_, item] = await change(COMPILABLE, ways(count=lambda *how: read.update([how])), titled=True)

    assert item["rows"]["tasks"][0]["title"]
    assert item["events"][0]["by"] == item["by"]
    # The tickets and tasks of the snapshot; then those of the change, its events and its author.
    assert read == {("compiled", ""): 6}


async def test_what_a_function_computes_is_executed_and_the_other_rows_are_not(change, ways):
    read = Counter()
    document = COMPILABLE.replace("status title", "checklist { text } title")

    [_, item] = await change(document, ways(count=lambda *how: read.update([how])), titled=False)

    assert item["rows"]["tasks"][0]["checklist"] == []
    assert "title" not in item["rows"]["tasks"][0]
    assert read == {("executed", "function"): 1, ("compiled", ""): 4}


@pytest.mark.parametrize("name", ["AvanzamentoDalVivo", "TreeEvents"])
async def test_the_rows_of_a_tree_that_the_console_and_graphiql_watch_are_all_compiled(log, ways, name):
    tree = await save_live_tree(children=2)
    read = Counter()
    [_, context] = ways(count=lambda *how: read.update([how]))
    text = dict(documents(OperationType.SUBSCRIPTION))[name]

    data, errors = await first_item(text, {"id": tree.parent.id, "ticketId": tree.parent.id}, context)

    assert (errors, "SNAPSHOT" in data) == ([], True)
    assert read.keys() == {("compiled", "")}
