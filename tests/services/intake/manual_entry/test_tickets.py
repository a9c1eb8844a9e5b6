"""A sale entered by hand is recorded in the CRM and becomes a ticket."""

from models import Action, Company, Kit, Ticket
from services.vocabulary import ActionStatus, ItemOutcome
from tests.support.entered_sales import made_by_hand, make
from tests.support.hub import BREMBATE, INTAKE_SUB_TYPE, VALDARNO, add_operator, make_responsible


async def test_a_sale_entered_by_hand_is_noted_in_the_crm_and_becomes_a_parent(hub, sandbox, giulia):
    item = await make(hub, giulia, notes="Firma entro venerdì")

    ticket = await Ticket.get()
    assert item.outcome == ItemOutcome.CREATED
    assert ticket.code == f"TCK-SOD-{str(item.crm_id)[-4:]}-00"
    assert (ticket.notes, ticket.owner_id) == ("Firma entro venerdì", giulia.id)
    (noted,) = await made_by_hand(sandbox)
    assert (noted["subTypeId"], noted["companyId"], noted["ownerId"]) == (INTAKE_SUB_TYPE, BREMBATE, 2002)
    assert "Firma entro venerdì" not in noted["description"]


async def test_the_ticket_shows_on_the_action(hub, giulia):
    item = await make(hub, giulia)

    action = await Action.get(id=item.action_id)
    assert (action.status, action.ticket_id) == (ActionStatus.COMPLETED, (await Ticket.get()).id)
    assert action.company_id == (await Company.get(crm_id=BREMBATE)).id


async def test_a_company_that_we_know_goes_by_our_id(hub, sandbox, giulia):
    company = await Company.create(crm_id=VALDARNO, name="Valdarno", refreshed_at=hub.clock())

    await make(hub, giulia, crm_company_id=None, company_id=company.id)

    assert (await Ticket.get()).company_id == company.id
    assert (await made_by_hand(sandbox))[0]["companyId"] == VALDARNO


async def test_a_kit_goes_by_its_id_as_well(hub, giulia):
    await make(hub, giulia, kit_code=None, kit_id=(await Kit.get(code="SOF")).id)

    assert (await Ticket.get()).code.startswith("TCK-SOF-")


async def test_the_owner_who_was_chosen_owns_both_ticket_and_activity(hub, sandbox, giulia):
    luca = await add_operator(hub.events, "Luca", crm_user_id=2003)

    await make(hub, giulia, owner_id=luca.id)

    assert (await Ticket.get()).owner_id == luca.id
    assert (await made_by_hand(sandbox))[0]["ownerId"] == 2003


async def test_an_operator_without_a_crm_user_leaves_the_ticket_to_the_kit_s_responsible(hub, giulia):
    token = await add_operator(hub.events, "Portale")
    await make_responsible(giulia, "SOD")

    await make(hub, token)

    assert (await Ticket.get()).owner_id == giulia.id
