"""Tasks and milestones of all tickets, as operators look for them."""

from datetime import timedelta

import pytest

import models
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import TODAY, save

TASKS = """query($filter: TaskFilter, $orderBy: TaskOrder) {
    tasks(first: 100, filter: $filter, orderBy: $orderBy) { totalCount nodes { title ready ticket { code } } } }"""


@pytest.fixture
async def tree(db):
    """An onboarding of four tasks, and two children with three milestones of four tasks each."""
    tree = await factories.save_tree(children=2)
    await factories.store_facts()
    return tree


async def titles(ask, **arguments):
    return [one["title"] for one in (await ask(TASKS, **arguments))["tasks"]["nodes"]]


async def set_name(model, row_id, name):
    await model.filter(id=row_id).update(**model.with_sort_keys({"name": name}))


async def test_what_can_be_taken_up_now_is_one_task_of_each_ticket(ask, tree):
    found = (await ask(TASKS, filter={"ready": {"eq": True}}))["tasks"]

    assert found["totalCount"] == 3
    assert {one["ready"] for one in found["nodes"]} == {True}
    assert len({one["ticket"]["code"] for one in found["nodes"]}) == 3


async def test_own_work_is_that_of_the_caller(execute, tree):
    someone_else = factories.operator()
    await save(someone_else)
    mine = await models.Task.filter(ticket_id=tree.parent.id).first()
    await models.Task.filter(id=mine.id).update(assignee_id=someone_else.id, title="Solo mio")
    context = context_for(operator_id=someone_else.id)

    found = await execute(TASKS, context, filter={"assignee": {"isMe": True}})
    others = await execute(TASKS, context, filter={"assignee": {"isMe": False}})

    assert [one["title"] for one in found.data["tasks"]["nodes"]] == ["Solo mio"]
    assert others.data["tasks"]["totalCount"] == 27


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("verifica", ["Verifica dell'Attività", "Verifica dei dati"], id="a word"),
        pytest.param("ATTIVITA dell", ["Verifica dell'Attività"], id="words in any order and case"),
        pytest.param("verif att", ["Verifica dell'Attività"], id="parts of words"),
        pytest.param("visura", [], id="nothing"),
    ],
)
async def test_a_text_is_found_by_its_words(ask, tree, text, expected):
    first, second = await models.Task.filter(ticket_id=tree.parent.id).order_by("position").limit(2)
    for task, title in ((first, "Verifica dell'Attività"), (second, "Verifica dei dati")):
        task.title, task.sort_title = title, models.Task(title=title).sort_title
        await task.save()

    found = await titles(ask, filter={"text": text})

    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("colli euganei", id="the company"),
        pytest.param("TCK-COLLI-1234-00", id="the ticket's code"),
        pytest.param("incarico euganei", id="a title and the company"),
        pytest.param("onboarding 1234", id="the milestone and the code"),
    ],
)
async def test_work_is_found_by_what_is_above_it(ask, tree, text):
    await set_name(models.Company, tree.company.id, "Fonderie dei Colli Euganei S.p.A.")
    await models.Ticket.filter(id=tree.parent.id).update(code="TCK-COLLI-1234-00")
    other = await factories.save_tree(children=0)

    found = (await ask(TASKS, filter={"text": text, "ticketId": {"eq": tree.parent.id}}))["tasks"]
    elsewhere = (await ask(TASKS, filter={"text": text, "ticketId": {"eq": other.parent.id}}))["tasks"]

    assert found["totalCount"] == 4
    assert elsewhere["totalCount"] == 0


@pytest.mark.parametrize("field", ["tickets", "milestones"])
async def test_tickets_and_milestones_are_found_by_the_company(ask, tree, field):
    await set_name(models.Company, tree.company.id, "Fonderie dei Colli Euganei S.p.A.")
    await factories.save_tree(children=1)

    data = await ask(f'{{ {field}(filter: {{text: "euganei COLLI"}}) {{ totalCount }} }}')

    assert data[field]["totalCount"] == {"tickets": 3, "milestones": 7}[field]


