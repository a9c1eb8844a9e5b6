"""What a synchronisation could not match waits on a list until it is matched, mapped or gone."""

import pytest

from models import TicketLine, UnmatchedOpportunity
from tests.support.hub import BREMBATE, VALDARNO, dump, edit_record, sell, take_in
from tests.support.sync_findings import LOST, OF_THE_ACTION


async def waiting():
    return {row.crm_id: row for row in await UnmatchedOpportunity.all()}


async def test_it_waits_with_its_reason_and_the_lines_it_may_be_meant_for(
    hub, sandbox, sync, giulia, by_hand, closed_parent
):
    await take_in(hub, await sell(sandbox, "Start Office Digital bis"), actor=giulia.id)
    crm_id = await by_hand("Know How", amount=900, phase=53002)

    await sync()

    row = (await waiting())[crm_id]
    assert (row.reason, row.title, row.amount, row.phase) == ("SEVERAL_PARENTS", "Know How", 900, "53002")
    lines = await TicketLine.filter(id__in=row.candidate_line_ids)
    assert [line.name for line in lines] == ["Know How"] * 2


async def test_one_that_names_no_service_may_be_meant_for_any_free_line(sync, by_hand, closed_parent):
    await by_hand("Know How")
    crm_id = await by_hand("Proposta generica")

    await sync()

    lines = await TicketLine.filter(id__in=(await waiting())[crm_id].candidate_line_ids)
    assert sorted(line.position for line in lines) == [1, 2, 4]


async def test_a_repeat_leaves_the_list_as_it_is(sync, hub_url, by_hand, closed_parent):
    await by_hand("Proposta generica")
    await sync()
    before = dump(hub_url, without=OF_THE_ACTION)

    await sync()

    assert dump(hub_url, without=OF_THE_ACTION) == before


async def test_what_the_crm_shows_of_it_is_refreshed_and_its_first_instant_kept(
    sandbox, sync, by_hand, closed_parent
):
    crm_id = await by_hand("Proposta generica")
    await sync()
    first = (await waiting())[crm_id]
    await edit_record(sandbox, "Opportunity", crm_id, title="Know How e Formazione 4.0", amount=10)

    await sync()

    row = (await waiting())[crm_id]
    assert (row.reason, row.amount) == ("SEVERAL_SERVICES", 10)
    assert (row.id, row.created_at) == (first.id, first.created_at)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"title": "Know How"}, id="names one service now"),
        pytest.param({"code": "TCK-KHW-5155-03"}, id="carries one of our codes now"),
        pytest.param({"status": LOST}, id="is lost"),
        pytest.param({"crossId": VALDARNO}, id="belongs to another company"),
    ],
)
async def test_it_leaves_the_list_when_it(sandbox, sync, by_hand, closed_parent, values):
    crm_id = await by_hand("Proposta generica")
    await sync()
    await edit_record(sandbox, "Opportunity", crm_id, **values)

    await sync()

    assert await waiting() == {}


async def test_it_leaves_the_list_when_the_crm_no_longer_has_it(sandbox, sync, by_hand, closed_parent):
    crm_id = await by_hand("Proposta generica")
    await sync()
    await sandbox.delete("Opportunity", crm_id)

    await sync()

    assert await waiting() == {}


async def test_the_lists_of_other_companies_are_left_alone(
    hub, sandbox, sync, giulia, by_hand, closed_parent
):
    other = await take_in(hub, await sell(sandbox, "kit SOF", companyId=VALDARNO), actor=giulia.id)
    crm_id = await by_hand("Proposta generica", crossId=VALDARNO)
    await sync()
    await by_hand("Altra proposta", crossId=BREMBATE)

    await sync(ticket_id=closed_parent.id)

    assert {row.company_id for row in (await waiting()).values()} == {
        other.company_id,
        closed_parent.company_id,
    }
    assert crm_id in await waiting()
