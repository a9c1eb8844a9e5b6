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
from services.tickets.bulk import (
    ChangeTask,
    TaskOutcome,
    TaskTarget,
    TreeMark,
    change_tasks as change_each,
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
    outcomes = await change_each(targets, _use_case(name, value, info.context))
    results = [
        TaskResult(one.task_id, one.found_id, one.changed, _problems(one, index, name, value))
        for index, one in enumerate(outcomes)
    ]
    return TaskResults(results, last_marks(outcomes))


def _given(input: Any) -> Iterator[tuple[str, Any]]:
    """Yield the only field of a oneOf input that is given."""
    return ((name, value) for name, value in vars(input).items() if value is not strawberry.UNSET)


def _use_case(name: str, value: Any, context: Context) -> ChangeTask:
    def run(use_case: Any, *given: Any, **more: Any) -> ChangeTask:
        more |= {"actor": context.actor, "events": context.events}
        return lambda task_id, version: use_case(task_id, *given, **more, expected_version=version)

    match name:
        case "start" | "complete" if not value:
            raise InvalidInput("There is nothing else to choose.", path=("change", name), expected="true")
        case "start":
            return run(workflow.start_task)
        case "complete":
            return run(workflow.complete_task)
        case "skip":
            return run(workflow.skip_task, value.reason)
        case "reopen":
            return run(workflow.reopen_task, value.reason)
        case "waive":
            return run(workflow.waive_task, value.reason)
        case "assign":
            return run(workflow.assign_task, value.operator_id)
    [(how, when)] = _given(value)
    moves = {"due_on": rescheduling.reschedule_task, "by_working_days": rescheduling.postpone_task}
    return run(moves[how], when, calendar=context.calendar)


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
