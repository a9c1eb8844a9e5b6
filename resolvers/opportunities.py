"""Mutations that map and repair opportunities: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Action, Opportunity
from resolvers.arguments import CrmOpportunityId, ExpectedVersion, Reason, crm_number, refuse_all_but_one
from resolvers.context import Context
from services.errors import InvalidInput
from services.opportunities.mapping import Destination, map_opportunity as map_crm_opportunity
from services.opportunities.repairs import RepairRequest, repair_opportunity as repair_flagged
from services.vocabulary import Repair


async def map_opportunity(
    info: Info[Context, Any],
    crm_opportunity_id: CrmOpportunityId,
    ticket_line_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="The line that it sells; give this or ticketId."),
    ] = None,
    ticket_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="The parent ticket, for a sale beside its lines; give this or ticketLineId."
        ),
    ] = None,
    service_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="The service sold beside the lines; by default the only one that it names."
        ),
    ] = None,
) -> Opportunity:
    context = info.context
    crm_id = crm_number(crm_opportunity_id, "crmOpportunityId")
    refuse_all_but_one(ticketLineId=ticket_line_id, ticketId=ticket_id)
    if ticket_line_id is not None and service_id is not None:
        raise InvalidInput("A line says itself what it sells.", path=("serviceId",))

    return await map_crm_opportunity(
        crm_id,
        Destination(line_id=ticket_line_id, ticket_id=ticket_id, service_id=service_id),
        actor=context.actor,
        crm=context.crm,
        events=context.events,
        calendar=context.calendar,
    )


async def repair_opportunity(
    info: Info[Context, Any],
    opportunity_id: Annotated[strawberry.ID, strawberry.argument(description="The opportunity's id.")],
    repair: Annotated[Repair, strawberry.argument(description="What to do; see its proposed repairs.")],
    crm_opportunity_id: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="For RELINK: another opportunity of the CRM than the proposed one."),
    ] = None,
    reason: Reason = None,
    expected_version: ExpectedVersion = None,
) -> Action:
    context = info.context
    request = RepairRequest(
        repair=repair,
        crm_id=crm_number(crm_opportunity_id, "crmOpportunityId") if crm_opportunity_id else None,
        reason=reason,
    )
    return await repair_flagged(
        opportunity_id,
        request,
        actor=context.actor,
        crm=context.crm,
        events=context.events,
        expected_version=expected_version,
    )
