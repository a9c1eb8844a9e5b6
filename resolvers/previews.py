"""What the three buttons would do: from a field to the use case and back."""

from typing import Any

from strawberry.types import Info

from resolvers.arguments import ChosenLines, CompanyScope, OpportunityId, Override, TicketId, TicketScope
from resolvers.context import Context
from resolvers.problems import Outcome, outcome


async def preview_generate_opportunities(
    info: Info[Context, Any],
    ticket_id: TicketId,
    ticket_line_ids: ChosenLines = None,
    override: Override = None,
) -> Outcome:
    previews = info.context.previews
    return await outcome(
        previews.generate_opportunities(ticket_id, line_ids=ticket_line_ids, override_reason=override)
    )


async def preview_sync_opportunities(
    info: Info[Context, Any], company_id: CompanyScope = None, ticket_id: TicketScope = None
) -> Outcome:
    previews = info.context.previews
    return await outcome(previews.sync_opportunities(company_id=company_id, ticket_id=ticket_id))


async def preview_generate_activities(info: Info[Context, Any], opportunity_id: OpportunityId) -> Outcome:
    return await outcome(info.context.previews.generate_activities(opportunity_id))
