"""What went wrong with an opportunity in the CRM is flagged on our mirror, reported, and clears by itself."""

import pytest

from models import Opportunity, Ticket
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemOutcome, TicketStatus
from tests.support.hub import BREMBATE, VALDARNO, dump, edit_record
from tests.support.sync_findings import LOST, OF_THE_ACTION, WON, mirrored, reported

FLAGGED = """query { opportunities(filter: {flag: {in: [LOST, DELETED, MERGED, MOVED, RENAMED]}}) {
    nodes { code flag flagExplanation flagCrmId flagCrmCompanyId proposedRepairs keptAt } } }"""
CODE = "TCK-F40-5155-02"


@pytest.fixture
def flagged(ask):
    async def flagged():
        return (await ask(FLAGGED))["nodes"]

    return flagged


async def test_a_lost_one_is_flagged_with_what_may_be_done(sandbox, sync, flagged, children):
    await edit_record(sandbox, "Opportunity", (await mirrored(2)).crm_id, status=LOST)

    await sync()

    [opportunity] = await flagged()
    assert (opportunity["code"], opportunity["flag"]) == (CODE, "LOST")
    assert opportunity["proposedRepairs"] == ["CANCEL_CHILD", "RECREATE", "KEEP"]
    assert opportunity["flagExplanation"] == "It is lost in the CRM, and it has a child ticket."


async def test_a_deleted_one_is_flagged_with_the_record_that_carries_its_code(
    sandbox, sync, flagged, by_hand, children
):
    await sandbox.delete("Opportunity", (await mirrored(2)).crm_id)
    other = await by_hand("Formazione rifatta a mano", code=f"{CODE}.2")

    items = await sync()

    [opportunity] = await flagged()
    assert (opportunity["flag"], opportunity["flagCrmId"]) == ("DELETED", str(other))
    assert opportunity["proposedRepairs"] == ["RELINK", "RECREATE", "CANCEL_CHILD", "KEEP"]
    words = f"The CRM no longer has this opportunity. Opportunity {other} carries its code."
    assert words in [item.explanation for item in items]


@pytest.mark.parametrize(
    ("answers", "flag"),
    [pytest.param("survivor", "MERGED", id="answers"), pytest.param("missing", "DELETED", id="is gone")],
)
async def test_a_merged_one_is_flagged_by_what_its_old_id(
    sandbox, sync, flagged, by_hand, children, answers, flag
):
    await sandbox.switch(merged_ids=answers)
    survivor = await by_hand("Proposta unica")
    await sandbox.merge("Opportunity", (await mirrored(2)).crm_id, into=survivor)

    await sync()

    [opportunity] = await flagged()
    assert opportunity["flag"] == flag
    assert opportunity["flagCrmId"] == (str(survivor) if flag == "MERGED" else None)


async def test_one_that_was_merged_into_another_of_ours_is_not_proposed_to_be_linked_to_it(
    sandbox, sync, flagged, children
):
    survivor = (await mirrored(3)).crm_id
    await sandbox.merge("Opportunity", (await mirrored(2)).crm_id, into=survivor)

    await sync()

    [opportunity] = await flagged()
    assert (opportunity["flag"], opportunity["flagCrmId"]) == ("MERGED", str(survivor))
    assert opportunity["proposedRepairs"] == ["RECREATE", "CANCEL_CHILD", "KEEP"]


async def test_one_that_was_merged_into_another_company_s_moved_there(
    sandbox, sync, flagged, by_hand, children
):
    survivor = await by_hand("Proposta unica", crossId=VALDARNO)
    await sandbox.merge("Opportunity", (await mirrored(2)).crm_id, into=survivor)

    await sync()

    [opportunity] = await flagged()
    assert (opportunity["flag"], opportunity["flagCrmCompanyId"]) == ("MOVED", str(VALDARNO))
    assert opportunity["proposedRepairs"] == ["RECREATE", "CANCEL_CHILD", "KEEP"]


async def test_one_that_moved_to_another_company_is_flagged_and_stays_so_unasked(
    sandbox, sync, flagged, children
):
    opportunity = await mirrored(2)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, crossId=VALDARNO)
    before = len(await sandbox.calls(f"Opportunity/{opportunity.crm_id}"))

    await sync()
    calls = len(await sandbox.calls(f"Opportunity/{opportunity.crm_id}"))
    again = await sync()

    [node] = await flagged()
    assert (node["flag"], node["flagCrmCompanyId"]) == ("MOVED", str(VALDARNO))
    assert reported(again)[1] == (opportunity.crm_id, ItemOutcome.NEEDS_ATTENTION, "MOVED")
    assert calls == len(await sandbox.calls(f"Opportunity/{opportunity.crm_id}")) == before + 1


async def test_one_whose_code_was_changed_is_flagged(sandbox, sync, flagged, children):
    crm_id = (await mirrored(2)).crm_id
    await edit_record(sandbox, "Opportunity", crm_id, code="2027/14", title="Un'altra cosa")

    items = await sync()

    [opportunity] = await flagged()
    assert (opportunity["flag"], opportunity["proposedRepairs"]) == ("RENAMED", ["KEEP", "RECREATE"])
    assert reported(items)[1] == (crm_id, ItemOutcome.NEEDS_ATTENTION, "RENAMED")
    assert (await mirrored(2)).title == "Un'altra cosa"


@pytest.mark.parametrize(
    ("harm", "cure"),
    [
        pytest.param({"status": LOST}, {"status": WON}, id="lost and then won"),
        pytest.param({"crossId": VALDARNO}, {"crossId": BREMBATE}, id="moved away and back"),
        pytest.param({"code": "x", "title": "y"}, {"code": CODE}, id="renamed and given its code again"),
    ],
)
async def test_a_flag_clears_by_itself_for_one(sandbox, sync, flagged, children, harm, cure):
    crm_id = (await mirrored(2)).crm_id
    await edit_record(sandbox, "Opportunity", crm_id, **harm)
    await sync()
    assert len(await flagged()) == 1
    await edit_record(sandbox, "Opportunity", crm_id, **cure)

    items = await sync()

    assert await flagged() == []
    assert reported(items)[1][1] == ItemOutcome.UPDATED


async def test_a_repeat_changes_nothing_about_a_flag(sandbox, sync, hub_url, by_hand, children):
    await sandbox.merge("Opportunity", (await mirrored(2)).crm_id, into=await by_hand("Proposta unica"))
    await edit_record(sandbox, "Opportunity", (await mirrored(1)).crm_id, status=LOST)
    await sync()
    before = dump(hub_url, without=OF_THE_ACTION)

    await sync()

    assert dump(hub_url, without=OF_THE_ACTION) == before


async def test_no_question_is_asked_where_the_child_is_cancelled(
    hub, sandbox, sync, flagged, giulia, children
):
    opportunity = await mirrored(2)
    await cancel_ticket(
        opportunity.child_ticket_id, "Recesso", children=None, actor=giulia.id, events=hub.events
    )
    await sandbox.delete("Opportunity", opportunity.crm_id)

    items = await sync()

    assert await flagged() == []
    assert reported(items)[1][1] == ItemOutcome.UPDATED
    assert (await mirrored(2)).missing_since is not None


async def test_a_sync_that_finds_one_gone_recreates_none_and_ends_no_child(sandbox, sync, children):
    await sandbox.delete("Opportunity", (await mirrored(2)).crm_id)

    await sync()

    assert len(await sandbox.records("Opportunity")) == 3
    assert await Opportunity.all().count() == 4
    assert {child.status for child in await Ticket.filter(kind="CHILD")} == {TicketStatus.OPEN}
