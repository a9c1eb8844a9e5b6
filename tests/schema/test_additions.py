"""Operators add tasks and milestones to a ticket, finished or not."""

import pytest

import models
from models.identity import new_id
from tests.schema.conftest import worker
from tests.support import factories
from tests.support.factories import save

ADD_TASK = """
mutation ($milestone: ID!, $input: NewTaskInput!, $after: ID, $key: String) {
  addTask(milestoneId: $milestone, input: $input, afterTaskId: $after, requestKey: $key) {
    task {
      id title position mandatory status workflowRole assignee { name } estimatedHours slaDays startsOn dueOn
      originalDueOn notes checklist { text done } ready
    }
    ticket { status dueOn milestones { status dueOn tasks { title position } } }
    problems { code path }
  }
}
"""
ADD_MILESTONE = """
mutation ($ticket: ID!, $input: NewMilestoneInput!, $key: String) {
  addMilestone(ticketId: $ticket, input: $input, requestKey: $key) {
    milestone {
      id title position kind status dependsOn startsOn dueOn blocked
      tasks { title position workflowRole startsOn dueOn notes }
    }
    ticket { status dueOn milestones { title } }
    problems { code path }
  }
}
"""


@pytest.fixture
def giulia():
    return worker()


@pytest.fixture
async def tree(db):
    """An onboarding of four tasks, all due on Monday 23 November."""
    tree = await factories.save_tree(children=0)
    for task in await models.Task.all():
        await models.Task.filter(id=task.id).update(title=f"Lavoro {task.position}")
    await factories.store_facts()
    await models.Event.all().delete()
    return tree


@pytest.fixture
async def onboarding(tree):
    return await models.Milestone.get(ticket_id=tree.parent.id)


def titles(ticket):
    return [(task["position"], task["title"]) for task in ticket["milestones"][0]["tasks"]]


async def test_a_task_that_is_added_takes_what_is_left_out_from_the_one_before_it(
    execute, giulia, tree, onboarding
):
    answer = await execute(ADD_TASK, giulia, milestone=onboarding.id, input={"title": "Privacy"})

    payload = answer.data["addTask"]
    assert {name: value for name, value in payload["task"].items() if name != "id"} == {
        "title": "Privacy",
        "position": 5,
        "mandatory": True,
        "status": "TODO",
        "workflowRole": "Consulente",
        "assignee": {"name": tree.operator.name},
        "estimatedHours": "1.00",
        "slaDays": 1,
        "startsOn": "2026-11-23",
        "dueOn": "2026-11-24",
        "originalDueOn": "2026-11-24",
        "notes": None,
        "checklist": [],
        "ready": False,
    }
    assert payload["ticket"]["dueOn"] == payload["ticket"]["milestones"][0]["dueOn"] == "2026-11-24"


async def test_a_task_may_say_everything_itself(execute, giulia, onboarding):
    sara = factories.operator(name="Sara")
    await save(sara)
    values = {
        "title": "Privacy",
        "mandatory": False,
        "slaDays": 3,
        "dueOn": "2026-11-28",
        "workflowRole": "Legale",
        "assigneeId": sara.id,
        "estimatedHours": "0.25",
        "checklist": ["Delega"],
        "notes": "Chiamare prima",
    }

    answer = await execute(ADD_TASK, giulia, milestone=onboarding.id, input=values)

    task = answer.data["addTask"]["task"]
    assert task["dueOn"] == "2026-11-30", "The 28th is a Saturday."
    assert (task["assignee"], task["workflowRole"]) == ({"name": "Sara"}, "Legale")
    assert (task["mandatory"], task["slaDays"], task["estimatedHours"]) == (False, 3, "0.25")
    assert (task["notes"], task["checklist"]) == ("Chiamare prima", [{"text": "Delega", "done": False}])


async def test_a_task_may_be_added_between_two_others(execute, giulia, onboarding):
    second = await models.Task.get(milestone_id=onboarding.id, position=2)

    answer = await execute(
        ADD_TASK, giulia, milestone=onboarding.id, input={"title": "Privacy"}, after=second.id
    )

    assert titles(answer.data["addTask"]["ticket"]) == [
        (1, "Lavoro 1"),
        (2, "Lavoro 2"),
        (3, "Privacy"),
        (4, "Lavoro 3"),
        (5, "Lavoro 4"),
    ]


