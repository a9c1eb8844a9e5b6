"""What differs for a known reason is explained."""

from models import Action, ActionItem, Opportunity
from services.actions.engine.duplicate_check import plan_second_look
from services.opportunities.repairs import RepairRequest, repair_opportunity
from services.planning.reconciliation import Difference
from services.vocabulary import EffectKind, Explanation, Repair, Verdict
from tests.support.hub import BREMBATE, edit_record, run_to_the_end, synchronise
from tests.support.reconciled import copy_opportunity

WON, LOST = 3, 4


async def test_what_only_a_synchronisation_takes_over_is_explained(hub, giulia, sandbox, report, told_whole):
    await edit_record(sandbox, "Opportunity", told_whole.crm_id, status=WON)
    before = await report()
    await synchronise(hub, actor=giulia.id)

    after = await report()

    different = [row for row in before.rows if row.verdict is Verdict.DIFFERENT]
    assert [(row.explanation, row.differences) for row in different] == [
        (Explanation.MIRROR_IS_OLDER, (Difference("status", "OPEN", "WON"),))
    ]
    assert after.matched_count == len(after.rows)


async def test_what_a_synchronisation_found_to_be_gone_or_foreign_is_explained(
    hub, giulia, sandbox, report, told_whole
):
    await sandbox.delete("Opportunity", told_whole.crm_id)
    await sandbox.add("Opportunity", title="Finta", code="TCK-F40-5155-09", crossId=BREMBATE)
    await synchronise(hub, actor=giulia.id)

    explained = {row.verdict: row.explanation for row in (await report()).rows if not row.unexplained}

    assert explained[Verdict.MISSING] is Explanation.FLAGGED
    assert explained[Verdict.EXTRA] is Explanation.UNMATCHED


async def test_one_that_was_recreated_replaces_the_lost_one(hub, giulia, sandbox, report, told_whole):
    await edit_record(sandbox, "Opportunity", told_whole.crm_id, status=LOST)
    await synchronise(hub, actor=giulia.id)
    request = RepairRequest(repair=Repair.RECREATE)
    doors = {"actor": giulia.id, "crm": hub.crm, "events": hub.events}
    await run_to_the_end(hub, await repair_opportunity(told_whole.id, request, **doors))
    recreated = await Opportunity.get(id=told_whole.id)

    rows = {row.crm_id: row for row in (await report()).rows if row.kind is EffectKind.OPPORTUNITY}

    assert recreated.crm_id != told_whole.crm_id
    assert rows[recreated.crm_id].verdict is Verdict.MATCHED
    assert rows[told_whole.crm_id].explanation is Explanation.SUPERSEDED


async def test_a_double_that_a_second_look_put_down_waits_for_a_person(hub, sandbox, report, told_whole):
    _, crm_id, *_ = await copy_opportunity(sandbox, told_whole)
    before = await report()
    item = await ActionItem.filter(kind="CREATE_OPPORTUNITY").first()
    async with hub.events.change(item.action_id, actor="system:test") as change:
        await plan_second_look(change, item, delay=0.0)
    await run_to_the_end(hub, await Action.get(id=item.action_id))

    after = await report()

    assert [row.crm_id for row in before.unexplained] == [crm_id]
    assert [(row.crm_id, row.double_of, row.explanation) for row in after.rows if row.double_of] == [
        (crm_id, told_whole.crm_id, Explanation.WAITS_FOR_PERSON)
    ]
