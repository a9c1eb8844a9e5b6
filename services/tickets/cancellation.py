"""Cancels a ticket and what is open below it."""

from enum import StrEnum
from functools import partial

from models import Ticket
from services.errors import Refusal
from services.events import EventLog, changing
from services.planning.tickets import workflow
from services.records import get_ticket
from services.tickets import cascade


class OpenChildren(Refusal):
    """The ticket has open children; say whether they are cancelled too, or kept."""

    code = "OPEN_CHILDREN"


class ChildrenChoice(StrEnum):
    """What becomes of the open children of a cancelled parent."""

    CANCEL = "CANCEL"
    KEEP = "KEEP"


async def cancel_ticket(
    ticket_id: str,
    reason: str,
    *,
    children: ChildrenChoice | None,
    actor: str,
    events: EventLog,
    expected_version: int | None = None,
) -> Ticket:
    """Cancel a ticket with its open work. The caller must say what happens to open children."""
    load = partial(get_ticket, ticket_id)
    async with changing(events, load, actor=actor, expected_version=expected_version) as (change, ticket):
        ticket_id = ticket.id
        transitions = workflow.cancel_ticket(await cascade.ticket_state(ticket_id), reason)
        still_open = Ticket.filter(parent_id=ticket_id, status__in=workflow.OPEN_TICKET)
        open_children = await still_open.order_by("position")
        if transitions and open_children and children is None:
            codes = ", ".join(child.code for child in open_children)
            raise OpenChildren(f"Open children: {codes}. Cancel or keep them?", path=("children",))
        own = await cascade.write_transitions(change, transitions)
        for child in open_children if children is ChildrenChoice.CANCEL else ():
            below = workflow.cancel_ticket(await cascade.ticket_state(child.id), reason)
            await cascade.write_transitions(change, below, cause=own)
    return await get_ticket(ticket_id)
