"""The operator maps what nothing could match: to a line that waits, or beside the lines of a ticket."""

import asyncio

import pytest

from models import Opportunity, Service, Ticket, TicketLine, UnmatchedOpportunity
from services.opportunities.generation import generate_opportunities
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemOutcome
from tests.support.hub import VALDARNO, dump, edit_record, generate, run_to_the_end
from tests.support.sync_findings import LOST, OF_THE_ACTION

UNMATCHED = """query { unmatchedOpportunities {
    nodes { crmId reason explanation candidateLineIds company { crmId } } } }"""
MAP = """mutation($crm: ID!, $line: ID, $ticket: ID, $service: ID) {
    mapOpportunity(crmOpportunityId: $crm, ticketLineId: $line, ticketId: $ticket, serviceId: $service) {
        opportunity { crmId code ticketLine { position } service { code } }
        childTicket { code milestones { title } }
        problems { code path } } }"""


async def line_at(position):
    return await TicketLine.get(position=position)


async def service_of(code):
    return (await Service.get(code=code)).id


@pytest.fixture
async def stranger(sync, by_hand, closed_parent):
    """An opportunity that waits on the list."""
    crm_id = await by_hand("Proposta generica", amount=700)
    await sync()
    return crm_id


async def test_the_list_says_why_it_waits_and_what_it_may_be_meant_for(ask, stranger):
    [waiting] = (await ask(UNMATCHED))["nodes"]

    assert (waiting["crmId"], waiting["reason"]) == (str(stranger), "NO_SERVICE")
    assert waiting["explanation"] == "Neither its products nor its title name a service."
    assert len(waiting["candidateLineIds"]) == 4


async def test_mapped_to_a_line_it_gets_that_line_s_code_and_child(ask, stranger):
    answer = await ask(MAP, crm=str(stranger), line=(await line_at(3)).id)

    assert answer["problems"] == []
    assert answer["opportunity"]["code"] == answer["childTicket"]["code"] == "TCK-KHW-5155-03"
    assert len(answer["childTicket"]["milestones"]) >= 3
    assert await UnmatchedOpportunity.all().count() == 0


async def test_a_line_that_was_mapped_is_not_sold_again(
    hub, sandbox, ask, sync, giulia, stranger, closed_parent
):
    await ask(MAP, crm=str(stranger), line=(await line_at(3)).id)

    await generate(hub, closed_parent.id, actor=giulia.id)
    await sync()

    assert len(await sandbox.records("Opportunity")) == 4
    assert await Ticket.filter(parent_id=closed_parent.id).count() == 4


async def test_what_carries_a_line_s_code_but_was_mapped_elsewhere_is_not_adopted_in_silence(
    hub, sandbox, ask, sync, giulia, by_hand, closed_parent
):
    carriers = [await by_hand("Copia", code="TCK-F40-5155-02") for _ in range(2)]
    await sync()
    await ask(MAP, crm=str(carriers[0]), line=(await line_at(3)).id)
    await sandbox.delete("Opportunity", carriers[1])

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    [failed] = [item for item in items if item.reference == "TCK-F40-5155-02"]
    assert failed.outcome == ItemOutcome.FAILED
    assert failed.explanation == f"The opportunity {carriers[0]} is already TCK-KHW-5155-03."


async def test_mapped_beside_the_lines_it_takes_the_next_numbers(ask, by_hand, stranger, closed_parent):
    second = await by_hand("Patent Box, seconda pratica")

    first = await ask(MAP, crm=str(stranger), ticket=closed_parent.id, service=await service_of("BND"))
    then = await ask(MAP, crm=str(second), ticket=closed_parent.id)

    assert first["childTicket"]["code"] == "TCK-BND-5155-05"
    assert first["opportunity"] == {
        "crmId": str(stranger),
        "code": "TCK-BND-5155-05",
        "ticketLine": None,
        "service": {"code": "BND"},
    }
    assert then["childTicket"]["code"] == "TCK-PBX-5155-06"


async def test_what_it_sells_beside_the_lines_is_said_by_its_products(ask, by_hand, closed_parent):
    crm_id = await by_hand("Know How", products=[{"productId": 27404, "productQta": 1}])

    answer = await ask(MAP, crm=str(crm_id), ticket=closed_parent.id)

    assert answer["opportunity"]["service"] == {"code": "PBX"}


async def test_a_lost_one_mapped_beside_the_lines_gets_its_child_once_it_is_open_again(
    sandbox, ask, sync, by_hand, closed_parent
):
    crm_id = await by_hand("Patent Box", status=LOST)
    lost = await ask(MAP, crm=str(crm_id), ticket=closed_parent.id)
    await edit_record(sandbox, "Opportunity", crm_id, status=1)

    await sync()

    assert lost["childTicket"] is None
    child = await Ticket.get(parent_id=closed_parent.id)
    assert (child.code, child.position) == ("TCK-PBX-5155-05", 5)
    assert (await Opportunity.get(crm_id=crm_id)).child_ticket_id == child.id


