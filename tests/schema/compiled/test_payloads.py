"""What mutations answer about rows is read by compiled statements, and is the same as when it is executed."""

from random import Random

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

import models
from schema import schema
from schema.compiled import SelectedRows
from services.vocabulary import Role
from tests.schema.compiled.test_equality import PAGES, canonical, stocked
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import save
from tests.support.random_documents import RandomDocument

COMPLETE = """mutation ($id: ID!) { completeTask(taskId: $id) {
    task { id title ...Shown milestone { id ticket { progress } } }
    changed { tickets { id progress } tasks { id finishedAt ...Shown } }
    treeSeq problems { code } } }
    fragment Shown on Task { status SELECTED assignee { name } }"""
EXAMPLES = 40


@pytest.fixture
async def task(db):
    tree = await factories.save_tree(children=0)
    await save(models.Stream(id=tree.parent.id))
    return await models.Task.filter(ticket_id=tree.parent.id).order_by("id").first()


def selections(caller):
    """How many selections were read in each way."""
    found = {}
    for metric in caller.metrics.registry.collect():
        for sample in metric.samples:
            if sample.name == "hub_graphql_row_selections_total":
                found[sample.labels["executor"], sample.labels["reason"]] = int(sample.value)
    return found


@pytest.mark.parametrize("everything", [False, True], ids=["compilable fields", "all fields"])
@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(seed=st.integers(0, 2**32), role=st.sampled_from([Role.OPERATOR, Role.ADMIN]))
async def test_a_payload_is_the_same_compiled_and_executed(db, monkeypatch, seed, role, everything):
    monkeypatch.setattr("services.reads.reader.READ_SECONDS", 600.0)
    random = Random(seed)
    document = RandomDocument(random, await stocked(db, random), everything)
    task = random.choice(await models.Task.all().order_by("id"))
    text = document.mutation(f'updateTask(taskId: "{task.id}", input: {{}})', "task", "Task")
    ways = []

    for finishes in (None, SelectedRows(lambda *_: None)):
        context = context_for(role, crm_pages=PAGES, finishes_rows=finishes)
        result = await schema.execute(text, document.variables, context_value=context)
        errors = [(error.message, error.path) for error in result.errors or ()]
        ways.append((canonical(orjson.loads(orjson.dumps(result.data))), errors))

    assert ways[0] == ways[1], (text, document.variables)


async def test_the_rows_of_a_payload_are_read_by_compiled_statements(caller, task):
    answer = await caller.ask(COMPLETE.replace("SELECTED", "notes"), id=task.id)

    payload = answer.json["data"]["completeTask"]
    assert payload["problems"] == []
    assert payload["task"]["assignee"]["name"]
    assert (payload["task"]["status"], payload["treeSeq"]) == ("DONE", 3)
    assert [(one["id"], one["status"]) for one in payload["changed"]["tasks"]] == [(task.id, "DONE")]
    assert selections(caller) == {("compiled", ""): 3}


async def test_what_a_function_computes_is_executed_and_the_mutation_is_carried_out_once(caller, task):
    answer = await caller.ask(COMPLETE.replace("SELECTED", "checklist { text }"), id=task.id)

    payload = answer.json["data"]["completeTask"]
    assert payload["task"]["checklist"] == payload["changed"]["tasks"][0]["checklist"] == []
    assert selections(caller) == {("compiled", ""): 1, ("executed", "function"): 2}
    assert await models.Event.filter(kind="TASK_DONE").count() == 1


async def test_a_number_that_is_too_large_is_an_error_of_its_own_field(caller, task):
    await models.Stream.filter(id=task.tree_id).update(seq=2**31)

    answer = await caller.ask(COMPLETE.replace("SELECTED", "ticket { treeSeq }"), id=task.id)

    assert {error["path"][-1] for error in answer.json["errors"]} == {"treeSeq"}
    assert selections(caller) == {("compiled", ""): 1, ("executed", "doubt"): 2}
    assert await models.Event.filter(kind="TASK_DONE").count() == 1


async def test_a_row_that_does_not_exist_is_null_beside_its_problem(caller, db):
    answer = await caller.ask(COMPLETE.replace("SELECTED", "notes"), id="tsk_0")

    payload = answer.json["data"]["completeTask"]
    assert (payload["task"], payload["changed"]) == (None, None)
    assert payload["problems"] == [{"code": "UNKNOWN_TASK"}]
