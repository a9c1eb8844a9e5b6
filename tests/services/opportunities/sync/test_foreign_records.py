"""An opportunity that somebody else added in the CRM is adopted where it is certain whose it is."""

import asyncio

import pytest

from models import ActionItem, Opportunity, Ticket, UnmatchedOpportunity
from services.opportunities.generation import generate_opportunities
from services.opportunities.sync import sync_opportunities
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemKind, ItemOutcome
from tests.support.hub import BREMBATE, VALDARNO, dump, edit_record, generate, run_to_the_end, sell, take_in
from tests.support.sync_findings import LOST, OF_THE_ACTION, WON, mirrored, reported


async def test_one_added_by_hand_is_adopted_by_its_code(sync, by_hand, closed_parent):
    crm_id = await by_hand("Come promesso", code="TCK-F40-5155-02", amount=4000)

    items = await sync()

    assert reported(items) == [(crm_id, ItemOutcome.CREATED, "ITS_CODE")]
    adopted = await mirrored(2)
    assert (adopted.crm_id, adopted.code, adopted.amount) == (crm_id, "TCK-F40-5155-02", 4000)
    assert (await Ticket.get(id=adopted.child_ticket_id)).code == "TCK-F40-5155-02"


async def test_one_added_by_hand_is_adopted_by_the_service_in_its_title(sync, by_hand, closed_parent):
    crm_id = await by_hand("Patto Know-How con Brembate")

    items = await sync()

    assert reported(items) == [(crm_id, ItemOutcome.CREATED, "ITS_SERVICE")]
    adopted = await mirrored(3)
    assert (adopted.crm_id, adopted.code) == (crm_id, "TCK-KHW-5155-03")


# Of the sandbox's catalog; the last is a kit, which is no service of a line.
F40_PRODUCT, KHW_PRODUCT, FOREIGN_PRODUCT = 27401, 27403, 27411


def selling(*product_ids):
    return [{"active": 1, "productId": number, "productQta": 1} for number in product_ids]


@pytest.mark.parametrize(
    "search_rows",
    [pytest.param("whole", id="that the search shows"), pytest.param("slim", id="left out there")],
)
async def test_one_added_by_hand_is_adopted_by_its_products_before_its_title(
    sandbox, sync, by_hand, closed_parent, search_rows
):
    await sandbox.switch(search_rows=search_rows)
    crm_id = await by_hand("Formazione 4.0", products=selling(KHW_PRODUCT))

    items = await sync()

    assert reported(items) == [(crm_id, ItemOutcome.CREATED, "ITS_SERVICE")]
    assert (await mirrored(3)).crm_id == crm_id


async def test_a_product_that_was_merged_says_nothing(sandbox, sync, by_hand, closed_parent):
    crm_id = await by_hand("Formazione 4.0", products=selling(KHW_PRODUCT))
    await sandbox.merge("Catalog", KHW_PRODUCT, into=FOREIGN_PRODUCT)

    items = await sync()

    assert reported(items) == [(crm_id, ItemOutcome.CREATED, "ITS_SERVICE")]
    assert (await mirrored(2)).crm_id == crm_id


async def test_products_of_two_services_are_not_certain(sync, by_hand, closed_parent):
    crm_id = await by_hand("Formazione 4.0", products=selling(F40_PRODUCT, KHW_PRODUCT))

    assert reported(await sync()) == [(crm_id, ItemOutcome.SKIPPED, "SEVERAL_SERVICES")]


async def test_all_strangers_of_a_company_cost_one_call_more(sandbox, sync, by_hand, closed_parent):
    async def calls_of_a_sync():
        before = len(await sandbox.calls(""))
        await sync()
        paths = [call["path"] for call in (await sandbox.calls(""))[before:]]
        return [path for path in paths if not path.endswith("Auth/Login")]

    alone = await calls_of_a_sync()
    for product in (F40_PRODUCT, KHW_PRODUCT, FOREIGN_PRODUCT):
        await by_hand("Proposta", products=selling(product))
    await by_hand("Proposta")
    with_strangers = await calls_of_a_sync()
    with_one_left = await calls_of_a_sync()

    assert len(alone) == 2
    assert with_strangers[:2] == alone
    assert [path.split("/")[-2] for path in with_strangers[2:]] == ["Catalog"]
    assert len(with_one_left) == 3


async def test_what_another_company_s_ticket_has_is_not_taken_where_it_moved_to(
    hub, sandbox, sync, giulia, by_hand, closed_parent
):
    other = await take_in(
        hub, await sell(sandbox, "Start Office Digital", companyId=VALDARNO), actor=giulia.id
    )
    crm_id = await by_hand("Know How", crossId=VALDARNO)
    await sync(company_id=other.company_id)
    await edit_record(sandbox, "Opportunity", crm_id, crossId=BREMBATE)

    items = await sync(company_id=closed_parent.company_id)

    assert items == []
    assert (await Opportunity.get(crm_id=crm_id)).ticket_id == other.id


async def test_one_whose_code_the_crm_dropped_is_adopted_by_the_marker_in_its_title(
    sync, by_hand, closed_parent
):
    crm_id = await by_hand("[IH:TCK-KHW-5155-03] [KHW] Know How")

    items = await sync()

    assert reported(items) == [(crm_id, ItemOutcome.CREATED, "ITS_CODE")]
    assert (await mirrored(3)).title == "[KHW] Know How"


async def test_an_adopted_one_is_not_made_again(hub, sandbox, sync, giulia, by_hand, closed_parent):
    await by_hand("Know How")
    await sync()

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert [item.outcome for item in items].count(ItemOutcome.UNCHANGED) == 1
    assert len(await sandbox.records("Opportunity")) == 4


