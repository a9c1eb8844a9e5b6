"""A deleted opportunity is recreated once, under the next number."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from models import Action, ActionItem, CrmActivity, Opportunity, UnmatchedOpportunity
from services.opportunities.repairs import OpportunityRecreation
from services.opportunities.sync import sync_opportunities
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import FlagKind, ItemKind, ItemOutcome
from tests.support.hub import dump, edit_record, run_to_the_end, show_milestones
from tests.support.repairs import CODE, REPAIR, codes
from tests.support.sync_findings import WON, mirrored, reported


async def test_it_is_recreated_under_the_next_number(sandbox, sync, repair, deleted, children):
    answer = await repair("RECREATE")

    assert codes(answer) == []
    recreated = await mirrored(2)
    [record] = [one for one in await sandbox.records("Opportunity") if one["code"] == f"{CODE}.2"]
    assert (recreated.id, recreated.crm_id, recreated.code) == (deleted.id, record["id"], f"{CODE}.2")
    assert (record["crossId"], record["amount"]) == (408101, 3500)
    assert (recreated.flag, recreated.missing_since) == (None, None)
    assert recreated.child_ticket_id == children[1].id
    assert [outcome for _, outcome, _ in reported(await sync())] == [ItemOutcome.UNCHANGED] * 4


async def test_the_lost_one_that_was_recreated_is_not_listed_as_unmatched(sync, repair, lost):
    await repair("RECREATE")

    items = await sync()

    assert (lost.crm_id, ItemOutcome.SKIPPED, "SUPERSEDED") in reported(items)
    assert await UnmatchedOpportunity.all().count() == 0


async def test_what_was_just_recreated_is_not_taken_for_deleted_while_the_search_lags(
    hub, sandbox, sync, repair, deleted, monkeypatch
):
    await Opportunity.all().update(created_at=hub.clock() - timedelta(days=3))
    monkeypatch.setattr(hub.engine._kinds["SYNC_COMPANY"], "_lag_bound", timedelta(seconds=60))
    await repair("RECREATE")
    await sandbox.switch(search_lag_seconds=30)

    await sync()

    recreated = await mirrored(2)
    assert (recreated.code, recreated.flag, recreated.missing_since) == (f"{CODE}.2", None, None)


async def test_it_is_not_recreated_for_a_ticket_that_was_cancelled_meanwhile(
    hub, sandbox, giulia, ask, deleted
):
    answer = await ask(REPAIR, opportunity=deleted.id, repair="RECREATE")
    await cancel_ticket(
        deleted.child_ticket_id, "Ritirato", children=None, actor=giulia.id, events=hub.events
    )

    [item] = await run_to_the_end(hub, await Action.get(id=answer["action"]["id"]))

    assert (item.outcome, item.explanation) == (ItemOutcome.SKIPPED, "The ticket was cancelled.")
    assert len(await sandbox.records("Opportunity")) == 3


async def test_recreated_again_it_takes_the_next_number(sandbox, sync, repair, deleted):
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


async def test_one_that_came_back_before_is_not_recreated(hub, sandbox, ask, giulia, lost):
    pressed = await ask(REPAIR, opportunity=lost.id, repair="RECREATE")
    await edit_record(sandbox, "Opportunity", lost.crm_id, status=WON)
    sync = await sync_opportunities(actor=giulia.id, events=hub.events)
    [lane] = [lane for lane in await hub.engine.due_lanes() if sync.id in lane]
    await hub.engine.run_lane(lane)

    [item] = await run_to_the_end(hub, await Action.get(id=pressed["action"]["id"]))

    assert (item.outcome, item.explanation) == ("SKIPPED", "Nothing is wrong with the opportunity any more.")
    assert len(await sandbox.records("Opportunity")) == 4


@pytest.fixture
def hidden(sandbox, sync, children):
    """The second line's opportunity, which the CRM hid during one synchronisation."""

    def hide(crm_id, since):
        with closing(sqlite3.connect(sandbox.store)) as store, store:
            store.execute("UPDATE opportunity SET deleted_at = ? WHERE id = ?", (since, crm_id))

    async def hidden():
        opportunity = await mirrored(2)
        hide(opportunity.crm_id, "2026")
        await sync()
        hide(opportunity.crm_id, None)
        flagged = await mirrored(2)
        assert flagged.flag == FlagKind.DELETED
        return flagged

    return hidden


async def test_one_that_the_crm_hid_for_a_moment_is_not_created_again(sandbox, repair, hidden):
    before = await hidden()

    answer = await repair("RECREATE")

    [item] = await ActionItem.filter(action_id=answer["action"]["id"])
    assert item.outcome == ItemOutcome.FAILED
    assert item.explanation.startswith(f"The CRM shows the opportunity {before.crm_id} again")
    assert len(await sandbox.records("Opportunity")) == 4


async def test_control_without_the_second_look_the_hidden_one_would_be_doubled(
    sandbox, repair, hidden, monkeypatch
):
    """The same without it, so that the test above is known to be able to fail."""
    monkeypatch.setattr(OpportunityRecreation, "_check_gone", lambda *_: None)
    await hidden()

    await repair("RECREATE")

    assert len(await sandbox.records("Opportunity")) == 5


async def test_none_is_created_before_the_search_must_have_shown_the_old_one(
    hub, sandbox, ask, deleted, monkeypatch
):
    monkeypatch.setattr(
        hub.engine._kinds[ItemKind.RECREATE_OPPORTUNITY], "_lag_bound", timedelta(seconds=3600)
    )
    await ask(REPAIR, opportunity=deleted.id, repair="RECREATE")
    [lane] = await hub.engine.due_lanes()

    wait = await hub.engine.run_lane(lane)

    assert wait > 3000
    assert len(await sandbox.records("Opportunity")) == 3


async def test_while_it_is_being_recreated_another_repair_waits(ask, hub_url, deleted):
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
