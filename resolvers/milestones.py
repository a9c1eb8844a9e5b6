"""Mutations of milestones: from a field to the use case and back."""

from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import MilestoneId, Reason
from resolvers.context import Context
from resolvers.problems import Outcome, outcome
from services import milestones


async def complete_milestone(info: Info[Context, Any], milestone_id: MilestoneId) -> Outcome:
    context = info.context
    return await outcome(
        milestones.complete_milestone(milestone_id, actor=context.actor, events=context.events)
    )


async def cancel_milestone(
    info: Info[Context, Any], milestone_id: MilestoneId, reason: Reason = None
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.cancel_milestone(milestone_id, reason, actor=context.actor, events=context.events)
    )


async def reschedule_milestone(
    info: Info[Context, Any],
    milestone_id: MilestoneId,
    due_on: Annotated[date, strawberry.argument(description="The new due date.")],
) -> Outcome:
    context = info.context
    return await outcome(
        milestones.reschedule_milestone(
            milestone_id, due_on, actor=context.actor, events=context.events, calendar=context.calendar
        )
    )
