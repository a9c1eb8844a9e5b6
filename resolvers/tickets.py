"""Mutations of tickets: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Ticket
from resolvers.arguments import ExpectedVersion, TicketId
from resolvers.context import Context
from resolvers.inputs import TicketInput
from resolvers.text_limits import text
from services.texts import LONGEST_REASON
from services.tickets import cancellation, editing
from services.tickets.cancellation import ChildrenChoice
from services.tickets.editing import TicketEdit


async def cancel_ticket(
    info: Info[Context, Any],
    ticket_id: TicketId,
    reason: Annotated[str, text("The reason, which is stored.", LONGEST_REASON)],
    children: Annotated[
        ChildrenChoice | None,
        strawberry.argument(description="What happens to open children; required if there are any."),
    ] = None,
    expected_version: ExpectedVersion = None,
) -> Ticket:
    context = info.context
    return await cancellation.cancel_ticket(
        ticket_id,
        reason,
        children=children,
        actor=context.actor,
        events=context.events,
        expected_version=expected_version,
    )


async def update_ticket(
    info: Info[Context, Any],
    ticket_id: TicketId,
    input: Annotated[TicketInput, strawberry.argument(description="The new values.")],
    expected_version: ExpectedVersion = None,
) -> Ticket:
    context = info.context
    return await editing.update_ticket(
        ticket_id,
        TicketEdit(**vars(input)),
        actor=context.actor,
        events=context.events,
        expected_version=expected_version,
    )
