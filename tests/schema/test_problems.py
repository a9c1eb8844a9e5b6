import importlib
import inspect
import pkgutil

import pytest
import strawberry
from strawberry.types import ExecutionResult

import models
import services
from resolvers.arguments import Reason, TaskId
from resolvers.problems import _shapes, answered, check_problems
from resolvers.reads.row_types import check_sources
from resolvers.reads.rows import loaded
from schema import schema as program
from schema.limits import EXTENSIONS
from schema.milestones import Task
from schema.operations import BoundedReads
from schema.problems import (
    ActionRunningProblem,
    ConflictProblem,
    InvalidInputProblem,
    Problem,
    RefusalProblem,
    problems,
)
from schema.query import Query
from schema.tickets import Ticket
from services.actions.ledger import ActionRunning
from services.errors import Conflict, Refusal, refusals_by_code
from services.planning.tickets.workflow import TaskNotInState
from services.records import UnknownTask
from services.texts import LONGEST_REASON
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories


@strawberry.type(description="The finished task, or what prevented it.")
class FinishTaskPayload:
    task: Task | None = loaded("The task as it is now.", by="id")
    ticket: Ticket | None = loaded("The ticket above it.", by="ticket_id")
    problems: list[Problem] = problems()


async def finish_task(info: strawberry.Info, task_id: TaskId, reason: Reason = None) -> models.Task:
    if isinstance(info.root_value, Refusal):
        raise info.root_value
    return info.root_value


@strawberry.type(description="One mutation as all of them are made.")
class Mutation:
    finish_task = answered(finish_task, FinishTaskPayload, "Finish a task.")


schema = strawberry.Schema(
    Query,
    mutation=Mutation,
    types=[RefusalProblem, ConflictProblem, ActionRunningProblem, InvalidInputProblem],
    extensions=(*EXTENSIONS, BoundedReads),
)
check_sources(schema)

FINISH = """
mutation ($reason: String) {
  finishTask(taskId: "tsk_1", reason: $reason) {
    task { title status milestone { title } }
    ticket { code progress }
    problems { __typename code message path ...Conflict ...Running ...Invalid }
  }
}
fragment Conflict on ConflictProblem { current { id ... on Task { title } } }
fragment Invalid on InvalidInputProblem { expected }
fragment Running on ActionRunningProblem { action { id itemCount } }
"""


@pytest.fixture
def finish(db):
    async def run(answer: object, role: Role = Role.OPERATOR, **variables: object) -> ExecutionResult:
        return await schema.execute(FINISH, variables, context_for(role), root_value=answer)

    return run


@pytest.fixture
async def task(db):
    tree = await factories.save_tree(children=0)
    await factories.store_facts()
    return await models.Task.filter(ticket_id=tree.parent.id).order_by("position").first()


async def test_a_payload_reads_its_entities_with_their_selection(finish, task):
    result = await finish(task)

    assert result.errors is None
    payload = result.data["finishTask"]
    assert payload["task"] == {
        "title": "Firma Incarico",
        "status": "TODO",
        "milestone": {"title": "Onboarding"},
    }
    assert payload["ticket"]["progress"] == 0
    assert payload["problems"] == []


async def test_a_refusal_is_a_problem_and_no_error(finish):
    result = await finish(UnknownTask("There is no task 'x'.", path=("taskId",)))

    assert result.errors is None
    assert result.data["finishTask"] == {
        "task": None,
        "ticket": None,
        "problems": [
            {
                "__typename": "RefusalProblem",
                "code": "UNKNOWN_TASK",
                "message": "There is no task 'x'.",
                "path": ["taskId"],
            }
        ],
    }


async def test_a_refusal_that_names_no_argument_is_about_what_the_first_one_names(finish):
    result = await finish(TaskNotInState("The task is DONE; reopen it first."))

    assert result.data["finishTask"]["problems"][0]["path"] == ["taskId"]


async def test_a_text_beyond_its_limit_is_a_problem_that_names_the_limit(finish, task):
    result = await finish(task, reason="x" * (LONGEST_REASON + 1))

    assert result.errors is None
    assert result.data["finishTask"] == {
        "task": None,
        "ticket": None,
        "problems": [
            {
                "__typename": "InvalidInputProblem",
                "code": "TEXT_TOO_LONG",
                "message": "This text may have at most 2000 characters.",
                "path": ["reason"],
                "expected": "at most 2000 characters",
            }
        ],
    }


async def test_a_text_up_to_its_limit_is_taken(finish, task):
    result = await finish(task, reason="x" * LONGEST_REASON)

    assert result.data["finishTask"]["problems"] == []


def test_a_text_without_a_limit_is_refused_at_start():
    async def resolve(title: str) -> models.Task:
        raise NotImplementedError

    @strawberry.type
    class Renaming:
        rename = answered(resolve, FinishTaskPayload, "Rename a task.")

    with pytest.raises(TypeError, match=r"The text 'title' of rename declares no limit\.$"):
        strawberry.Schema(Query, mutation=Renaming, types=[RefusalProblem])


async def test_a_conflict_shows_what_is_there_now(finish, task):
    result = await finish(Conflict(task.id, entity="Task", version=2, actor=None))

    problem = result.data["finishTask"]["problems"][0]
    assert problem["code"] == "CONFLICT"
    assert problem["current"] == {"id": task.id, "title": task.title}


async def test_a_running_action_is_named(finish, db):
    action = models.Action(
        kind="SYNC_OPPORTUNITIES", status="RUNNING", item_count=3, created_at=factories.NOW
    )
    await factories.save(action)

    result = await finish(ActionRunning(action.id))

    problem = result.data["finishTask"]["problems"][0]
    assert problem["code"] == "ACTION_RUNNING"
    assert problem["action"] == {"id": action.id, "itemCount": 3}


async def test_a_mutation_takes_its_role(finish, task):
    result = await finish(task, role=Role.VIEWER)

    assert result.data is None
    assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"]


def test_every_refusal_is_published_with_its_description():
    for module in pkgutil.walk_packages(services.__path__, "services."):
        importlib.import_module(module.name)

    declared = refusals_by_code()

    published = program._schema.type_map["ProblemCode"].values
    assert declared.keys() == published.keys()
    assert {code: value.description for code, value in published.items()} == {
        code: " ".join(inspect.cleandoc(refusal.__doc__).partition("\n\n")[0].split())
        for code, refusal in declared.items()
    }


def test_a_payload_that_shows_what_its_result_does_not_have_is_refused_at_import():
    @strawberry.type
    class Payload:
        task: Task | None = loaded("The task.", by="task_id")
        problems: list[Problem] = problems()

    with pytest.raises(TypeError, match=r"^Payload shows 'task_id', which Task does not have\.$"):
        answered(finish_task, Payload, "Finish a task.")


def test_a_problem_that_shows_what_its_refusals_do_not_carry_is_refused_at_start(monkeypatch):
    @strawberry.type
    class Shown(Problem):
        ticket: Ticket | None = loaded("The ticket.", by="ticket_id")

    monkeypatch.setitem(_shapes, "CONFLICT", Shown)

    with pytest.raises(TypeError, match=r"^Shown shows 'ticket_id', which Conflict does not have\.$"):
        check_problems()
