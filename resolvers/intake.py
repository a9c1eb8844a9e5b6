"""Mutations of the intake: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import IntakeItemId
from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.problems import Outcome, outcome
from services.sales import Choice


async def import_activity(
    info: Info[Context, Any],
    crm_activity_id: Annotated[
        strawberry.ID, strawberry.argument(description="The activity's id in the CRM.")
    ],
) -> Outcome:
    context = info.context
    return await outcome(
        context.intake.import_activity(_crm_id(crm_activity_id, "crmActivityId"), actor=context.actor)
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


def _crm_id(value: str, argument: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise BadUserInput(argument, "A CRM id is a whole number.")
    return int(value)
