"""The three buttons, and what can be done about their runs: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import (
    ActionId,
    ChosenLines,
    CompanyScope,
    OpportunityId,
    Override,
    PlanToken,
    TicketId,
    TicketScope,
)
from resolvers.context import Context
from resolvers.problems import Outcome, outcome
from services import actions, activities, opportunities, opportunity_sync


async def generate_opportunities(
    info: Info[Context, Any],
    ticket_id: TicketId,
    ticket_line_ids: ChosenLines = None,
    override: Override = None,
    plan_token: PlanToken = None,
) -> Outcome:
    context = info.context
    return await outcome(
        opportunities.generate_opportunities(
            ticket_id,
            line_ids=ticket_line_ids,
            override_reason=override,
            plan_token=plan_token,
            actor=context.actor,
            events=context.events,
        )
    )


async def sync_opportunities(
    info: Info[Context, Any],
    company_id: CompanyScope = None,
    ticket_id: TicketScope = None,
    plan_token: PlanToken = None,
) -> Outcome:
    context = info.context
    return await outcome(
        opportunity_sync.sync_opportunities(
            company_id=company_id,
            ticket_id=ticket_id,
            plan_token=plan_token,
            actor=context.actor,
            events=context.events,
        )
    )


async def generate_activities(
    info: Info[Context, Any],
    opportunity_id: OpportunityId,
    plan_token: PlanToken = None,
) -> Outcome:
    context = info.context
    return await outcome(
        activities.generate_activities(
            opportunity_id, plan_token=plan_token, actor=context.actor, events=context.events
        )
    )


async def retry_action(
    info: Info[Context, Any],
    action_id: ActionId,
    item_ids: Annotated[
        list[strawberry.ID] | None,
        strawberry.argument(description="The items that are meant; all that failed or wait by default."),
    ] = None,
) -> Outcome:
    context = info.context
    return await outcome(
        actions.retry_action(action_id, actor=context.actor, events=context.events, item_ids=item_ids)
    )


async def cancel_action(info: Info[Context, Any], action_id: ActionId) -> Outcome:
    context = info.context
    return await outcome(actions.cancel_action(action_id, actor=context.actor, events=context.events))
