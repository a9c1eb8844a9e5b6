import importlib
import pkgutil

import pytest
import strawberry
from strawberry.types import ExecutionResult

import models
import services
from resolvers.permissions import requires
from resolvers.problems import outcome
from resolvers.row_types import check_sources
from resolvers.rows import loaded
from schema.milestones import Task
from schema.problems import (
    ActionRunningProblem,
    ConflictProblem,
    Problem,
    ProblemCode,
    RefusalProblem,
    problems,
)
from schema.query import Query
from schema.tickets import Ticket
from services.actions.ledger import ActionRunning
from services.errors import Refusal
from services.milestones import ChangedMeanwhile, UnknownTask
from services.vocabulary import Role
from tests import factories
from tests.schema.conftest import context_for


@strawberry.type(description="The finished task, or what prevented it.")
class FinishTaskPayload:
    task: Task | None = loaded("The task as it is now.", by="id")
    ticket: Ticket | None = loaded("The ticket above it.", by="ticket_id")
    problems: list[Problem] = problems()


async def finish_task(task: models.Task | Refusal) -> models.Task:
    if isinstance(task, Refusal):
        raise task
    return task


async def resolve_finish_task(info: strawberry.Info) -> object:
    return await outcome(finish_task(info.root_value))


@strawberry.type(description="One mutation as all of them are made.")
class Mutation:
    finish_task = strawberry.field(
        resolver=resolve_finish_task,
        graphql_type=FinishTaskPayload,
        description="Finish a task.",
        extensions=[requires(Role.OPERATOR)],
    )


schema = strawberry.Schema(
    Query, mutation=Mutation, types=[RefusalProblem, ConflictProblem, ActionRunningProblem]
)
check_sources(schema)

FINISH = """
mutation {
  finishTask {
    task { title status milestone { title } }
    ticket { code progress }
    problems { __typename code message path ...Conflict ...Running }
  }
}
fragment Conflict on ConflictProblem { current { id ... on Task { title } } }
fragment Running on ActionRunningProblem { action { id itemCount } }
"""


@pytest.fixture
def finish(db):
    async def run(answer: object, role: Role = Role.OPERATOR) -> ExecutionResult:
        return await schema.execute(FINISH, context_value=context_for(role), root_value=answer)

    return run


@pytest.fixture
async def task(db):
    tree = await factories.save_tree(children=0)
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


async def test_a_conflict_shows_what_is_there_now(finish, task):
    result = await finish(ChangedMeanwhile(task.id))

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


def test_every_refusal_has_a_code_that_the_schema_lists():
    for module in pkgutil.walk_packages(services.__path__, "services."):
        importlib.import_module(module.name)

    codes = {refusal.code for refusal in refusals(Refusal)}

    assert codes <= {code.value for code in ProblemCode}


def refusals(above: type[Refusal]) -> list[type[Refusal]]:
    # Classes that tests define are none of the program's.
    direct = [one for one in above.__subclasses__() if one.__module__.startswith("services.")]
    return [*direct, *(deeper for one in direct for deeper in refusals(one))]
