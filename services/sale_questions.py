"""Tickets that wait for a person because their sale changed in the CRM."""

from models import IntakeItem
from services.errors import Refusal
from services.planning.actions.preview import Why
from services.vocabulary import IntakeReason, IntakeStatus, ItemReason

CHANGES = (IntakeReason.SALE_DELETED, IntakeReason.SALE_MOVED, IntakeReason.SALE_CHANGED)


class SaleInQuestion(Refusal):
    """The sale changed in the CRM after its ticket was made, and a person has to decide what follows."""

    code = "SALE_IN_QUESTION"


async def refuse_in_question(ticket_id: str) -> None:
    """Refuse if the sale of the parent ticket changed in the CRM and no person has decided yet."""
    if why := await find_question(ticket_id):
        raise SaleInQuestion(why)


async def find_question(ticket_id: str) -> str | None:
    """Return the open question about the sale of a parent ticket, in words."""
    waiting = IntakeItem.filter(ticket_id=ticket_id, status=IntakeStatus.WAITING, reason__in=CHANGES)
    item = await waiting.order_by("id").first()
    return in_words(item.explanation, item.id) if item else None


async def why_in_question(ticket_id: str) -> Why | None:
    """Return why nothing is done for a parent ticket as long as the question about its sale is open."""
    question = await find_question(ticket_id)
    return Why(ItemReason.SALE_IN_QUESTION, question) if question else None


def in_words(explanation: str, item_id: str) -> str:
    return f"{explanation} Cancel the ticket, or dismiss the item {item_id} to keep it."
