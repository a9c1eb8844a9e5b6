"""One change of many tasks: from the chosen field of the input to the use case and back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import strawberry
from strawberry.types import Info
from strawberry.utils.str_converters import to_camel_case

from resolvers.context import Context
from resolvers.inputs import TaskChangeInput, TaskTargetInput
from resolvers.problems import problem_of
from services.errors import InvalidInput, Refusal
from services.tickets import rescheduling, workflow
from services.tickets.task_changes import (
    TaskChange,
    TaskOutcome,
    TaskTarget,
    TreeMark,
    change_tasks as change_all,
    last_marks,
)


@dataclass(frozen=True, slots=True)
class TaskResult:
    task_id: str
    found_id: str | None
    changed: bool
    problems: Sequence[Any]


@dataclass(frozen=True, slots=True)
class TaskResults:
    results: Sequence[TaskResult]
    trees: Sequence[TreeMark]


async def change_tasks(
    info: Info[Context, Any],
    tasks: Annotated[list[TaskTargetInput], strawberry.argument(description="1 to 100 tasks, each once.")],
    change: Annotated[TaskChangeInput, strawberry.argument(description="What to do with them.")],
) -> TaskResults:
    [(name, value)] = _given(change)
    targets = [TaskTarget(target.id, target.expected_version) for target in tasks]
    outcomes = await change_all(
        targets, _wanted(name, value, info.context), actor=info.context.actor, events=info.context.events
    )
    results = [
        TaskResult(
            one.task_id, one.task.id if one.task else None, one.changed, _problems(one, index, name, value)
        )
        for index, one in enumerate(outcomes)
    ]
    return TaskResults(results, last_marks(outcomes))


def _given(input: Any) -> Iterator[tuple[str, Any]]:
    """Yield the only field of a oneOf input that is given."""
    return ((name, value) for name, value in vars(input).items() if value is not strawberry.UNSET)


def _wanted(name: str, value: Any, context: Context) -> TaskChange:
    match name:
        case "start" | "complete" if not value:
            raise InvalidInput("There is nothing else to choose.", path=("change", name), expected="true")
        case "start":
            return workflow.starting()
        case "complete":
            return workflow.completing()
        case "skip":
            return workflow.skipping(value.reason)
        case "reopen":
            return workflow.reopening(value.reason)
        case "waive":
            return workflow.waiving(value.reason)
        case "assign":
            return workflow.assigning(value.operator_id)
    [(how, when)] = _given(value)
    if how == "due_on":
        return rescheduling.redating(when, context.calendar)
    return rescheduling.postponing(when, context.calendar)


def _problems(outcome: TaskOutcome, index: int, name: str, value: Any) -> list[Any]:
    if outcome.refusal is None:
        return []
    return [problem_of(outcome.refusal, _path(outcome.refusal, index, name, value))]


def _path(refusal: Refusal, index: int, name: str, value: Any) -> tuple[str, ...]:
    """Return the way to what the refusal names: a field of the change, the version of the task, or the task."""
    named = refusal.path[0] if refusal.path else ""
    if not isinstance(value, bool) and named in map(to_camel_case, vars(value)):
        [(field, _)] = _given(value)
        return ("change", name, to_camel_case(field))
    return ("tasks", str(index), "expectedVersion" if named == "expectedVersion" else "id")
