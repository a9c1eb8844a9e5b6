"""Who changes something that others changed since they looked is told what changed, and nothing is written."""

import pytest

import models
from schema import schema
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

ALONE = {"tickChecklist", "addTask", "addMilestone"}
"""Mutations that add to a row, or change one part of it, whatever happened to the others."""

STALE = {
    "task": [
        "startTask(taskId: $id",
        "assignTask(taskId: $id, operatorId: $operator",
        'rescheduleTask(taskId: $id, dueOn: "2027-01-07"',
        'updateTask(taskId: $id, input: { notes: "x" }',
    ],
    "milestone": [
        "completeMilestone(milestoneId: $id",
        'cancelMilestone(milestoneId: $id, reason: "x"',
        'rescheduleMilestone(milestoneId: $id, dueOn: "2027-01-07"',
    ],
    "ticket": [
        'cancelTicket(ticketId: $id, reason: "x"',
        'updateTicket(ticketId: $id, input: { notes: "x" }',
    ],
    "action": ["retryAction(actionId: $id", "cancelAction(actionId: $id"],
    "opportunity": ['repairOpportunity(opportunityId: $id, repair: KEEP, reason: "x"'],
}


@pytest.fixture
async def rows(db):
    tree = await factories.save_tree(children=1, milestones=1, tasks=1)
    action = models.Action(
        kind="SYNC_OPPORTUNITIES", status="COMPLETED", item_count=1, finished_count=1, created_at=NOW
    )
    await save(action)
    return {
        "ticket": tree.parent,
        "operator": tree.operator,
        "milestone": await models.Milestone.filter(ticket_id=tree.parent.id).first(),
        "task": await models.Task.filter(ticket_id=tree.parent.id).order_by("position").first(),
        "opportunity": await models.Opportunity.first(),
        "action": action,
    }


@pytest.mark.parametrize(
    ("row", "call"), [pytest.param(row, call, id=call) for row, calls in STALE.items() for call in calls]
)
async def test_a_version_that_is_not_there_is_a_conflict(execute, rows, row, call):
    document = f"mutation ($id: ID!, $operator: ID) {{ {call}, expectedVersion: 7) {{ {CONFLICT} }} }}"
    if "$operator" not in call:
        document = document.replace(", $operator: ID", "")
    else:
        document = document.replace("$operator: ID)", "$operator: ID!)")
    variables = {"id": rows[row].id, "operator": rows["operator"].id}

    answer = await execute(document, context_for(Role.OPERATOR), **variables)

    assert answer.errors is None
    [payload] = answer.data.values()
    assert payload["problems"] == [
        {
            "code": "CONFLICT",
            "path": ["expectedVersion"],
            "version": 1,
            "changedBy": None,
            "changes": [],
            "current": {"id": rows[row].id},
        }
    ]
    assert await models.Event.all().count() == 0


async def test_a_conflict_tells_who_changed_what_since_the_caller_looked(execute, rows):
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


async def test_a_conflict_tells_no_change_that_the_caller_has_seen(execute, rows):
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
    mutations = schema._schema.mutation_type.fields
    named = {"taskId", "milestoneId", "ticketId", "intakeItemId", "actionId", "opportunityId"}

    without = {
        name
        for name, field in mutations.items()
        if named & field.args.keys() and "expectedVersion" not in field.args
    }

    assert without == BUTTONS | ALONE
