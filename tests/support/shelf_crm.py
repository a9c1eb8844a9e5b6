"""A CRM with a few activities, and what an import over it is refused for."""

from models import IntakeItem

AMBIGUOUS, NAMELESS, OF_THE_AGENCY = 844018, 844206, 844590


async def waiting_item(imported):
    assert imported.ticket_id is None
    return await IntakeItem.get(id=imported.intake_item_id)
