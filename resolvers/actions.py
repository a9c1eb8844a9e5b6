"""The three buttons, and retry and cancellation of their actions: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Action
from resolvers.arguments import (
    ActionId,
    ChosenLines,
    CompanyScope,
    ExpectedVersion,
    OpportunityId,
    Override,
    PlanToken,
    TicketId,
    TicketScope,
)
from resolvers.context import Context
from services import actions
from services.activities import generation as activities
from services.opportunities import generation as opportunities, sync as opportunity_sync


async def generate_opportunities(
    info: Info[Context, Any],
    ticket_id: TicketId,
    ticket_line_ids: ChosenLines = None,
    override: Override = None,
    plan_token: PlanToken = None,
) -> Action:
    context = info.context
    return await opportunities.generate_opportunities(
        ticket_id,
        line_ids=ticket_line_ids,
        override_reason=override,
        plan_token=plan_token,
        actor=context.actor,
        events=context.events,
    )


async def sync_opportunities(
    info: Info[Context, Any],
    company_id: CompanyScope = None,
    ticket_id: TicketScope = None,
    plan_token: PlanToken = None,
) -> Action:
    context = info.context
    return await opportunity_sync.sync_opportunities(
        company_id=company_id,
        ticket_id=ticket_id,
        plan_token=plan_token,
        actor=context.actor,
        events=context.events,
    )


async def generate_activities(
    info: Info[Context, Any],
    opportunity_id: OpportunityId,
    plan_token: PlanToken = None,
) -> Action:
    context = info.context
    return await activities.generate_activities(
        opportunity_id, plan_token=plan_token, actor=context.actor, events=context.events
    )


async def retry_action(
    info: Info[Context, Any],
    action_id: ActionId,
    item_ids: Annotated[
        list[strawberry.ID] | None,
        strawberry.argument(description="The ids of the items; by default all that failed or wait."),
    ] = None,
    expected_version: ExpectedVersion = None,
) -> Action:
    context = info.context
    return await actions.retry_action(
        action_id,
        actor=context.actor,
        events=context.events,
        item_ids=item_ids,
        expected_version=expected_version,
    )


async def cancel_action(
    info: Info[Context, Any], action_id: ActionId, expected_version: ExpectedVersion = None
) -> Action:
    context = info.context
    return await actions.cancel_action(
        action_id, actor=context.actor, events=context.events, expected_version=expected_version
    )
