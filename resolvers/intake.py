"""The intake: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import CrmActivityId, IntakeItemId, crm_number, refuse_all_but_one
from resolvers.context import Context
from resolvers.problems import Outcome, outcome
from services import replay, ticket_creation
from services.sales import Choice
from services.ticket_creation import TicketRequest

Buyer = Annotated[
    strawberry.ID | None, strawberry.argument(description="The buyer, by our id; give this or crmCompanyId.")
]
BuyerInCrm = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The buyer, by its id in the CRM; give this or companyId."),
]
KitSold = Annotated[
    str | None, strawberry.argument(description="The kit sold, by its code; give this or kitId.")
]
KitSoldById = Annotated[
    strawberry.ID | None, strawberry.argument(description="The kit sold, by its id; give this or kitCode.")
]
Notes = Annotated[str, strawberry.argument(description="What the ticket should say besides.")]
Answering = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="Who answers for it; by default you, or else the kit's responsible."),
]
RequestKey = Annotated[
    str | None,
    strawberry.argument(
        description="A text of your own that names this request, for ever: however often it comes, it is one "
        "sale. By default everything that you say, and the day, make the same request."
    ),
]


async def import_activity(info: Info[Context, Any], crm_activity_id: CrmActivityId) -> Outcome:
    context = info.context
    return await outcome(
        context.intake.import_activity(crm_number(crm_activity_id, "crmActivityId"), actor=context.actor)
    )


async def resolve_intake_item(
    info: Info[Context, Any],
    intake_item_id: IntakeItemId,
    kit_code: Annotated[
        str | None, strawberry.argument(description="The kit that was sold, where the text leaves it open.")
    ] = None,
    owner_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="Who answers for the ticket.")
    ] = None,
) -> Outcome:
    context = info.context
    choice = Choice(kit_code=kit_code, owner_id=owner_id)
    return await outcome(context.intake.resolve(intake_item_id, choice, actor=context.actor))


async def dismiss_intake_item(info: Info[Context, Any], intake_item_id: IntakeItemId) -> Outcome:
    context = info.context
    return await outcome(context.intake.dismiss(intake_item_id, actor=context.actor))


async def create_ticket(
    info: Info[Context, Any],
    company_id: Buyer = None,
    crm_company_id: BuyerInCrm = None,
    kit_code: KitSold = None,
    kit_id: KitSoldById = None,
    notes: Notes = "",
    owner_id: Answering = None,
    request_key: RequestKey = None,
) -> Outcome:
    context = info.context
    refuse_all_but_one(companyId=company_id, crmCompanyId=crm_company_id)
    refuse_all_but_one(kitCode=kit_code, kitId=kit_id)
    request = TicketRequest(
        kit_code=kit_code,
        kit_id=kit_id,
        company_id=company_id,
        crm_company_id=crm_number(crm_company_id, "crmCompanyId") if crm_company_id else None,
        owner_id=owner_id,
        notes=notes,
        request_key=request_key,
    )
    return await outcome(
        ticket_creation.create_ticket(
            request,
            actor=context.actor,
            crm=context.crm,
            events=context.events,
            calendar=context.calendar,
        )
    )


async def replay_activity(info: Info[Context, Any], crm_activity_id: CrmActivityId) -> Outcome:
    context = info.context
    return await outcome(
        replay.replay_activity(
            crm_number(crm_activity_id, "crmActivityId"),
            crm=context.crm,
            sub_type_id=context.intake.sub_type_id,
            today=context.calendar.today(context.clock()),
            calendar=context.calendar,
        )
    )
