"""Sales in the inbox are followed; dismissed ones are left alone."""

from models import IntakeItem, Ticket
from services.vocabulary import IntakeStatus
from tests.support.hub import edit_record, sell
from tests.support.polling import poll, sources

NAMELESS = 844206


async def test_a_waiting_sale_that_is_corrected_in_the_crm_becomes_a_ticket_by_itself(hub, sandbox):
    number = await sell(sandbox, "Vendita")
    await poll(hub)
    await edit_record(sandbox, "Activity", number, description="Start Office Digital")

    await poll(hub)

    item = await IntakeItem.get()
    assert (item.status, item.ticket_id) == (IntakeStatus.RESOLVED, (await Ticket.get()).id)


async def test_an_old_sale_that_waits_is_followed_like_a_new_one(hub, sandbox, giulia):
    await hub.intake.import_activity(NAMELESS, actor=giulia.id)
    await edit_record(sandbox, "Activity", NAMELESS, description="Venduto lo Start Office Digital")

    await poll(hub)

    assert await sources() == {NAMELESS}


async def test_a_waiting_sale_that_did_not_change_is_not_looked_at_again(hub, sandbox):
    await sell(sandbox, "Vendita")
    await poll(hub)
    asked = len(await sandbox.calls("/Company/"))

    await poll(hub)

    assert len(await sandbox.calls("/Company/")) == asked


async def test_a_dismissed_sale_stays_dismissed_even_when_it_changes(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita")
    await poll(hub)
    item = await hub.intake.dismiss((await IntakeItem.get()).id, actor=giulia.id)
    await edit_record(sandbox, "Activity", number, description="Start Office Digital")

    await poll(hub)

    assert (await IntakeItem.get()).version == item.version
    assert await Ticket.all().count() == 0


async def test_a_sale_dismissed_while_its_company_is_asked_for_stays_dismissed(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita")
    await poll(hub)
    await edit_record(sandbox, "Activity", number, description="Start Office Digital")
    record = await hub.crm.get_activity(number)
    item = await hub.intake.dismiss((await IntakeItem.get()).id, actor=giulia.id)

    imported = await hub.intake.import_record(record, actor="system:poller")

    assert imported.intake_item_id == item.id
    assert await Ticket.all().count() == 0
