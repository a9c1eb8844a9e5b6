"""Sales that an operator enters by hand."""

from services.intake.manual_entry import TicketRequest, create_ticket
from tests.support.hub import BREMBATE, run_to_the_end

CREATES = {"controller": "Activity", "action": "create"}


async def press(hub, operator, **request):
    asked = TicketRequest(**{"kit_code": "SOD", "crm_company_id": BREMBATE, **request})
    return await create_ticket(
        asked, actor=operator.id, crm=hub.crm, events=hub.events, calendar=hub.calendar
    )


async def make(hub, operator, **request):
    """The only item, carried out."""
    (item,) = await run_to_the_end(hub, await press(hub, operator, **request))
    return item


async def made_by_hand(sandbox):
    return [one for one in await sandbox.records("Activity") if "[IH:sale:" in one["subject"]]
