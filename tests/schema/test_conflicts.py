"""A change of something that others changed meanwhile shows what they changed, and writes nothing."""

from dataclasses import replace
from unittest.mock import Mock

import pytest
from graphql import is_required_argument

import models
from schema import schema
from services.events import EventType
from services.intake.imports import Intake
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import NOW, save

CONFLICT = """
problems {
  code path
  ... on ConflictProblem { version changedBy { name } changes { field before after } current { id } }
}
"""
ASSIGN = f"""
mutation ($task: ID!, $operator: ID!, $version: Int) {{
  assignTask(taskId: $task, operatorId: $operator, expectedVersion: $version) {{ task {{ version }} {CONFLICT} }}
}}
"""
BUTTONS = {"generateOpportunities", "syncOpportunities", "generateActivities", "mapOpportunity"}
"""Mutations that bring about actions or rows of their own. A plan token says what they may do."""

ADDITIONS = {"addTask", "addMilestone", "addComment", "addLink", "createToken"}
"""Mutations that add a row beside others, whatever happened to these."""

EDITED = {
    "taskId": (models.Task, "notes", "notes"),
    "milestoneId": (models.Milestone, "title", "title"),
    "ticketId": (models.Ticket, "notes", "notes"),
    "intakeItemId": (models.IntakeItem, "explanation", "explanation"),
    "commentId": (models.Comment, "body", "body"),
    "linkId": (models.Link, "title", "title"),
    "actionId": (models.Action, "reason", "reason"),
    "opportunityId": (models.Opportunity, "title", "title"),
    "operatorId": (models.Operator, "name", "name"),
}
"""The rows that people edit, by the argument that names them, with a column and the field that shows it. Where a
mutation has several of these arguments, the first of them names the row."""

OTHERS = {
    "operatorId": '"opr_01h455vb4pex5vsknk084sn02q"',
    "dueOn": '"2027-01-07"',
    "reason": '"x"',
    "TaskInput": '{ notes: "x" }',
    "TicketInput": '{ notes: "x" }',
    "OperatorInput": '{ name: "x" }',
    "entryId": '"chk_01h455vb4pex5vsknk084sn02q"',
    "done": "true",
    "body": '"x"',
    "repair": "KEEP",
}
"""Values for what a mutation requires beside the row: by the name of the argument, or by the type of an input."""

MUTATIONS = schema._schema.mutation_type.fields
VERSIONED = {name: field for name, field in MUTATIONS.items() if "expectedVersion" in field.args}


def call_of(name):
    """Call a mutation on the row `$id` as somebody does who has read its first version."""
    field = MUTATIONS[name]
    row = next(argument for argument in EDITED if argument in field.args)
    required = {
        one: str(argument.type).rstrip("!")
        for one, argument in field.args.items()
        if is_required_argument(argument) and one != row
    }
    others = "".join(f", {one}: {OTHERS.get(one) or OTHERS[kind]}" for one, kind in required.items())
    return row, f"mutation ($id: ID!) {{ {name}({row}: $id{others}, expectedVersion: 1) {{ {CONFLICT} }} }}"


@pytest.fixture
async def rows(db):
    tree = await factories.save_tree(children=1, milestones=1, tasks=1)
    action = models.Action(
        kind="SYNC_OPPORTUNITIES", status="COMPLETED", item_count=1, finished_count=1, created_at=NOW
    )
    about = {"tree_id": tree.parent.id, "subject_id": tree.parent.id, "ticket_id": tree.parent.id}
    await save(
        action,
        models.Comment(**about, author_id=tree.operator.id, body="Chiamare", created_at=NOW),
        models.Link(
            **about,
            purpose="OTHER",
            title="Incarico",
            url="https://example.com",
            added_by_id=tree.operator.id,
            added_at=NOW,
        ),
        models.IntakeItem(
            crm_activity_id=factories.number(),
            status="WAITING",
            reason="NO_KIT",
            explanation="No kit is named.",
            subject="",
            description="",
            created_at=NOW,
        ),
        *(models.Stream(id=one) for one in (tree.parent.id, action.id)),
    )
    return {
        "ticket": tree.parent,
        "operator": tree.operator,
        "milestone": await models.Milestone.filter(ticket_id=tree.parent.id).first(),
        "task": await models.Task.filter(ticket_id=tree.parent.id).order_by("position").first(),
        "opportunity": await models.Opportunity.first(),
        "action": action,
    }


