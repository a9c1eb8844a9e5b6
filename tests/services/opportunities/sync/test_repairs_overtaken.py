"""A recreation waited for a person, who did something else; taken up again, it neither makes nor moves anything."""

import pytest

from models import ActionItem
from services.actions import retry_action
from services.opportunities.repairs import RepairRequest, repair_opportunity
from services.tickets.cancellation import cancel_ticket
from services.vocabulary import ItemOutcome, Repair
from tests.support.hub import edit_record, run_to_the_end
from tests.support.sync_findings import LOST, WON, mirrored

CODE = "TCK-F40-5155-02"
CREATE = {"controller": "Opportunity", "action": "create"}
SEARCH = {"controller": "Opportunity", "action": "search"}
LATER = "Another repair came after this one."

impatient = pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])


@pytest.fixture
def press(hub, giulia, lost):
    """Press a repair of the lost opportunity, and go as far as the CRM's misbehaviour lets it come."""

    async def press(kind, crm_id=None):
        request = RepairRequest(repair=kind, crm_id=crm_id, reason="Deciso con il cliente")
        action = await repair_opportunity(lost.id, request, actor=giulia.id, crm=hub.crm, events=hub.events)
        for lane in await hub.engine.due_lanes():
            await hub.engine.run_lane(lane)
        return action

    return press


@pytest.fixture
async def sent(hub, sandbox, by_hand, press):
    """A recreation that waits for a person, because somebody copied its record before its answer was looked for."""
    await sandbox.plan("commit_then_drop", match=CREATE)
    action = await press(Repair.RECREATE)
    copy = await by_hand("Copia", code=f"{CODE}.2")
    [item] = await run_to_the_end(hub, action)
    assert item.outcome == ItemOutcome.NEEDS_ATTENTION
    await sandbox.delete("Opportunity", copy)
    return action


@pytest.fixture
async def refused(sandbox, press):
    """A recreation that the CRM declined, so that nothing of it is there."""
    await sandbox.plan("status", match=CREATE, args={"status": 400})
    action = await press(Repair.RECREATE)
    assert (await ActionItem.get(action_id=action.id)).outcome == ItemOutcome.FAILED
    return action


@pytest.fixture
def overtake(hub, sandbox, sync, giulia, by_hand, press, lost, overtaken):
    """What somebody does about the opportunity while the recreation waits."""

    async def overtake():
        match overtaken:
            case "relinked":
                await press(Repair.RELINK, await by_hand("Un'altra proposta"))
            case "relinked and lost again":
                other = await by_hand("Un'altra proposta", code=f"{CODE}.3")
                await press(Repair.RELINK, other)
                await edit_record(sandbox, "Opportunity", other, status=LOST)
                await sync()
            case "kept":
                await press(Repair.KEEP)
            case "won":
                await edit_record(sandbox, "Opportunity", lost.crm_id, status=WON)
                await sync()
            case "cancelled":
                child = lost.child_ticket_id
                await cancel_ticket(child, "Ritirato", children=None, actor=giulia.id, events=hub.events)

    return overtake


@pytest.fixture
def retry(hub, giulia):
    async def retry(action):
        await retry_action(action.id, actor=giulia.id, events=hub.events)
        [item] = await run_to_the_end(hub, action)
        return item

    return retry


async def made(sandbox):
    """The ids of the CRM's records that carry the recreation's reference."""
    return [one["id"] for one in await sandbox.records("Opportunity") if one["code"] == f"{CODE}.2"]


async def standing():
    """The opportunity's record in our mirror, and how often it was written."""
    opportunity = await mirrored(2)
    return opportunity.crm_id, opportunity.code, opportunity.version


@impatient
async def test_a_retry_that_meets_no_other_record_gives_the_opportunity_its_record(sandbox, sent, retry):
    item = await retry(sent)

    assert item.outcome == ItemOutcome.CREATED
    assert [(await mirrored(2)).crm_id] == [item.crm_id] == await made(sandbox)


@pytest.mark.parametrize(
    "overtaken",
    [
        pytest.param("relinked and lost again", id="linked to another one, which was lost as well"),
        pytest.param("kept", id="kept as it is"),
    ],
)
async def test_what_was_not_made_is_not_wanted_any_more(sandbox, refused, overtake, retry):
    await overtake()
    before = await standing()

    item = await retry(refused)

    assert (item.outcome, item.explanation) == (ItemOutcome.SKIPPED, LATER)
    assert await made(sandbox) == []
    assert await standing() == before


@impatient
@pytest.mark.parametrize(
    ("overtaken", "why"),
    [
        pytest.param("relinked", LATER, id="linked to another record"),
        pytest.param("won", "Nothing is wrong with the opportunity any more.", id="well again in the CRM"),
        pytest.param("cancelled", "The ticket was cancelled.", id="its child was cancelled"),
    ],
)
async def test_a_record_that_was_created_nevertheless_waits_for_a_person_and_is_not_linked(
    hub, sandbox, lost, sent, overtake, retry, why
):
    await overtake()
    before = await standing()

    item = await retry(sent)

    [surplus] = await made(sandbox)
    there = f"The CRM holds {surplus} anyway; the opportunity's record is {before[0]}."
    assert (item.outcome, item.explanation) == (ItemOutcome.NEEDS_ATTENTION, f"{why} {there}")
    assert await standing() == before
    assert (await hub.reconciler.report(lost.company_id)).unexplained == ()


@impatient
@pytest.mark.parametrize("overtaken", [pytest.param("relinked", id="linked to another record")])
async def test_once_a_person_has_removed_what_was_made_it_is_skipped(sandbox, sent, overtake, retry):
    await overtake()
    await retry(sent)
    for surplus in await made(sandbox):
        await sandbox.delete("Opportunity", surplus)

    item = await retry(sent)

    assert (item.outcome, item.explanation) == (ItemOutcome.SKIPPED, LATER)
    assert await made(sandbox) == []


@impatient
async def test_what_came_beside_another_one_of_its_number_waits_for_a_person(
    hub, sandbox, by_hand, press, retry
):
    await sandbox.plan("commit_then_drop", match=CREATE)
    # The first search is that before the record is made.
    await sandbox.plan("status", match={**SEARCH, "nth": 2}, args={"status": 403})
    action = await press(Repair.RECREATE)
    await run_to_the_end(hub, action)
    [ours] = await made(sandbox)
    other = await by_hand("Formazione rifatta a mano", code=f"{CODE}.2")
    await press(Repair.RELINK, other)

    item = await retry(action)

    assert item.outcome == ItemOutcome.NEEDS_ATTENTION
    assert item.explanation == f"The CRM holds this more than once: {ours}, {other}."
    assert (await mirrored(2)).crm_id == other