async def test_one_that_is_lost_already_is_adopted_by_its_code_without_a_child(sync, by_hand, closed_parent):
    crm_id = await by_hand(code="TCK-F40-5155-02", status=LOST)

    items = await sync()

    assert reported(items) == [(crm_id, ItemOutcome.ADOPTED, "LOST")]
    assert await Ticket.filter(parent_id=closed_parent.id).count() == 0


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"title": "Proposta generica"}, "NO_SERVICE", id="names no service"),
        pytest.param({"title": "Know How e Formazione 4.0"}, "SEVERAL_SERVICES", id="names two"),
        pytest.param({"title": "Patent Box"}, "NO_FREE_LINE", id="names one that was not sold"),
        pytest.param({"title": "Know How", "status": LOST}, "LOST", id="is lost already"),
        pytest.param({"title": "x", "code": "TCK-F40-9999-02"}, "FOREIGN_CODE", id="carries another's code"),
        pytest.param({"title": "know-how tecnico pressa"}, "TITLE_UNCLEAR", id="has everyday words"),
        pytest.param({"title": "NON vuole Formazione 4.0"}, "TITLE_DENIES", id="is denied"),
        pytest.param(
            {"title": "Know How", "status": WON, "createdDate": "2023-03-01T09:00:00Z"},
            "BEFORE_SALE",
            id="was won years before the sale",
        ),
        pytest.param(
            {"title": "Know How", "status": WON, "closeDate": "2023-03-01T09:00:00Z"},
            "BEFORE_SALE",
            id="was closed years before the sale",
        ),
    ],
)
async def test_what_is_not_certain_is_listed_and_left_alone(
    sync, hub_url, by_hand, closed_parent, values, reason
):
    crm_id = await by_hand(**values)
    everything_else = (*OF_THE_ACTION, "unmatched_opportunity")
    before = dump(hub_url, without=everything_else)

    items = await sync()

    assert reported(items) == [(crm_id, ItemOutcome.SKIPPED, reason)]
    assert dump(hub_url, without=everything_else) == before


async def test_what_two_could_claim_neither_gets(sync, by_hand, closed_parent):
    first, second = await by_hand("Know How"), await by_hand("know-how, seconda offerta")

    items = await sync()

    assert reported(items) == [
        (first, ItemOutcome.SKIPPED, "SEVERAL_OPPORTUNITIES"),
        (second, ItemOutcome.SKIPPED, "SEVERAL_OPPORTUNITIES"),
    ]


async def test_two_parents_that_wait_for_the_same_service_leave_it_to_a_person(
    hub, sandbox, sync, giulia, by_hand, closed_parent
):
    await take_in(hub, await sell(sandbox, "Start Office Digital bis"), actor=giulia.id)
    crm_id = await by_hand("Know How")

    assert reported(await sync()) == [(crm_id, ItemOutcome.SKIPPED, "SEVERAL_PARENTS")]


async def test_a_cancelled_parent_claims_nothing(hub, sandbox, sync, giulia, by_hand, closed_parent):
    other = await take_in(hub, await sell(sandbox, "Start Office Digital bis"), actor=giulia.id)
    await cancel_ticket(other.id, "Doppione", children=None, actor=giulia.id, events=hub.events)
    await by_hand("Know How")

    await sync()

    assert (await Opportunity.get()).ticket_id == closed_parent.id


async def test_a_stranger_with_a_code_as_long_as_a_sentence_stops_no_other(sync, by_hand, generated):
    await by_hand("Commessa", code="commessa numero 12 della sede di Brembate, seconda parte, revisione 3")

    items = await sync()

    assert [item.outcome for item in items] == [*[ItemOutcome.CREATED] * 4, ItemOutcome.SKIPPED]


async def test_what_belongs_to_another_company_is_not_looked_at(sync, by_hand, closed_parent):
    await by_hand("Know How", crossId=VALDARNO)

    assert await sync() == []


async def test_one_that_is_being_made_is_left_to_the_action_that_makes_it(
    hub, sandbox, sync, giulia, closed_parent
):
    await sandbox.plan(
        "commit_then_delay", match={"controller": "Opportunity", "action": "create"}, args={"seconds": 0.6}
    )
    pressed = asyncio.create_task(generate(hub, closed_parent.id, actor=giulia.id))
    while not (made := [one for one in await sandbox.records("Opportunity") if one["code"]]):
        await asyncio.sleep(0.02)

    action = await sync_opportunities(actor=giulia.id, events=hub.events)
    [lane] = [lane for lane in await hub.engine.due_lanes() if action.id in lane]
    await hub.engine.run_lane(lane)

    items = await ActionItem.filter(action_id=action.id, kind=ItemKind.SYNC_OPPORTUNITY)
    assert reported(items) == [(made[0]["id"], ItemOutcome.SKIPPED, "UNDER_WAY")]
    assert await UnmatchedOpportunity.all().count() == 0
    assert {item.outcome for item in await pressed} == {ItemOutcome.CREATED}


@pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])
async def test_a_line_whose_opportunity_is_being_made_is_not_given_another(
    hub, sandbox, sync, giulia, by_hand, closed_parent
):
    """The request of the first line was lost, when somebody adds an opportunity by hand and synchronises."""
    action = await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    await sandbox.plan("drop_before", match={"controller": "Opportunity", "action": "create"})
    [lane] = await hub.engine.due_lanes()
    await hub.engine.run_lane(lane)
    by_hand_id = await by_hand("Transizione 5.0")

    items = await sync()

    assert (by_hand_id, ItemOutcome.SKIPPED, "NO_FREE_LINE") in reported(items)
    made = await run_to_the_end(hub, action)
    assert {item.outcome for item in made} == {ItemOutcome.CREATED}
    assert (await mirrored(1)).crm_id != by_hand_id