@pytest.mark.parametrize("name", VERSIONED)
async def test_who_has_read_an_earlier_version_is_told_both_values_and_changes_nothing(execute, rows, name):
    argument, document = call_of(name)
    model, column, field = EDITED[argument]
    row = await model.all().order_by("id").first()
    before, giulia = getattr(row, column), factories.operator(name="Giulia")
    await save(giulia)
    context = context_for(Role.ADMIN)
    async with context.events.change(row.event_stream_id, actor=giulia.id) as change:
        await change.update(row, kind=EventType.ACTION_PROGRESSED, **{column: "Nuovo"})
    intake = Intake(crm=Mock(), events=context.events, calendar=context.calendar, sub_type_id=1)

    answer = await execute(document, replace(context, intake=intake), id=row.id)

    assert answer.errors is None
    assert answer.data[name]["problems"] == [
        {
            "code": "CONFLICT",
            "path": ["expectedVersion"],
            "version": 2,
            "changedBy": {"name": "Giulia"},
            "changes": [{"field": field, "before": before, "after": "Nuovo"}],
            "current": {"id": row.id},
        }
    ]
    assert await models.Event.all().count() == 1


async def test_a_conflict_shows_who_changed_what_since_the_caller_looked(execute, rows):
    giulia, luca = factories.operator(name="Giulia"), factories.operator(name="Luca")
    await save(giulia, luca)
    task = rows["task"]
    by_giulia = context_for(Role.OPERATOR, operator_id=giulia.id)
    for operator in (luca, giulia):
        await execute(ASSIGN, by_giulia, task=task.id, operator=operator.id)

    answer = await execute(ASSIGN, by_giulia, task=task.id, operator=luca.id, version=1)

    [problem] = answer.data["assignTask"]["problems"]
    assert (problem["version"], problem["changedBy"]) == (3, {"name": "Giulia"})
    assert problem["changes"] == [{"field": "assignee", "before": task.assignee_id, "after": giulia.id}]
    assert (await models.Task.get(id=task.id)).assignee_id == giulia.id


async def test_a_conflict_shows_no_change_that_the_caller_has_seen(execute, rows):
    luca = factories.operator(name="Luca")
    await save(luca)
    task, context = rows["task"], context_for(Role.OPERATOR)
    await execute(ASSIGN, context, task=task.id, operator=luca.id)
    await execute("mutation ($id: ID!) { startTask(taskId: $id) { problems { code } } }", context, id=task.id)

    answer = await execute(ASSIGN, context, task=task.id, operator=luca.id, version=2)

    [problem] = answer.data["assignTask"]["problems"]
    fields = {change["field"]: (change["before"], change["after"]) for change in problem["changes"]}
    assert fields.keys() == {"status", "startedAt"}
    assert fields["status"] == ("TODO", "IN_PROGRESS")


def test_every_mutation_of_a_row_that_people_edit_takes_the_version_that_they_looked_at():
    named = {*EDITED, "subjectId"}
    without = {
        name
        for name, field in MUTATIONS.items()
        if named & field.args.keys() and "expectedVersion" not in field.args
    }

    assert without == BUTTONS | ADDITIONS


def test_whoever_changes_many_tasks_says_of_each_which_version_they_looked_at():
    target = schema._schema.type_map["TaskTargetInput"]

    assert "expectedVersion" in target.fields
