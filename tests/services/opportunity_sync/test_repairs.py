"""The operator puts a flagged opportunity right: once, however often it is pressed, and never without being told to."""

import asyncio
from datetime import timedelta

import pytest

from models import Action, ActionItem, CrmActivity, Opportunity, Ticket, UnmatchedOpportunity
from services.opportunity_sync import sync_opportunities
from services.tickets import cancel_ticket
from services.vocabulary import ActionKind, ItemOutcome, Repair, TicketStatus
from tests.hub import VALDARNO, complete_all, dump, edit_record, generate, run_to_the_end, show_milestones
from tests.services.opportunity_sync.findings import WON, mirrored, told

REPAIR = """mutation($opportunity: ID!, $repair: Repair!, $crm: ID, $reason: String) {
    repairOpportunity(opportunityId: $opportunity, repair: $repair, crmOpportunityId: $crm, reason: $reason) {
        action { id kind status items { nodes { outcome crmId } } }
        opportunity { code crmId flag keptAt keptReason status childTicket { code status } }
        problems { code path ... on ActionRunningProblem { action { id } } } } }"""
CODE = "TCK-F40-5155-02"


@pytest.fixture
def repair(ask, hub):
    """Press the button for the opportunity of the second line, and let the engine do its work."""

    async def repair(kind, **details):
        opportunity = await mirrored(2)
        answer = await ask(REPAIR, opportunity=opportunity.id, repair=kind, **details)
        if answer["action"]:
            await run_to_the_end(hub, await Action.get(id=answer["action"]["id"]))
        return answer

    return repair


@pytest.fixture
async def deleted(sandbox, sync, children):
    """The second line's opportunity, which somebody deleted in the CRM."""
    opportunity = await mirrored(2)
    await sandbox.delete("Opportunity", opportunity.crm_id)
    await sync()
    return opportunity


def codes(answer):
    return [problem["code"] for problem in answer["problems"]]


@pytest.mark.parametrize(
    "kind", [pytest.param(one, id=one.value) for one in (Repair.RELINK, Repair.RECREATE)]
)
async def test_six_presses_by_two_processes_at_once_apply_it_once(
    hub, hub_url, sandbox, rivals, giulia, by_hand, lost, kind
):
    before = await mirrored(2)
    other = await by_hand("Un'altra proposta") if kind is Repair.RELINK else None
    order = ("repair", before.id, kind, other, giulia.id)

    answers = await rivals.race(hub_url, sandbox, order, order)

    [action_id] = {one for answer in answers for one in answer}
    items = await run_to_the_end(hub, await Action.get(id=action_id))
    assert len(items) == await Action.filter(kind=ActionKind.REPAIR_OPPORTUNITY).count() == 1
    assert (await mirrored(2)).version == before.version + 1
    made = [one for one in await sandbox.records("Opportunity") if one["code"] == f"{CODE}.2"]
    assert len(made) == (kind is Repair.RECREATE)


# Recreate


async def test_it_is_made_anew_under_the_next_number(sandbox, sync, repair, deleted, children):
    answer = await repair("RECREATE")

    assert codes(answer) == []
    anew = await mirrored(2)
    [record] = [one for one in await sandbox.records("Opportunity") if one["code"] == f"{CODE}.2"]
    assert (anew.id, anew.crm_id, anew.code) == (deleted.id, record["id"], f"{CODE}.2")
    assert (record["crossId"], record["amount"]) == (408101, 3500)
    assert (anew.flag, anew.missing_since) == (None, None)
    assert anew.child_ticket_id == children[1].id
    assert [outcome for _, outcome, _ in told(await sync())] == [ItemOutcome.UNCHANGED] * 4


async def test_the_lost_one_that_was_made_anew_is_not_listed_as_unmatched(sync, repair, lost):
    await repair("RECREATE")

    items = await sync()

    assert (lost.crm_id, ItemOutcome.SKIPPED, "SUPERSEDED") in told(items)
    assert await UnmatchedOpportunity.all().count() == 0


