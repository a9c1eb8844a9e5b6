"""Mutations of tickets: from a field to the use case and back."""

from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from resolvers.arguments import TicketId
from resolvers.context import Context
from resolvers.problems import Outcome, outcome
from services import tickets
from services.tickets import ChildrenChoice


async def cancel_ticket(
    info: Info[Context, Any],
    ticket_id: TicketId,
    reason: Annotated[str, strawberry.argument(description="Why; kept.")],
    children: Annotated[
        ChildrenChoice | None,
        strawberry.argument(description="What becomes of open children; required where there are any."),
    ] = None,
) -> Outcome:
    context = info.context
    return await outcome(
        tickets.cancel_ticket(
            ticket_id, reason, children=children, actor=context.actor, events=context.events
        )
    )
