"""The intake: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Action, IntakeItem
from resolvers.arguments import (
    CrmActivityId,
    ExpectedVersion,
    IntakeItemId,
    crm_number,
    refuse_all_but_one,
)
from resolvers.context import Context
from resolvers.text_limits import text
from services.intake import dry_run, manual_entry
from services.intake.dry_run import ImportPreview
from services.intake.imports import Imported
from services.intake.manual_entry import TicketRequest
from services.intake.sales import Choice
from services.texts import LONGEST_NAME, LONGEST_NOTES

Buyer = Annotated[
    strawberry.ID | None, strawberry.argument(description="The buyer, by our id; give this or crmCompanyId.")
]
BuyerInCrm = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The buyer, by its id in the CRM; give this or companyId."),
]
KitSold = Annotated[str | None, text("The kit sold, by its code; give this or kitId.", LONGEST_NAME)]
KitSoldById = Annotated[
    strawberry.ID | None, strawberry.argument(description="The kit sold, by its id; give this or kitCode.")
]
Notes = Annotated[str, text("Notes for the ticket.", LONGEST_NOTES)]
Answering = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="The owner; by default you, or else the person responsible for the kit."),
]
RequestKey = Annotated[
    str | None,
    text(
        "A text of your own that identifies this request permanently: repeating it makes "
        "no second sale. By default the contents and the day identify it.",
        LONGEST_NAME,
    ),
]


async def import_activity(info: Info[Context, Any], crm_activity_id: CrmActivityId) -> Imported:
    context = info.context
    return await context.intake.import_activity(
        crm_number(crm_activity_id, "crmActivityId"), actor=context.actor
    )


async def resolve_intake_item(
    info: Info[Context, Any],
    intake_item_id: IntakeItemId,
    kit_code: Annotated[
        str | None, text("The kit that was sold, if the text leaves it open.", LONGEST_NAME)
    ] = None,
    owner_id: Annotated[
        strawberry.ID | None, strawberry.argument(description="The owner of the ticket.")
    ] = None,
    expected_version: ExpectedVersion = None,
) -> Imported:
    context = info.context
    choice = Choice(kit_code=kit_code, owner_id=owner_id)
    return await context.intake.resolve(
        intake_item_id, choice, actor=context.actor, expected_version=expected_version
    )


async def dismiss_intake_item(
    info: Info[Context, Any], intake_item_id: IntakeItemId, expected_version: ExpectedVersion = None
) -> IntakeItem:
    context = info.context
    return await context.intake.dismiss(
        intake_item_id, actor=context.actor, expected_version=expected_version
    )


async def create_ticket(
    info: Info[Context, Any],
    company_id: Buyer = None,
    crm_company_id: BuyerInCrm = None,
    kit_code: KitSold = None,
    kit_id: KitSoldById = None,
    notes: Notes = "",
    owner_id: Answering = None,
    request_key: RequestKey = None,
) -> Action:
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
    return await manual_entry.create_ticket(
        request,
        actor=context.actor,
        crm=context.crm,
        events=context.events,
        calendar=context.calendar,
    )


async def preview_import_activity(info: Info[Context, Any], crm_activity_id: CrmActivityId) -> ImportPreview:
    context = info.context
    return await dry_run.preview_import_activity(
        crm_number(crm_activity_id, "crmActivityId"),
        crm=context.crm,
        sub_type_id=context.intake.sub_type_id,
        today=context.calendar.today(context.clock()),
        calendar=context.calendar,
    )
