"""Mutations of tasks: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Task
from resolvers.arguments import (
    DueOn,
    ExpectedVersion,
    MilestoneId,
    OperatorId,
    PlanToken,
    Reason,
    RequestKey,
    TaskId,
)
from resolvers.context import Context
from resolvers.inputs import NewTaskInput, TaskInput
from resolvers.text_limits import text
from services.planning.tickets.checklists import Line
from services.planning.tickets.drafts import TaskDraft
from services.texts import LONGEST_REASON
from services.tickets import additions, editing, rescheduling, workflow
from services.tickets.editing import TaskEdit


async def start_task(
    info: Info[Context, Any], task_id: TaskId, expected_version: ExpectedVersion = None
) -> Task:
    context = info.context
    return await workflow.start_task(
        task_id, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def complete_task(
    info: Info[Context, Any], task_id: TaskId, expected_version: ExpectedVersion = None
) -> Task:
    context = info.context
    return await workflow.complete_task(
        task_id, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def skip_task(
    info: Info[Context, Any], task_id: TaskId, reason: Reason = None, expected_version: ExpectedVersion = None
) -> Task:
    context = info.context
    return await workflow.skip_task(
        task_id, reason, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def reopen_task(
    info: Info[Context, Any], task_id: TaskId, reason: Reason = None, expected_version: ExpectedVersion = None
) -> Task:
    context = info.context
    return await workflow.reopen_task(
        task_id, reason, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def waive_task(
    info: Info[Context, Any],
    task_id: TaskId,
    reason: Annotated[str, text("Why it need not be done; this is stored.", LONGEST_REASON)],
    expected_version: ExpectedVersion = None,
) -> Task:
    context = info.context
    return await workflow.waive_task(
        task_id, reason, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def assign_task(
    info: Info[Context, Any],
    task_id: TaskId,
    operator_id: OperatorId,
    expected_version: ExpectedVersion = None,
) -> Task:
    context = info.context
    return await workflow.assign_task(
        task_id, operator_id, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def reschedule_task(
    info: Info[Context, Any],
    task_id: TaskId,
    due_on: DueOn,
    expected_version: ExpectedVersion = None,
    plan_token: PlanToken = None,
    reason: Reason = None,
) -> Task:
    context = info.context
    return await rescheduling.reschedule_task(
        task_id,
        due_on,
        actor=context.actor,
        events=context.events,
        calendar=context.calendar,
        expected_version=expected_version,
        plan_token=plan_token,
        reason=reason,
    )


async def update_task(
    info: Info[Context, Any],
    task_id: TaskId,
    input: Annotated[TaskInput, strawberry.argument(description="The new values.")],
    expected_version: ExpectedVersion = None,
) -> Task:
    context = info.context
    return await editing.update_task(
        task_id,
        TaskEdit(**{**vars(input), "checklist": _lines(input)}),
        actor=context.actor,
        events=context.events,
        expected_version=expected_version,
    )


def _lines(input: TaskInput) -> list[Line] | None:
    return None if input.checklist is None else [Line(line.text, line.id) for line in input.checklist]


async def tick_checklist(
    info: Info[Context, Any],
    task_id: TaskId,
    entry_id: Annotated[strawberry.ID, strawberry.argument(description="The entry's id.")],
    done: Annotated[bool, strawberry.argument(description="Whether it is done.")],
    expected_version: ExpectedVersion = None,
) -> Task:
    context = info.context
    return await editing.tick_checklist(
        task_id,
        entry_id,
        done,
        actor=context.actor,
        events=context.events,
        expected_version=expected_version,
    )


async def add_task(
    info: Info[Context, Any],
    milestone_id: MilestoneId,
    input: Annotated[NewTaskInput, strawberry.argument(description="The new task.")],
    after_task_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="The task of the milestone that it follows; by default the last one."
        ),
    ] = None,
    request_key: RequestKey = None,
) -> Task:
    context = info.context
    return await additions.add_task(
        milestone_id,
        TaskDraft(**vars(input)),
        after_task_id=after_task_id,
        actor=context.actor,
        events=context.events,
        calendar=context.calendar,
        request_key=request_key,
    )
