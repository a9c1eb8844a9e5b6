"""An opportunity is linked to the record that replaced it."""

import pytest

from models import Event, TicketLine, UnmatchedOpportunity
from services.vocabulary import ItemOutcome
from tests.support.hub import VALDARNO, dump, sell, take_in
from tests.support.repairs import CODE, REPAIR, codes
from tests.support.sync_findings import mirrored, reported

PROPOSED = "query($id: ID!) { node(id: $id) { ... on Opportunity { proposedRepairs } } }"
MAP = """mutation($crm: ID!, $line: ID!) {
    mapOpportunity(crmOpportunityId: $crm, ticketLineId: $line) { opportunity { id } problems { code } } }"""


async def test_it_is_linked_to_what_it_was_merged_into(hub, sandbox, sync, repair, giulia, by_hand, children):
    survivor = await by_hand("Proposta unica", amount=5000)
    await sandbox.merge("Opportunity", (await mirrored(2)).crm_id, into=survivor)
    await sync()

    answer = await repair("RELINK")

    assert codes(answer) == []
    linked = await mirrored(2)
    assert (linked.crm_id, linked.amount, linked.flag) == (survivor, 5000, None)
    assert await UnmatchedOpportunity.all().count() == 0
    assert {outcome for _, outcome, _ in reported(await sync())} == {ItemOutcome.UNCHANGED}
    assert len(await sandbox.records("Opportunity")) == 4


async def test_what_takes_or_leaves_the_record_in_its_place_tells_its_tree_which_repairs_are_left(
    hub, sandbox, sync, ask, giulia, by_hand, children
):
    async def proposed():
        return (await ask(PROPOSED, id=flagged.id))["proposedRepairs"]

    async def told():
        """What the tree was told, by what caused it."""
        events = await Event.filter(stream_id=flagged.tree_id, kind="OPPORTUNITY_REPAIRS_CHANGED")
        return [(await Event.get(id=event.cause)).kind for event in sorted(events, key=lambda one: one.seq)]

    flagged = await mirrored(2)
    other = await take_in(hub, await sell(sandbox, "SOF"), actor=giulia.id)
    line = await TicketLine.filter(ticket_id=other.id).first()
    survivor = await by_hand("Proposta unica", amount=5000)
    await sandbox.merge("Opportunity", flagged.crm_id, into=survivor)
    await sync()
    assert "RELINK" in await proposed()

    taken = await ask(MAP, crm=str(survivor), line=line.id)
    assert "RELINK" not in await proposed()
    assert await told() == ["OPPORTUNITY_ADOPTED"]

    await sandbox.delete("Opportunity", survivor)
    await sync()
    replacement = await by_hand("Un'altra proposta")
    answer = await ask(REPAIR, opportunity=taken["opportunity"]["id"], repair="RELINK", crm=str(replacement))
    assert codes(answer) == []
    assert "RELINK" in await proposed()
    assert await told() == ["OPPORTUNITY_ADOPTED", "OPPORTUNITY_REFRESHED"]


async def test_linked_to_the_one_that_carries_its_code_it_takes_over_the_number(
    sync, repair, by_hand, deleted
):
    other = await by_hand("Formazione rifatta a mano", code=f"{CODE}.2")
    await sync()

    await repair("RELINK")

    linked = await mirrored(2)
    assert (linked.crm_id, linked.code) == (other, f"{CODE}.2")


async def test_pressed_again_it_stays_linked_and_needs_no_crm(
    sandbox, sync, repair, by_hand, deleted, hub_url
):
    other = await by_hand("Un'altra proposta")
    first = await repair("RELINK", crm=str(other))
    before, calls = dump(hub_url), len(await sandbox.calls("Opportunity"))

    again = await repair("RELINK", crm=str(other))

    assert again == first
    assert dump(hub_url) == before
    assert len(await sandbox.calls("Opportunity")) == calls


@pytest.mark.parametrize(
    ("other", "code"),
    [
        pytest.param("mapped", "OPPORTUNITY_MAPPED", id="another line's"),
        pytest.param("elsewhere", "WRONG_COMPANY", id="another company's"),
        pytest.param("nobody", "UNKNOWN_OPPORTUNITY", id="nothing"),
    ],
)
async def test_it_is_not_linked_to(repair, by_hand, hub_url, deleted, other, code):
    others = {
        "mapped": (await mirrored(1)).crm_id,
        "elsewhere": await by_hand("Formazione", crossId=VALDARNO),
        "nobody": 999_999,
    }
    before = dump(hub_url)

    answer = await repair("RELINK", crm=str(others[other]))

    assert codes(answer) == [code]
    assert dump(hub_url) == before
