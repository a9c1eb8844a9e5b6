"""A checklist is ticked entry by entry, so that two people never overwrite each other."""

import asyncio

import pytest

import models
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW, save

ENTRIES = "checklist { id text done doneAt doneBy { name } }"
TICK = f"""
mutation ($task: ID!, $entry: ID!, $done: Boolean!) {{
  tickChecklist(taskId: $task, entryId: $entry, done: $done) {{
    task {{ version {ENTRIES} }}
    problems {{ code path }}
  }}
}}
"""
REWRITE = f"""
mutation ($task: ID!, $lines: [ChecklistEntryInput!], $version: Int) {{
  updateTask(taskId: $task, input: {{ checklist: $lines }}, expectedVersion: $version) {{
    task {{ {ENTRIES} }}
    problems {{ code path ... on ConflictProblem {{ changes {{ field before after }} }} }}
  }}
}}
"""


@pytest.fixture
async def people(db):
    giulia, luca = factories.operator(name="Giulia"), factories.operator(name="Luca")
    await save(giulia, luca)
    return [context_for(Role.OPERATOR, operator_id=one.id) for one in (giulia, luca)]


@pytest.fixture
async def task(db):
    tree = await factories.save_tree(children=0)
    task = await models.Task.filter(ticket_id=tree.parent.id).order_by("position").first()
    entries = [{"id": f"chk_{n}", "text": text, "done": False} for n, text in enumerate(("Visura", "Delega"))]
    await models.Task.filter(id=task.id).update(checklist=entries)
    return task


async def test_a_tick_says_who_made_it_and_when(execute, people, task):
    answer = await execute(TICK, people[0], task=task.id, entry="chk_1", done=True)

    assert answer.data["tickChecklist"] == {
        "task": {
            "version": 2,
            "checklist": [
                {"id": "chk_0", "text": "Visura", "done": False, "doneAt": None, "doneBy": None},
                {
                    "id": "chk_1",
                    "text": "Delega",
                    "done": True,
                    "doneAt": NOW.isoformat(),
                    "doneBy": {"name": "Giulia"},
                },
            ],
        },
        "problems": [],
    }


async def test_a_tick_that_is_taken_away_leaves_no_name_behind(execute, people, task):
    await execute(TICK, people[0], task=task.id, entry="chk_1", done=True)

    answer = await execute(TICK, people[1], task=task.id, entry="chk_1", done=False)

    entry = answer.data["tickChecklist"]["task"]["checklist"][1]
    assert entry == {"id": "chk_1", "text": "Delega", "done": False, "doneAt": None, "doneBy": None}


async def test_a_second_tick_of_the_same_entry_keeps_the_first_name(execute, people, task):
    await execute(TICK, people[0], task=task.id, entry="chk_1", done=True)

    answer = await execute(TICK, people[1], task=task.id, entry="chk_1", done=True)

    assert answer.data["tickChecklist"]["task"]["checklist"][1]["doneBy"] == {"name": "Giulia"}
    assert await models.Event.all().count() == 1


async def test_two_people_who_tick_at_once_both_keep_their_tick(execute, people, task):
    await asyncio.gather(
        execute(TICK, people[0], task=task.id, entry="chk_0", done=True),
        execute(TICK, people[1], task=task.id, entry="chk_1", done=True),
    )

    ticked = (await models.Task.get(id=task.id)).checklist
    assert [entry["doneBy"] for entry in ticked] == [one.viewer.operator_id for one in people]


async def test_the_operators_who_ticked_the_entries_of_many_tasks_are_read_with_one_statement(
    execute, people, task, statements
):
    tasks = await models.Task.all()
    for one in tasks:
        await models.Task.filter(id=one.id).update(
            checklist=[
                {
                    "id": "chk_1",
                    "text": "Visura",
                    "done": True,
                    "doneAt": NOW.isoformat(),
                    "doneBy": who.viewer.operator_id,
                }
                for who in people
            ]
        )
    statements.clear()

    answer = await execute(
        f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Task {{ {ENTRIES} }} }} }}",
        ids=[one.id for one in tasks],
    )

    names = [[entry["doneBy"]["name"] for entry in one["checklist"]] for one in answer.data["nodes"]]
    assert names == [["Giulia", "Luca"]] * 4
    assert len(statements) == 2


async def test_a_rewritten_checklist_keeps_the_ticks_of_the_entries_that_stay(execute, people, task):
    await execute(TICK, people[0], task=task.id, entry="chk_1", done=True)
    lines = [{"text": "Bilancio"}, {"id": "chk_1", "text": "Delega firmata"}]

    answer = await execute(REWRITE, people[1], task=task.id, lines=lines)

    new, kept = answer.data["updateTask"]["task"]["checklist"]
    assert (new["text"], new["done"]) == ("Bilancio", False)
    assert new["id"].startswith("chk_")
    assert (kept["id"], kept["text"], kept["doneBy"]) == ("chk_1", "Delega firmata", {"name": "Giulia"})


async def test_a_checklist_that_was_ticked_meanwhile_is_not_rewritten(execute, people, task):
    await execute(TICK, people[0], task=task.id, entry="chk_1", done=True)

    answer = await execute(REWRITE, people[1], task=task.id, lines=[], version=1)

    [problem] = answer.data["updateTask"]["problems"]
    [change] = problem["changes"]
    assert (problem["code"], change["field"]) == ("CONFLICT", "checklist")
    assert [entry["done"] for entry in change["after"]] == [False, True]
    assert len((await models.Task.get(id=task.id)).checklist) == 2


@pytest.mark.parametrize(
    ("lines", "code", "path"),
    [
        pytest.param(
            [{"id": "chk_9", "text": "x"}],
            "UNKNOWN_CHECKLIST_ENTRY",
            ["input", "checklist", "0", "id"],
            id="an unknown entry",
        ),
        pytest.param(
            [{"id": "chk_0", "text": "x"}] * 2,
            "UNKNOWN_CHECKLIST_ENTRY",
            ["input", "checklist", "1", "id"],
            id="an entry twice",
        ),
        pytest.param(
            [{"text": "x"}, {"text": " "}],
            "BAD_USER_INPUT",
            ["input", "checklist", "1", "text"],
            id="an entry without text",
        ),
        pytest.param(
            [{"text": "x"}, {"text": "x" * 501}],
            "TEXT_TOO_LONG",
            ["input", "checklist", "1", "text"],
            id="a long entry",
        ),
        pytest.param([{"text": "x"}] * 51, "BAD_USER_INPUT", ["input", "checklist"], id="too many entries"),
    ],
)
async def test_an_impossible_entry_is_a_problem_with_its_path(execute, people, task, lines, code, path):
    answer = await execute(REWRITE, people[0], task=task.id, lines=lines)

    assert answer.errors is None
    assert answer.data["updateTask"]["problems"] == [{"code": code, "path": path}]
    assert await models.Event.all().count() == 0


async def test_an_entry_that_is_not_there_cannot_be_ticked(execute, people, task):
    answer = await execute(TICK, people[0], task=task.id, entry="chk_9", done=True)

    assert answer.data["tickChecklist"]["problems"] == [
        {"code": "UNKNOWN_CHECKLIST_ENTRY", "path": ["entryId"]}
    ]


async def test_the_checklist_of_a_cancelled_ticket_stays_as_it_is(execute, people, task):
    await models.Ticket.filter(id=task.ticket_id).update(status="CANCELLED")

    answer = await execute(TICK, people[0], task=task.id, entry="chk_1", done=True)

    assert answer.data["tickChecklist"]["problems"] == [{"code": "TICKET_CANCELLED", "path": ["taskId"]}]
