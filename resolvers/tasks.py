"""Mutations of tasks: from a field to the use case and back."""

from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import ExpectedVersion, OperatorId, Reason, TaskId
from resolvers.context import Context
from resolvers.problems import Outcome, outcome
from services import milestones


async def start_task(
    info: Info[Context, Any], task_id: TaskId, expected_version: ExpectedVersion = None
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.start_task(
            task_id, actor=context.actor, events=context.events, expected_version=expected_version
        )
    )


async def complete_task(
    info: Info[Context, Any], task_id: TaskId, expected_version: ExpectedVersion = None
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.complete_task(
            task_id, actor=context.actor, events=context.events, expected_version=expected_version
        )
    )


async def skip_task(
    info: Info[Context, Any], task_id: TaskId, reason: Reason = None, expected_version: ExpectedVersion = None
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.skip_task(
            task_id, reason, actor=context.actor, events=context.events, expected_version=expected_version
        )
    )


async def reopen_task(
    info: Info[Context, Any], task_id: TaskId, reason: Reason = None, expected_version: ExpectedVersion = None
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.reopen_task(
            task_id, reason, actor=context.actor, events=context.events, expected_version=expected_version
        )
    )


async def waive_task(
    info: Info[Context, Any],
    task_id: TaskId,
    reason: Annotated[str, strawberry.argument(description="Why it need not be done; kept.")],
    expected_version: ExpectedVersion = None,
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.waive_task(
            task_id, reason, actor=context.actor, events=context.events, expected_version=expected_version
        )
    )


async def assign_task(info: Info[Context, Any], task_id: TaskId, operator_id: OperatorId) -> Outcome:
    context = info.context
    return await outcome(
        milestones.assign_task(task_id, operator_id, actor=context.actor, events=context.events)
    )


async def reschedule_task(
    info: Info[Context, Any],
    task_id: TaskId,
    due_on: Annotated[date, strawberry.argument(description="The new due date.")],
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.reschedule_task(
            task_id, due_on, actor=context.actor, events=context.events, calendar=context.calendar
        )
    )
