"""Mutations of milestones: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Milestone
from resolvers.arguments import DueOn, ExpectedVersion, MilestoneId, PlanToken, Reason, RequestKey, TicketId
from resolvers.context import Context
from resolvers.inputs import NewMilestoneInput
from services.planning.tickets.drafts import MilestoneDraft, TaskDraft
from services.tickets import additions, rescheduling, workflow


async def complete_milestone(
    info: Info[Context, Any], milestone_id: MilestoneId, expected_version: ExpectedVersion = None
) -> Milestone:
    context = info.context
    return await workflow.complete_milestone(
        milestone_id, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def cancel_milestone(
    info: Info[Context, Any],
    milestone_id: MilestoneId,
    reason: Reason = None,
    expected_version: ExpectedVersion = None,
) -> Milestone:
    context = info.context
    return await workflow.cancel_milestone(
        milestone_id, reason, actor=context.actor, events=context.events, expected_version=expected_version
    )


async def reschedule_milestone(
    info: Info[Context, Any],
    milestone_id: MilestoneId,
    due_on: DueOn,
    expected_version: ExpectedVersion = None,
    plan_token: PlanToken = None,
    reason: Reason = None,
) -> Milestone:
    context = info.context
    return await rescheduling.reschedule_milestone(
        milestone_id,
        due_on,
        actor=context.actor,
        events=context.events,
        calendar=context.calendar,
        expected_version=expected_version,
        plan_token=plan_token,
        reason=reason,
    )


async def add_milestone(
    info: Info[Context, Any],
    ticket_id: TicketId,
    input: Annotated[NewMilestoneInput, strawberry.argument(description="The new milestone.")],
    request_key: RequestKey = None,
) -> Milestone:
    context = info.context
    tasks = [TaskDraft(**vars(task)) for task in input.tasks]
    return await additions.add_milestone(
        ticket_id,
        MilestoneDraft(**{**vars(input), "tasks": tasks}),
        actor=context.actor,
        events=context.events,
        calendar=context.calendar,
        request_key=request_key,
    )