async def test_what_was_just_made_anew_is_not_taken_for_deleted_while_the_search_lags(
    hub, sandbox, sync, repair, deleted, monkeypatch
):
    await Opportunity.all().update(created_at=hub.clock() - timedelta(days=3))
    monkeypatch.setattr(hub.engine._kinds["SYNC_COMPANY"], "_lag_bound", timedelta(seconds=60))
    await repair("RECREATE")
    await sandbox.switch(search_lag_seconds=30)

    await sync()

    anew = await mirrored(2)
    assert (anew.code, anew.flag, anew.missing_since) == (f"{CODE}.2", None, None)


async def test_it_is_not_made_anew_for_a_ticket_that_was_cancelled_meanwhile(
    hub, sandbox, giulia, ask, deleted
):
    answer = await ask(REPAIR, opportunity=deleted.id, repair="RECREATE")
    await cancel_ticket(
        deleted.child_ticket_id, "Ritirato", children=None, actor=giulia.id, events=hub.events
    )

    [item] = await run_to_the_end(hub, await Action.get(id=answer["action"]["id"]))

    assert (item.outcome, item.explanation) == (ItemOutcome.SKIPPED, "The ticket was cancelled.")
    assert len(await sandbox.records("Opportunity")) == 3


async def test_made_anew_again_it_takes_the_number_after(sandbox, sync, repair, deleted):
    await repair("RECREATE")
    await sandbox.delete("Opportunity", (await mirrored(2)).crm_id)
    await sync()

    answer = await repair("RECREATE")

    assert codes(answer) == []
    assert (await mirrored(2)).code == f"{CODE}.3"


async def test_pressed_by_four_at_once_and_again_it_is_made_once(hub, sandbox, ask, repair, deleted):
    presses = (ask(REPAIR, opportunity=deleted.id, repair="RECREATE") for _ in range(4))
    answers = await asyncio.gather(*presses)
    [action_id] = {answer["action"]["id"] for answer in answers}
    await run_to_the_end(hub, await Action.get(id=action_id))

    again = await repair("RECREATE")

    assert again["action"]["id"] == action_id
    assert [one["code"] for one in await sandbox.records("Opportunity")].count(f"{CODE}.2") == 1
    assert len(await sandbox.records("Opportunity")) == 4


@pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])
@pytest.mark.parametrize("fault", ["commit_then_drop", "drop_before", "html_502"])
async def test_a_lost_answer_makes_no_second_one(sandbox, repair, deleted, fault):
    await sandbox.plan(fault, match={"controller": "Opportunity", "action": "create"})

    await repair("RECREATE")

    made = [one for one in await sandbox.records("Opportunity") if one["code"] == f"{CODE}.2"]
    assert [one["id"] for one in made] == [(await mirrored(2)).crm_id]


async def test_one_that_came_back_before_is_not_made_anew(hub, sandbox, ask, giulia, lost):
    pressed = await ask(REPAIR, opportunity=lost.id, repair="RECREATE")
    await edit_record(sandbox, "Opportunity", lost.crm_id, status=WON)
    sync = await sync_opportunities(actor=giulia.id, events=hub.events)
    [lane] = [lane for lane in await hub.engine.due_lanes() if sync.id in lane]
    await hub.engine.run_lane(lane)

    [item] = await run_to_the_end(hub, await Action.get(id=pressed["action"]["id"]))

    assert (item.outcome, item.explanation) == ("SKIPPED", "Nothing is wrong with the opportunity any more.")
    assert len(await sandbox.records("Opportunity")) == 4


async def test_while_it_is_made_anew_another_repair_waits(ask, hub_url, deleted):
    running = await ask(REPAIR, opportunity=deleted.id, repair="RECREATE")
    before = dump(hub_url)

    answer = await ask(REPAIR, opportunity=deleted.id, repair="KEEP", reason="Va bene così")

    assert codes(answer) == ["ACTION_RUNNING"]
    assert answer["problems"][0]["action"]["id"] == running["action"]["id"]
    assert dump(hub_url) == before


async def test_the_activities_of_its_milestones_follow_to_the_new_one(
    hub, sandbox, sync, ask, giulia, children
):
    opportunity = await mirrored(2)
    shadows = await show_milestones(hub, opportunity, actor=giulia.id)
    await sandbox.delete("Opportunity", opportunity.crm_id)
    await sync()

    answer = await ask(REPAIR, opportunity=opportunity.id, repair="RECREATE")
    await run_to_the_end(hub, await Action.get(id=answer["action"]["id"]))

    ours = {item.crm_id for item in shadows}
    linked = {one["opportunityId"] for one in await sandbox.records("Activity") if one["id"] in ours}
    assert linked == {(await mirrored(2)).crm_id}
    assert await CrmActivity.filter(relink_to__not_isnull=True).count() == 0
    assert (await hub.reconciler.report(opportunity.company_id)).unexplained == ()