async def test_a_task_that_ends_its_milestone_later_moves_what_depends_on_it(
    execute, giulia, tree, onboarding
):
    later = factories.milestone(tree.parent, position=2, title="Consegna", depends_on=[1])
    await save(later, factories.task(later, assignee_id=tree.operator.id))

    answer = await execute(
        ADD_TASK, giulia, milestone=onboarding.id, input={"title": "Privacy", "slaDays": 2}
    )

    dates = [one["dueOn"] for one in answer.data["addTask"]["ticket"]["milestones"]]
    assert dates == ["2026-11-25", "2026-11-25"]
    created = await models.Event.get(kind="TASK_CREATED")
    moved = await models.Event.filter(kind__contains="RESCHEDULED")
    assert {event.cause for event in moved} == {created.id}


async def test_a_finished_ticket_reopens_for_an_added_task(execute, giulia, tree, onboarding):
    await models.Task.all().update(status="DONE")
    await models.Milestone.all().update(status="COMPLETED")
    await models.Ticket.all().update(status="CLOSED")

    answer = await execute(ADD_TASK, giulia, milestone=onboarding.id, input={"title": "Privacy"})

    ticket = answer.data["addTask"]["ticket"]
    assert (ticket["status"], ticket["milestones"][0]["status"]) == ("IN_PROGRESS", "IN_PROGRESS")
    created = await models.Event.get(kind="TASK_CREATED")
    reopened = await models.Event.get(kind="MILESTONE_IN_PROGRESS")
    assert (reopened.cause, created.entity_id) == (created.id, answer.data["addTask"]["task"]["id"])


@pytest.mark.parametrize(
    ("values", "code", "path"),
    [
        pytest.param({"title": ""}, "BAD_USER_INPUT", ["title"], id="no title"),
        pytest.param({"title": "x" * 201}, "TEXT_TOO_LONG", ["title"], id="a long title"),
        pytest.param({"slaDays": 0}, "BAD_USER_INPUT", ["slaDays"], id="no days"),
        pytest.param({"slaDays": 366}, "BAD_USER_INPUT", ["slaDays"], id="too many days"),
        pytest.param({"dueOn": "2026-11-20"}, "DATE_OUT_OF_RANGE", ["dueOn"], id="before the ticket"),
        pytest.param({"dueOn": "9999-12-31"}, "DATE_OUT_OF_RANGE", ["dueOn"], id="beyond the calendar"),
        pytest.param({"assigneeId": "x"}, "UNKNOWN_OPERATOR", ["assigneeId"], id="an unknown operator"),
        pytest.param({"estimatedHours": "0"}, "BAD_USER_INPUT", ["estimatedHours"], id="no hours"),
        pytest.param({"workflowRole": " "}, "BAD_USER_INPUT", ["workflowRole"], id="no role"),
        pytest.param({"checklist": ["x", ""]}, "BAD_USER_INPUT", ["checklist", "1"], id="an empty entry"),
        pytest.param({"checklist": ["x" * 501]}, "TEXT_TOO_LONG", ["checklist", "0"], id="a long entry"),
    ],
)
async def test_an_impossible_task_is_a_problem_with_its_path_wherever_it_stands(
    execute, giulia, tree, onboarding, values, code, path
):
    task = {"title": "Privacy", **values}

    alone = await execute(ADD_TASK, giulia, milestone=onboarding.id, input=task)
    below = await execute(
        ADD_MILESTONE,
        giulia,
        ticket=tree.parent.id,
        input={"title": "Consegna", "tasks": [{"title": "x"}, task]},
    )

    assert alone.data["addTask"]["problems"] == [{"code": code, "path": ["input", *path]}]
    assert below.data["addMilestone"]["problems"] == [{"code": code, "path": ["input", "tasks", "1", *path]}]
    assert await models.Event.all().count() == 0


async def test_a_milestone_is_added_behind_the_others_with_its_tasks(execute, giulia, tree):
    tasks = [
        {"title": "Bozza", "slaDays": 2, "workflowRole": "Legale"},
        {"title": "Firma", "notes": "Perché?"},
    ]
    values = {"title": "Consegna", "kind": "CRITICAL", "slaDays": 1, "tasks": tasks}

    answer = await execute(ADD_MILESTONE, giulia, ticket=tree.parent.code, input=values)

    payload = answer.data["addMilestone"]
    assert {name: value for name, value in payload["milestone"].items() if name != "id"} == {
        "title": "Consegna",
        "position": 2,
        "kind": "CRITICAL",
        "status": "PLANNED",
        "dependsOn": [1],
        "startsOn": "2026-11-23",
        "dueOn": "2026-11-26",
        "blocked": True,
        "tasks": [
            {
                "title": "Bozza",
                "position": 1,
                "workflowRole": "Legale",
                "startsOn": "2026-11-23",
                "dueOn": "2026-11-25",
                "notes": None,
            },
            {
                "title": "Firma",
                "position": 2,
                "workflowRole": "Legale",
                "startsOn": "2026-11-25",
                "dueOn": "2026-11-26",
                "notes": "Perché?",
            },
        ],
    }
    assert payload["ticket"] == {
        "status": "OPEN",
        "dueOn": "2026-11-26",
        "milestones": [{"title": "Onboarding"}, {"title": "Consegna"}],
    }


