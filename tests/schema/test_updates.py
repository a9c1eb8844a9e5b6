"""What people write about tasks and tickets can be changed, value by value."""

from decimal import Decimal

import pytest

import models
from services.texts import LONGEST_LABEL, LONGEST_NOTES
from tests.schema.conftest import worker
from tests.support import factories
from tests.support.factories import save

UPDATE_TASK = """
mutation ($id: ID!, $input: TaskInput!, $version: Int) {
  updateTask(taskId: $id, input: $input, expectedVersion: $version) {
    task { title notes estimatedHours workflowRole version }
    problems {
      code path
      ... on InvalidInputProblem { expected }
      ... on ConflictProblem { changes { field before after } }
    }
  }
}
"""
UPDATE_TICKET = """
mutation ($id: ID!, $input: TicketInput!, $version: Int) {
  updateTicket(ticketId: $id, input: $input, expectedVersion: $version) {
    ticket { notes priority owner { name } version milestones { tasks { assignee { name } status } } }
    problems { code path ... on ConflictProblem { changes { field before after } } }
  }
}
"""


@pytest.fixture
def giulia():
    return worker()


@pytest.fixture
async def tree(db):
    tree = await factories.save_tree(children=0)
    await factories.store_facts()
    await models.Event.all().delete()
    return tree


@pytest.fixture
async def tasks(tree):
    return await models.Task.filter(ticket_id=tree.parent.id).order_by("position")


@pytest.fixture
async def luca(db):
    luca = factories.operator(name="Luca")
    await save(luca)
    return luca


async def test_a_task_gets_the_values_that_are_given_and_keeps_the_others(execute, giulia, tasks):
    values = {"title": " Firma dell'incarico ", "notes": "Chiamare prima", "estimatedHours": "2.25"}

    answer = await execute(UPDATE_TASK, giulia, id=tasks[0].id, input=values)

    assert answer.data["updateTask"] == {
        "task": {
            "title": "Firma dell'incarico",
            "notes": "Chiamare prima",
            "estimatedHours": "2.25",
            "workflowRole": "Consulente",
            "version": 2,
        },
        "problems": [],
    }
    [event] = await models.Event.all()
    assert (event.kind, event.actor) == ("TASK_UPDATED", giulia.actor)
    assert event.before.keys() == {"title", "notes", "estimated_hours", "version"}


async def test_null_leaves_a_value_as_it_is_and_an_empty_text_empties_the_notes(execute, giulia, tasks):
    await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"notes": "Chiamare prima"})

    await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"notes": None, "title": None})
    kept = await models.Task.get(id=tasks[0].id)
    answer = await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"notes": ""})

    assert (kept.notes, kept.version) == ("Chiamare prima", 2)
    assert answer.data["updateTask"]["task"]["notes"] is None


async def test_a_title_is_found_by_its_new_words(execute, giulia, tasks):
    await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"title": "Perché l'incarico"})

    found = await execute('{ tasks(first: 5, filter: { text: "perche" }) { nodes { id } } }', giulia)

    assert found.data["tasks"]["nodes"] == [{"id": tasks[0].id}]


@pytest.mark.parametrize(
    ("values", "code", "path"),
    [
        pytest.param({"title": " \u200b"}, "BAD_USER_INPUT", ["input", "title"], id="no title"),
        pytest.param(
            {"title": "x" * (LONGEST_LABEL + 1)}, "TEXT_TOO_LONG", ["input", "title"], id="a long one"
        ),
        pytest.param(
            {"notes": "x" * (LONGEST_NOTES + 1)}, "TEXT_TOO_LONG", ["input", "notes"], id="long notes"
        ),
        pytest.param({"workflowRole": ""}, "BAD_USER_INPUT", ["input", "workflowRole"], id="no role"),
        *(
            pytest.param({"estimatedHours": hours}, "BAD_USER_INPUT", ["input", "estimatedHours"], id=hours)
            for hours in ("0", "-1", "999.01", "1.005", "NaN", "Infinity", "1e400", "1e-400")
        ),
    ],
)
async def test_a_value_that_is_not_possible_is_a_problem_with_its_path(
    execute, giulia, tasks, values, code, path
):
    answer = await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"notes": "x", **values})

    assert answer.errors is None
    [problem] = answer.data["updateTask"]["problems"]
    assert (problem["code"], problem["path"]) == (code, path)
    assert problem["expected"]
    assert await models.Event.all().count() == 0


async def test_a_conflict_shows_both_notes(execute, giulia, tasks):
    await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"notes": "di Giulia"})

    answer = await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"notes": "di Luca"}, version=1)

    [problem] = answer.data["updateTask"]["problems"]
    assert problem["code"] == "CONFLICT"
    assert problem["changes"] == [{"field": "notes", "before": "", "after": "di Giulia"}]
    assert (await models.Task.get(id=tasks[0].id)).notes == "di Giulia"


async def test_a_new_priority_reaches_the_urgency_of_the_work(execute, giulia, tree, tasks):
    answer = await execute(UPDATE_TICKET, giulia, id=tree.parent.code, input={"priority": "CRITICAL"})

    assert answer.data["updateTicket"]["ticket"]["priority"] == "CRITICAL"
    assert {task.urgency for task in await models.Task.all()} == {0}
    assert (await models.Ticket.get(id=tree.parent.id)).urgency == 0


