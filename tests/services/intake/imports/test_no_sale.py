"""What is no sale, and activities that carry our marker."""

import pytest

from models import ActionItem, Ticket
from services.intake.manual_entry import TicketRequest, create_ticket
from tests.support.hub import VALDARNO, add_operator, dump, hub_over, run_to_the_end, sell, take_in
from tests.support.refusals import refusal_of
from tests.support.shelf_crm import waiting_item

PHONE_CALL = 841950


@pytest.mark.parametrize(
    ("number", "code"),
    [
        pytest.param(PHONE_CALL, "NOT_A_SALE", id="another sub-type, though it names a kit"),
        pytest.param(999_999, "UNKNOWN_ACTIVITY", id="no such activity"),
    ],
)
async def test_what_is_no_sale_is_refused_and_writes_nothing(hub, hub_url, giulia, number, code):
    before = dump(hub_url)

    refusal = await refusal_of(hub.intake.import_activity(number, actor=giulia.id))

    assert (refusal.code, refusal.path) == (code, ("crmActivityId",))
    assert dump(hub_url) == before


@pytest.mark.parametrize(
    ("texts", "outcome"),
    [
        pytest.param(
            ("R: [IH:TCK-F40-5155-01:2] Firma Incarico", "Venduto anche lo Start Office Digital"),
            "TCK-SOD",
            id="an answer that sells something new",
        ),
        pytest.param(
            ("Start Office Digital", "Vedi [IH:TCK-F40-5155-01:2]"), "TCK-SOD", id="a sale that cites one"
        ),
        pytest.param(
            ("[IH:TCK-F40-5155-01:2] SOD", "[IH:TCK-F40-5155-01:2]\nMilestone 2"), "NO_KIT", id="a copy"
        ),
    ],
)
async def test_an_activity_that_only_carries_our_marker_is_a_sale_like_any_other(
    hub, sandbox, giulia, texts, outcome
):
    imported = await hub.intake.import_activity(await sell(sandbox, *texts), actor=giulia.id)

    if imported.ticket_id is None:
        assert (await waiting_item(imported)).reason == outcome
    else:
        assert (await Ticket.get(id=imported.ticket_id)).code.startswith(outcome)


async def note_by_hand(hub, giulia):
    request = TicketRequest(kit_code="SOT", crm_company_id=VALDARNO)
    return await create_ticket(
        request, actor=giulia.id, crm=hub.crm, events=hub.events, calendar=hub.calendar
    )


async def copy_in_crm(sandbox, number):
    """What somebody gets who presses "duplicate" on an activity."""
    record = next(one for one in await sandbox.records("Activity") if one["id"] == number)
    return await sell(
        sandbox, record["subject"], record["description"], companyId=record["companyId"], ownerId=2002
    )


async def test_a_sale_that_we_noted_is_an_echo_and_a_copy_of_it_is_a_sale(hub, sandbox, giulia):
    (item,) = await run_to_the_end(hub, await note_by_hand(hub, giulia))
    first = await Ticket.get()
    number = await copy_in_crm(sandbox, item.crm_id)

    ours = await hub.intake.import_activity(item.crm_id, actor=giulia.id)
    copied = await take_in(hub, number, actor=giulia.id)

    assert ours.ticket_id == first.id
    assert (copied.kit_id, copied.id != first.id) == (first.kit_id, True)


async def test_a_double_of_ours_that_the_second_look_reports_is_left_to_a_person(hub_url, sandbox):
    async with hub_over(hub_url, sandbox, second_look_seconds=0.1) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        action = await note_by_hand(hub, giulia)
        (item,) = await ActionItem.filter(action_id=action.id)
        await hub.engine.run_lane(item.lane, stopping=lambda: True)
        number = await copy_in_crm(sandbox, (await ActionItem.get(id=item.id)).crm_id)

        early = await refusal_of(hub.intake.import_activity(number, actor=giulia.id))
        await run_to_the_end(hub, action)
        reported = await refusal_of(hub.intake.import_activity(number, actor=giulia.id))

    assert (early.code, reported.code) == ("REQUEST_UNSETTLED", "REQUEST_UNSETTLED")


async def test_what_stands_below_a_torn_marker_of_ours_names_no_kit(hub, sandbox, giulia):
    number = await sell(sandbox, "Vendita SOD", "come d'intesa\n[IH: ticket creato per Start Office Finance")

    assert (await take_in(hub, number, actor=giulia.id)).code.startswith("TCK-SOD-")
