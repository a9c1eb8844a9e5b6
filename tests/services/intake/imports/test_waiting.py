"""What cannot become a ticket by itself waits in the inbox with its reason."""

import pytest

from models import Company, IntakeItem, Kit, KitLine, Ticket
from services.vocabulary import IntakeReason, IntakeStatus
from tests.support.hub import ACTIVITY_OF_THE_STORY, BREMBATE, VALDARNO, edit_record, sell, take_in
from tests.support.shelf_crm import AMBIGUOUS, NAMELESS, OF_THE_AGENCY, waiting_item


@pytest.mark.parametrize(
    ("number", "reason", "candidates"),
    [
        pytest.param(NAMELESS, IntakeReason.NO_KIT, [], id="no kit"),
        pytest.param(AMBIGUOUS, IntakeReason.AMBIGUOUS_KIT, ["SOD", "SOT"], id="two kits"),
        pytest.param(OF_THE_AGENCY, IntakeReason.NO_OWNER, ["SOS"], id="nobody's"),
    ],
)
async def test_what_cannot_become_a_ticket_waits_with_its_reason(hub, giulia, number, reason, candidates):
    item = await waiting_item(await hub.intake.import_activity(number, actor=giulia.id))

    assert (item.crm_activity_id, item.status, item.reason) == (number, IntakeStatus.WAITING, reason)
    assert item.candidates == candidates
    assert await Ticket.all().count() == 0


async def test_a_sale_without_a_customer_waits_as_unknown_company(hub, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital", companyId=None)

    item = await waiting_item(await hub.intake.import_activity(number, actor=giulia.id))

    assert item.reason == IntakeReason.UNKNOWN_COMPANY


async def test_a_sale_to_a_company_that_the_crm_deleted_waits_as_unknown_company(hub, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital", companyId=VALDARNO)
    await sandbox.delete("Company", VALDARNO)

    item = await waiting_item(await hub.intake.import_activity(number, actor=giulia.id))

    assert (item.reason, item.crm_company_id) == (IntakeReason.UNKNOWN_COMPANY, VALDARNO)


async def test_a_sale_to_a_company_that_was_merged_is_imported_for_the_survivor(hub, sandbox, giulia):
    number = await sell(sandbox, "Start Office Digital", companyId=VALDARNO)
    await sandbox.merge("Company", VALDARNO, into=BREMBATE)

    ticket = await take_in(hub, number, actor=giulia.id)

    assert (await Company.get(id=ticket.company_id)).crm_id == BREMBATE


async def test_a_kit_without_services_waits_until_it_has_some(hub, giulia):
    kit = await Kit.get(code="SOD")
    await KitLine.filter(kit_id=kit.id).delete()

    item = await waiting_item(await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert (item.reason, item.candidates) == (IntakeReason.KIT_WITHOUT_SERVICES, ["SOD"])


async def test_an_inactive_kit_is_not_recognised(hub, giulia):
    await Kit.filter(code="SOD").update(active=False)

    item = await waiting_item(await hub.intake.import_activity(ACTIVITY_OF_THE_STORY, actor=giulia.id))

    assert item.reason == IntakeReason.NO_KIT


async def test_a_waiting_activity_that_is_corrected_in_the_crm_becomes_a_ticket(hub, sandbox, giulia):
    item = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))
    await edit_record(sandbox, "Activity", NAMELESS, description="Vendita Start Office Digital")

    parent = await take_in(hub, NAMELESS, actor=giulia.id)

    item = await IntakeItem.get(id=item.id)
    assert (item.status, item.ticket_id) == (IntakeStatus.RESOLVED, parent.id)
    assert item.settled_at is not None


async def test_a_waiting_activity_shows_its_newest_reason(hub, sandbox, giulia):
    item = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))
    await edit_record(sandbox, "Activity", NAMELESS, subject="SOD oppure SOF?")

    again = await waiting_item(await hub.intake.import_activity(NAMELESS, actor=giulia.id))

    assert again.id == item.id
    assert (again.reason, again.subject) == (IntakeReason.AMBIGUOUS_KIT, "SOD oppure SOF?")