async def test_the_work_of_a_trade_is_found_by_its_role(ask, tree):
    [one, *_] = await models.Task.filter(ticket_id=tree.parent.id)
    await models.Task.filter(id=one.id).update(workflow_role="Progettista", title="Progetto")

    assert await titles(ask, filter={"workflowRole": {"in": ["Progettista", "Analista"]}}) == ["Progetto"]


async def test_work_is_found_by_its_ticket(ask, tree):
    [child, _] = tree.children
    await models.Ticket.filter(id=child.id).update(priority="CRITICAL")
    wanted = {"ticket": {"kind": {"eq": "CHILD"}, "priority": {"eq": "CRITICAL"}}}

    data = await ask(
        """query($task: TaskFilter, $milestone: MilestoneFilter) {
            tasks(filter: $task) { totalCount } milestones(filter: $milestone) { totalCount } }""",
        task=wanted,
        milestone=wanted,
    )

    assert data == {"tasks": {"totalCount": 12}, "milestones": {"totalCount": 3}}


async def test_actions_that_need_a_person_or_were_pressed_by_one_are_found(ask, tree):
    columns = {
        "kind": "SYNC_OPPORTUNITIES",
        "status": "WAITING",
        "item_count": 1,
        "created_at": factories.NOW,
    }
    await save(
        models.Action(**columns, attention_count=1),
        models.Action(**columns, operator_id=tree.operator.id),
    )

    data = await ask(
        """{ waiting: actions(filter: {needsAttention: {eq: true}}) { nodes { attentionCount } }
            others: actions(filter: {needsAttention: {eq: false}}) { nodes { attentionCount } }
            pressed: actions(filter: {byPerson: {eq: true}}) { nodes { operator { id } } }
            automatic: actions(filter: {byPerson: {eq: false}}) { nodes { operator { id } } } }"""
    )

    assert data["waiting"]["nodes"] == [{"attentionCount": 1}]
    assert data["others"]["nodes"] == [{"attentionCount": 0}]
    assert data["pressed"]["nodes"] == [{"operator": {"id": tree.operator.id}}]
    assert data["automatic"]["nodes"] == [{"operator": None}]


@pytest.mark.parametrize("text", ["", " - ", "a" * 101])
async def test_a_text_without_words_or_too_long_is_refused_with_its_path(execute, db, text):
    result = await execute(TASKS, filter={"text": text})

    [error] = result.errors
    assert error.extensions["code"] == "BAD_USER_INPUT"
    assert error.extensions["path"] == ["filter", "text"]


@pytest.mark.parametrize(
    ("relative", "days"),
    [
        pytest.param({"from": 0, "before": 5}, [0, 1, 2, 3, 4], id="this working week"),
        pytest.param({"before": 0}, [-3, -2, -1], id="before today"),
        pytest.param({"from": 5}, [7, 8], id="from next Monday on"),
        pytest.param({"from": -1, "before": 1, "unit": "DAYS"}, [-1, 0], id="yesterday and today"),
    ],
)
async def test_days_are_counted_from_today(ask, db, relative, days):
    around = [-3, -2, -1, 0, 1, 2, 3, 4, 7, 8]
    await factories.save_tickets(
        *({"due_on": TODAY + timedelta(days=day), "title": str(day)} for day in around)
    )

    data = await ask(
        "query($days: RelativeDays!) { tickets(filter: {dueOn: {relative: $days}}) { nodes { title } } }",
        days=relative,
    )

    assert sorted(int(one["title"]) for one in data["tickets"]["nodes"]) == days


async def test_milestones_that_wait_are_found(ask, tree):
    data = await ask("{ milestones(filter: {blocked: {eq: true}}) { nodes { title blocked } } }")

    found = sorted(one["title"] for one in data["milestones"]["nodes"])
    assert found == ["Fase 2", "Fase 2", "Fase 3", "Fase 3"]


@pytest.mark.parametrize("children", [pytest.param(1, id="few"), pytest.param(30, id="many")])
async def test_a_page_of_work_takes_five_statements_whatever_there_is(ask, statements, children):
    await factories.save_tree(children=children)
    await factories.store_facts()
    statements.clear()

    await ask(
        """{ tasks(first: 10, filter: {ready: {eq: true}, assignee: {isMe: false}}) { totalCount nodes {
            title sla assignee { name } milestone { title } ticket { code } } } }"""
    )

    assert len(statements) == 5
