"""A repair comes while activities are being made: none is made twice, and all follow to what stands there now."""

import asyncio

import pytest

from models import Action
from services.actions import retry_action
from services.activities.generation import generate_activities
from services.opportunities.repairs import RepairRequest, repair_opportunity
from services.vocabulary import ActionStatus, ItemOutcome, Repair
from tests.support.hub import BREMBATE, run_to_the_end, show_milestones
from tests.support.sync_findings import mirrored

CREATE = {"controller": "Activity", "action": "create"}
CHANGE = {"controller": "Activity", "action": "update"}

impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])
either_repair = pytest.mark.parametrize(
    "kind", [pytest.param(one, id=one.value) for one in (Repair.RELINK, Repair.RECREATE)]
)


@pytest.fixture
async def repair(hub, giulia, by_hand):
    """Let another record stand for the second line's opportunity."""
    other = await by_hand("Un'altra proposta")

    async def repair(kind):
        request = RepairRequest(repair=kind, crm_id=other if kind is Repair.RELINK else None)
        opportunity = await mirrored(2)
        return await repair_opportunity(
            opportunity.id, request, actor=giulia.id, crm=hub.crm, events=hub.events
        )

    return repair


@pytest.fixture
def press(hub, giulia, lost):
    """Press 🟣, and go as far as the CRM's misbehaviour lets it come."""

    async def press():
        action = await generate_activities(lost.id, actor=giulia.id, events=hub.events)
        [lane] = await hub.engine.due_lanes()
        await hub.engine.run_lane(lane)
        return action

    return press


async def links(sandbox):
    """By its marker, the opportunity that each of our activities hangs on in the CRM."""
    ours = [one for one in await sandbox.records("Activity") if one["subject"].startswith("[IH:TCK-F40")]
    found = {one["subject"].partition("]")[0]: one["opportunityId"] for one in ours}
    assert len(found) == len(ours), "Some milestone has two activities."
    return found


@impatient
@either_repair
async def test_one_whose_answer_was_lost_is_found_where_it_was_made(hub, sandbox, press, repair, lost, kind):
    await sandbox.plan("commit_then_drop", match=CREATE)
    action = await press()

    await repair(kind)
    items = await run_to_the_end(hub, action)

    hung_on = await links(sandbox)
    assert len(hung_on) == len(items)
    assert {*hung_on.values()} == {(await mirrored(2)).crm_id} != {lost.crm_id}
    assert (await hub.reconciler.report(lost.company_id)).unexplained == ()


@either_repair
async def test_one_that_is_being_created_is_linked_again_once_it_exists(
    hub, sandbox, press, repair, lost, kind
):
    await sandbox.plan("commit_then_delay", match=CREATE, args={"seconds": 0.6})
    pressed = asyncio.create_task(press())
    while not await links(sandbox):
        await asyncio.sleep(0.02)

    await repair(kind)
    await asyncio.gather(*(hub.engine.run_lane(lane) for lane in await hub.engine.due_lanes()))
    await run_to_the_end(hub, await pressed)

    assert {*(await links(sandbox)).values()} == {(await mirrored(2)).crm_id} != {lost.crm_id}
    assert (await hub.reconciler.report(lost.company_id)).unexplained == ()


async def test_one_that_hangs_on_another_record_is_adopted_while_something_is_wrong(
    hub, sandbox, giulia, children, by_hand, lost
):
    other, subject = await by_hand("Un'altra proposta"), f"[IH:{children[1].code}:1] Titolo di ieri"
    found = await sandbox.add("Activity", subject=subject, opportunityId=other, companyId=BREMBATE)

    items = await show_milestones(hub, lost, actor=giulia.id)

    assert (items[0].outcome, items[0].crm_id) == (ItemOutcome.ADOPTED, found)
    assert {*(await links(sandbox)).values()} == {lost.crm_id}


@impatient
async def test_one_that_waited_for_a_person_is_found_by_a_retry(hub, sandbox, giulia, press, repair, lost):
    await sandbox.plan("commit_then_drop", match=CREATE)
    action = await press()
    [made] = [one for one in await sandbox.records("Activity") if one["subject"].startswith("[IH:TCK-F40")]
    copied = await sandbox.add("Activity", subject=made["subject"], opportunityId=lost.crm_id)
    items = await run_to_the_end(hub, action)
    assert items[0].outcome == ItemOutcome.NEEDS_ATTENTION
    await repair(Repair.RELINK)
    await sandbox.delete("Activity", copied)

    await retry_action(action.id, actor=giulia.id, events=hub.events)
    items = await run_to_the_end(hub, action)

    assert items[0].crm_id == made["id"]
    assert {*(await links(sandbox)).values()} == {(await mirrored(2)).crm_id}
    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED


async def test_one_that_could_not_be_linked_again_is_linked_by_the_next_press(
    hub, sandbox, giulia, repair, lost
):
    await show_milestones(hub, lost, actor=giulia.id)
    await sandbox.plan("status", match=CHANGE, args={"status": 400})
    await run_to_the_end(hub, await repair(Repair.RELINK))
    assert lost.crm_id in (await links(sandbox)).values()

    items = await show_milestones(hub, lost, actor=giulia.id)

    assert [item.outcome for item in items[1:]].count(ItemOutcome.UPDATED) == 1
    assert {*(await links(sandbox)).values()} == {(await mirrored(2)).crm_id}