async def test_a_new_owner_takes_over_the_open_tasks_of_the_previous_one_if_asked(
    execute, giulia, tree, tasks, luca
):
    other = factories.operator(name="Sara")
    await save(other)
    await models.Task.filter(id=tasks[0].id).update(status="DONE")
    await models.Task.filter(id=tasks[1].id).update(assignee_id=other.id)

    answer = await execute(
        UPDATE_TICKET, giulia, id=tree.parent.id, input={"ownerId": luca.id, "handOverTasks": True}
    )

    ticket = answer.data["updateTicket"]["ticket"]
    assert ticket["owner"] == {"name": "Luca"}
    people = [task["assignee"]["name"] for task in ticket["milestones"][0]["tasks"]]
    assert people == [tree.operator.name, "Sara", "Luca", "Luca"]
    own, *handed = await models.Event.all().order_by("seq")
    assert {event.cause for event in handed} == {own.id}


async def test_a_new_owner_alone_leaves_the_tasks_with_their_people(execute, giulia, tree, luca):
    answer = await execute(UPDATE_TICKET, giulia, id=tree.parent.id, input={"ownerId": luca.id})

    tasks = answer.data["updateTicket"]["ticket"]["milestones"][0]["tasks"]
    assert {task["assignee"]["name"] for task in tasks} == {tree.operator.name}


async def test_an_owner_must_be_an_active_operator(execute, giulia, tree, luca):
    await models.Operator.filter(id=luca.id).update(active=False)

    refused = [
        await execute(UPDATE_TICKET, giulia, id=tree.parent.id, input=values)
        for values in ({"ownerId": luca.id}, {"ownerId": tree.parent.id}, {"handOverTasks": True})
    ]

    problems = [answer.data["updateTicket"]["problems"] for answer in refused]
    assert problems == [
        [{"code": "INACTIVE_OPERATOR", "path": ["input", "ownerId"]}],
        [{"code": "UNKNOWN_OPERATOR", "path": ["input", "ownerId"]}],
        [{"code": "BAD_USER_INPUT", "path": ["input", "handOverTasks"]}],
    ]
    assert await models.Event.all().count() == 0


async def test_a_cancelled_ticket_and_its_tasks_stay_as_they_are(execute, giulia, tree, tasks):
    await models.Ticket.filter(id=tree.parent.id).update(status="CANCELLED")

    task = await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"notes": "x"})
    ticket = await execute(UPDATE_TICKET, giulia, id=tree.parent.id, input={"notes": "x"})

    assert task.data["updateTask"]["problems"] == [{"code": "TICKET_CANCELLED", "path": ["taskId"]}]
    assert ticket.data["updateTicket"]["problems"] == [{"code": "TICKET_CANCELLED", "path": ["ticketId"]}]


async def test_hours_are_stored_as_given(execute, giulia, tasks):
    await execute(UPDATE_TASK, giulia, id=tasks[0].id, input={"estimatedHours": "0.5"})

    assert (await models.Task.get(id=tasks[0].id)).estimated_hours == Decimal("0.50")


REDATE = """
mutation ($id: ID!, $dueOn: Date!, $reason: String) {{
  reschedule{row}({argument}: $id, dueOn: $dueOn, reason: $reason) {{
    {field} {{ dueOn rescheduledReason }} problems {{ code path }}
  }}
}}
"""


@pytest.mark.parametrize("field", ["task", "milestone"])
async def test_why_a_date_was_moved_is_kept_with_it_and_told_by_its_event(execute, tree, giulia, field):
    model = {"task": models.Task, "milestone": models.Milestone}[field]
    row = await model.filter(ticket_id=tree.parent.id).order_by("-position").first()
    document = REDATE.format(row=field.title(), argument=f"{field}Id", field=field)

    moved = await execute(document, giulia, id=row.id, dueOn="2027-01-20", reason=" Il cliente è in ferie. ")
    again = await execute(document, giulia, id=row.id, dueOn="2027-01-21")

    told = [next(iter(one.data.values()))[field] for one in (moved, again)]
    assert told == [
        {"dueOn": "2027-01-20", "rescheduledReason": "Il cliente è in ferie."},
        {"dueOn": "2027-01-21", "rescheduledReason": None},
    ]
    first, second = await models.Event.filter(entity_id=row.id).order_by("seq")
    assert first.after["rescheduled_reason"] == "Il cliente è in ferie."
    assert second.before["rescheduled_reason"] == "Il cliente è in ferie."
    others = models.Event.filter(change_id=first.change_id).exclude(entity_id=row.id)
    assert not any("rescheduled_reason" in (one.after or {}) for one in await others)


async def test_a_ticket_is_found_by_any_word_of_its_notes(execute, tree, giulia):
    notes = "Chiamare prima di Natale. " * 40 + "Chiedere perché L'Ufficio è chiuso!"
    update = "mutation ($id: ID!, $notes: String) { updateTicket(ticketId: $id, input: { notes: $notes }) { treeSeq } }"
    find = "query ($text: String) { tickets(filter: { text: $text }) { nodes { id } } }"
    await execute(update, giulia, id=tree.parent.id, notes=notes)

    found = await execute(find, giulia, text="PERCHE lufficio")
    await execute(update, giulia, id=tree.parent.id, notes="")
    no_longer = await execute(find, giulia, text="PERCHE lufficio")

    assert found.data["tickets"]["nodes"] == [{"id": tree.parent.id}]
    assert no_longer.data["tickets"]["nodes"] == []
