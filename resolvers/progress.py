"""Live milestone progress: from a subscription to the feed."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from models import Ticket
from resolvers.arguments import TicketId
from resolvers.context import Context
from resolvers.errors import BadUserInput
from services.events import Follow
from services.progress import TreeProgress


async def milestone_progress(
    info: Info[Context, Any],
    ticket_id: TicketId,
    after: Annotated[
        str | None,
        strawberry.argument(
            description="The cursor of the last item heard; without it, begin with a snapshot."
        ),
    ] = None,
) -> AsyncIterator[Follow[TreeProgress]]:
    ticket = await Ticket.get_or_none(id=ticket_id)
    if ticket is None:
        raise BadUserInput("ticketId", f"There is no ticket {ticket_id!r}.")
    async for follow in info.context.progress.follow(ticket.tree_id, after=_seq(after)):
        yield follow


def _seq(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise BadUserInput("after", "This is not a cursor of this subscription.")
    return int(cursor)


def cursor(root: strawberry.Parent[Any]) -> str:
    return str(root.seq)


def milestones(root: strawberry.Parent[Any]) -> Any:
    return root.item.milestones if root.item else ()


def tickets(root: strawberry.Parent[Any]) -> Any:
    return root.item.tickets if root.item else ()
