"""An opportunity is linked to the record that replaced it."""

import pytest

from models import UnmatchedOpportunity
from services.vocabulary import ItemOutcome
from tests.support.hub import VALDARNO, dump
from tests.support.repairs import CODE, codes
from tests.support.sync_findings import mirrored, reported


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