# Relink


async def test_it_is_linked_to_what_it_was_merged_into(hub, sandbox, sync, repair, giulia, by_hand, children):
    survivor = await by_hand("Proposta unica", amount=5000)
    await sandbox.merge("Opportunity", (await mirrored(2)).crm_id, into=survivor)
    await sync()

    answer = await repair("RELINK")

    assert codes(answer) == []
    linked = await mirrored(2)
    assert (linked.crm_id, linked.amount, linked.flag) == (survivor, 5000, None)
    assert await UnmatchedOpportunity.all().count() == 0
    assert {outcome for _, outcome, _ in told(await sync())} == {ItemOutcome.UNCHANGED}
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


# Cancel the child


async def test_the_child_is_cancelled_for_a_reason_and_the_flag_goes(sync, repair, lost, children):
    answer = await repair("CANCEL_CHILD", reason="Il cliente rinuncia")

    assert answer["opportunity"]["flag"] is None
    child = await Ticket.get(id=children[1].id)
    assert (child.status, child.reason) == (TicketStatus.CANCELLED, "Il cliente rinuncia")
    assert ItemOutcome.NEEDS_ATTENTION not in {outcome for _, outcome, _ in told(await sync())}


# Keep


async def test_kept_as_it_is_it_asks_for_nobody_any_more(sync, repair, lost):
    answer = await repair("KEEP", reason="Si consegna lo stesso")

    items = await sync()

    assert (answer["opportunity"]["flag"], answer["opportunity"]["keptReason"]) == (
        "LOST",
        "Si consegna lo stesso",
    )
    assert told(items)[1] == (lost.crm_id, ItemOutcome.UNCHANGED, "LOST")
    assert (await mirrored(2)).kept_at is not None


# What is declined


async def test_pressed_again_after_its_end_it_answers_the_same_action(repair, hub_url, lost):
    first = await repair("CANCEL_CHILD", reason="Rinuncia")
    before = dump(hub_url)

    again = await repair("CANCEL_CHILD", reason="Rinuncia")

    assert again["action"] == first["action"]
    assert dump(hub_url) == before


@pytest.mark.parametrize(
    ("kind", "details", "code"),
    [
        pytest.param("CANCEL_CHILD", {}, "REASON_REQUIRED", id="cancel without a reason"),
        pytest.param("KEEP", {"reason": "  "}, "REASON_REQUIRED", id="keep without a reason"),
        pytest.param("RELINK", {}, "REPAIR_NOT_PROPOSED", id="relink to nothing"),
    ],
)
async def test_it_is_declined_with_nothing_written_to(repair, hub_url, lost, kind, details, code):
    before = dump(hub_url)

    answer = await repair(kind, **details)

    assert codes(answer) == [code]
    assert dump(hub_url) == before


async def test_a_child_whose_work_is_done_is_not_cancelled(hub, repair, giulia, lost, children):
    await complete_all(hub, children[1].id, actor=giulia.id)

    answer = await repair("CANCEL_CHILD", reason="Rinuncia")

    assert codes(answer) == ["REPAIR_NOT_PROPOSED"]


async def test_what_is_well_needs_no_repair(ask, hub_url, children):
    before = dump(hub_url)

    well = await ask(REPAIR, opportunity=(await mirrored(1)).id, repair="RECREATE")
    unknown = await ask(REPAIR, opportunity="opp_none", repair="RECREATE")

    assert (codes(well), codes(unknown)) == (["NOTHING_TO_REPAIR"], ["UNKNOWN_OPPORTUNITY"])
    assert dump(hub_url) == before


async def test_generating_again_after_a_repair_makes_nothing(
    hub, sandbox, giulia, repair, deleted, closed_parent
):
    await repair("RECREATE")

    items = await generate(hub, closed_parent.id, actor=giulia.id)

    assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
    assert await ActionItem.filter(outcome=ItemOutcome.CREATED, kind="RECREATE_OPPORTUNITY").count() == 1
    assert len(await sandbox.records("Opportunity")) == 4