async def test_said_again_it_changes_nothing_and_needs_no_crm(ask, sandbox, hub_url, stranger):
    first = await ask(MAP, crm=str(stranger), line=(await line_at(3)).id)
    before, calls = dump(hub_url), len(await sandbox.calls("Opportunity"))

    again = await ask(MAP, crm=str(stranger), line=(await line_at(3)).id)

    assert again == first
    assert dump(hub_url) == before
    assert len(await sandbox.calls("Opportunity")) == calls


async def test_said_twice_at_once_it_is_mapped_once(ask, stranger, closed_parent):
    saying = {"crm": str(stranger), "ticket": closed_parent.id, "service": await service_of("BND")}

    answers = await asyncio.gather(*(ask(MAP, **saying) for _ in range(4)))

    assert all(answer == answers[0] and answer["problems"] == [] for answer in answers)
    assert await Ticket.filter(parent_id=closed_parent.id).count() == 1


@pytest.fixture
async def places(hub, sandbox, giulia, by_hand, stranger, children, closed_parent):
    """Names for what the refusals are about; all lines are filled by now."""
    return {
        "stranger": stranger,
        "nobody": 999_999,
        "elsewhere": await by_hand("Know How", crossId=VALDARNO),
        "mapped": (await Opportunity.get(child_ticket_id=children[0].id)).crm_id,
        "line": (await line_at(3)).id,
        "parent": closed_parent.id,
        "child": children[0].id,
        "BND": await service_of("BND"),
        "none": "tck_none",
    }


@pytest.mark.parametrize(
    ("crm", "place", "code"),
    [
        pytest.param("stranger", {"line": "line"}, "LINE_FILLED", id="a filled line"),
        pytest.param("mapped", {"line": "line"}, "OPPORTUNITY_MAPPED", id="one of another line"),
        pytest.param("nobody", {"ticket": "parent", "service": "BND"}, "UNKNOWN_OPPORTUNITY", id="nothing"),
        pytest.param("elsewhere", {"ticket": "parent"}, "WRONG_COMPANY", id="another company's"),
        pytest.param("stranger", {"ticket": "parent"}, "SERVICE_UNCLEAR", id="one that names no service"),
        pytest.param("stranger", {"ticket": "child"}, "NOT_A_PARENT", id="a child ticket"),
        pytest.param("stranger", {"ticket": "none"}, "UNKNOWN_TICKET", id="no such ticket"),
        pytest.param("stranger", {"line": "none"}, "UNKNOWN_LINE", id="no such line"),
        pytest.param("stranger", {"ticket": "parent", "service": "none"}, "UNKNOWN_SERVICE", id="no service"),
    ],
)
async def test_it_is_declined_with_nothing_written(ask, hub_url, places, crm, place, code):
    before = dump(hub_url)

    answer = await ask(MAP, crm=str(places[crm]), **{name: places[value] for name, value in place.items()})

    assert [problem["code"] for problem in answer["problems"]] == [code]
    assert answer["opportunity"] is None
    assert dump(hub_url) == before


async def test_a_service_without_workflow_has_no_place_beside_the_lines(ask, stranger, closed_parent):
    await Service.filter(code="BND").update(workflow_code=None)

    answer = await ask(MAP, crm=str(stranger), ticket=closed_parent.id, service=await service_of("BND"))

    assert [problem["code"] for problem in answer["problems"]] == ["SERVICE_WITHOUT_TEMPLATE"]


async def test_nothing_is_mapped_to_a_cancelled_ticket(hub, ask, sync, giulia, by_hand, parent):
    crm_id = await by_hand("Proposta generica")
    await cancel_ticket(parent.id, "Recesso", children=None, actor=giulia.id, events=hub.events)

    to_line = await ask(MAP, crm=str(crm_id), line=(await line_at(1)).id)
    beside = await ask(MAP, crm=str(crm_id), ticket=parent.id, service=await service_of("BND"))

    codes = [problem["code"] for answer in (to_line, beside) for problem in answer["problems"]]
    assert codes == ["TICKET_CANCELLED"] * 2


@pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])
async def test_a_line_whose_opportunity_is_being_made_is_declined(
    hub, sandbox, ask, giulia, stranger, closed_parent
):
    action = await generate_opportunities(closed_parent.id, actor=giulia.id, events=hub.events)
    await sandbox.plan("drop_before", match={"controller": "Opportunity", "action": "create"})
    [lane] = await hub.engine.due_lanes()
    await hub.engine.run_lane(lane)

    answer = await ask(MAP, crm=str(stranger), line=(await line_at(1)).id)

    assert [problem["code"] for problem in answer["problems"]] == ["LINE_FILLED"]
    await run_to_the_end(hub, action)
    assert await Opportunity.all().count() == 4


async def test_a_crm_that_does_not_answer_is_said_and_nothing_written(ask, sandbox, hub_url, stranger):
    await sandbox.plan("html_502", match={"controller": "Opportunity", "action": "get"}, times=2)
    before = dump(hub_url, without=OF_THE_ACTION)

    answer = await ask(MAP, crm=str(stranger), line=(await line_at(1)).id)

    assert [problem["code"] for problem in answer["problems"]] == ["CRM_UNAVAILABLE"]
    assert dump(hub_url, without=OF_THE_ACTION) == before