async def test_a_closed_ticket_reopens_for_an_added_milestone(execute, giulia, tree):
    await models.Task.all().update(status="DONE")
    await models.Milestone.all().update(status="COMPLETED")
    await models.Ticket.all().update(status="CLOSED")

    answer = await execute(ADD_MILESTONE, giulia, ticket=tree.parent.id, input={"title": "Consegna"})

    assert answer.data["addMilestone"]["ticket"]["status"] == "IN_PROGRESS"


async def test_a_milestone_waits_for_those_that_it_names(execute, giulia, tree, onboarding):
    waits_for = [onboarding.id, new_id("mil")]

    refused = await execute(
        ADD_MILESTONE, giulia, ticket=tree.parent.id, input={"title": "Consegna", "waitsForIds": waits_for}
    )
    await execute(ADD_MILESTONE, giulia, ticket=tree.parent.id, input={"title": "Consegna"})
    answer = await execute(
        ADD_MILESTONE,
        giulia,
        ticket=tree.parent.id,
        input={"title": "Verifica", "waitsForIds": [onboarding.id]},
    )

    assert refused.data["addMilestone"]["problems"] == [
        {"code": "BAD_USER_INPUT", "path": ["input", "waitsForIds", "1"]}
    ]
    assert answer.data["addMilestone"]["milestone"]["dependsOn"] == [1]


async def test_nothing_is_added_to_what_is_cancelled(execute, giulia, tree, onboarding):
    await models.Milestone.all().update(status="CANCELLED")
    milestone = await execute(ADD_TASK, giulia, milestone=onboarding.id, input={"title": "x"})
    await models.Ticket.all().update(status="CANCELLED")
    ticket = await execute(ADD_MILESTONE, giulia, ticket=tree.parent.id, input={"title": "x"})

    assert milestone.data["addTask"]["problems"][0]["code"] == "MILESTONE_CANCELLED"
    assert ticket.data["addMilestone"]["problems"][0]["code"] == "TICKET_CANCELLED"


async def test_a_task_follows_only_a_task_of_its_milestone(execute, giulia, onboarding):
    answer = await execute(
        ADD_TASK, giulia, milestone=onboarding.id, input={"title": "x"}, after=new_id("tsk")
    )

    assert answer.data["addTask"]["problems"] == [{"code": "UNKNOWN_TASK", "path": ["afterTaskId"]}]


async def test_a_first_task_without_another_one_before_it_must_name_its_role(execute, giulia, tree):
    await models.Task.all().delete()
    milestone = await models.Milestone.get(ticket_id=tree.parent.id)

    answer = await execute(ADD_TASK, giulia, milestone=milestone.id, input={"title": "x"})

    assert answer.data["addTask"]["problems"] == [
        {"code": "BAD_USER_INPUT", "path": ["input", "workflowRole"]}
    ]


async def test_fifty_tasks_are_as_many_as_a_milestone_holds(execute, giulia, tree, onboarding):
    full = {"title": "Consegna", "tasks": [{"title": "x"}] * 50}
    added = await execute(ADD_MILESTONE, giulia, ticket=tree.parent.id, input=full)
    too_many = {"title": "Consegna", "tasks": [{"title": "x"}] * 51}
    refused = await execute(ADD_MILESTONE, giulia, ticket=tree.parent.id, input=too_many)
    milestone_id = added.data["addMilestone"]["milestone"]["id"]

    answer = await execute(ADD_TASK, giulia, milestone=milestone_id, input={"title": "x"})

    assert refused.data["addMilestone"]["problems"] == [
        {"code": "TOO_MANY", "path": ["input", "tasks", "50"]}
    ]
    assert answer.data["addTask"]["problems"] == [{"code": "TOO_MANY", "path": ["milestoneId"]}]


async def test_the_facts_of_a_ticket_are_right_after_additions(execute, giulia, tree, onboarding):
    first = await models.Task.get(milestone_id=onboarding.id, position=1)
    await execute(ADD_TASK, giulia, milestone=onboarding.id, input={"title": "x"}, after=first.id)
    await execute(
        ADD_MILESTONE, giulia, ticket=tree.parent.id, input={"title": "y", "tasks": [{"title": "z"}]}
    )

    assert [one async for one in factories.keeper().rebuild(giulia.events)] == []
    assert (await models.Ticket.get(id=tree.parent.id)).task_count == 6
