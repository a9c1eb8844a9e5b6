"""An activity of the CRM is only updated while it carries the reference of its milestone."""

import asyncio

import pytest

from models import Action, ActionItem, CrmActivity, Milestone
from services.actions import retry_action
from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.tickets.rescheduling import reschedule_milestone
from services.vocabulary import ActionStatus, Explanation, ItemKind, ItemOutcome, ItemState, Verdict
from tests.support.buttons import Button, calls_but_logins, what_was_done, what_was_shown
from tests.support.hub import BREMBATE, dump, edit_record, run_to_the_end, show_milestones

LAG_BOUND = 0.2


@pytest.fixture
async def stage(hub, giulia, opportunity):
    """The last milestone of the first child. Each has its activity in the CRM."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Milestone.filter(ticket_id=opportunity.child_ticket_id).order_by("-position").first()


@pytest.fixture
async def shadow(stage):
    return await CrmActivity.get(milestone_id=stage.id)


@pytest.fixture
async def reference(shadow):
    return shadow.wanted["reference"]


@pytest.fixture
def button(hub, giulia, opportunity, stage):
    return Button(hub, "generateActivities", giulia.id, {"opportunityId": opportunity.id})


@pytest.fixture
def postpone(hub, giulia, stage):
    """Re-date the milestone, let its activity follow, and return the item that had to update it."""

    async def postpone():
        due_on = hub.calendar.add((await Milestone.get(id=stage.id)).due_on, 3)
        await reschedule_milestone(
            stage.id, due_on, actor=giulia.id, events=hub.events, calendar=hub.calendar
        )
        await run_to_the_end(hub, await Action.all().order_by("-id").first())
        return await ActionItem.filter(kind=ItemKind.UPDATE_ACTIVITY).order_by("-id").first()

    return postpone


@pytest.fixture
async def mistaken(sandbox, shadow):
    return await mistake(sandbox, shadow)


@pytest.fixture
async def unmarked(sandbox, shadow):
    return await unmark(sandbox, shadow)


async def mistake(sandbox, shadow):
    """The number of a stranger's activity stands in our row, as a lying answer or a restored database leaves it."""
    stranger = await sandbox.add("Activity", subject="Sopralluogo", companyId=BREMBATE)
    await sandbox.delete("Activity", shadow.crm_id)
    await CrmActivity.filter(id=shadow.id).update(crm_id=stranger)
    # Until then, an activity that the search does not show may only be too new for it.
    await asyncio.sleep(LAG_BOUND)
    return await record_of(sandbox, stranger)


async def unmark(sandbox, shadow):
    """Somebody has removed the marker from both texts of our activity."""
    await edit_record(sandbox, "Activity", shadow.crm_id, subject="Altro", description="Senza marcatore")
    return await record_of(sandbox, shadow.crm_id)


async def record_of(sandbox, crm_id):
    return next(one for one in await sandbox.records("Activity") if one["id"] == crm_id)


async def actions_of(sandbox, before):
    return [call["action"] for call in (await sandbox.calls("Activity"))[before:]]


async def test_an_activity_that_does_not_carry_our_reference_is_read_and_sent_nothing(
    sandbox, mistaken, reference, postpone
):
    before = len(await sandbox.calls("Activity"))

    item = await postpone()

    assert await actions_of(sandbox, before) == ["get"]
    assert await record_of(sandbox, mistaken["id"]) == mistaken
    assert (item.outcome, item.state) == (ItemOutcome.NEEDS_ATTENTION, ItemState.FINISHED)
    assert item.explanation.startswith(
        f"The activity {mistaken['id']} of the CRM does not carry the marker [IH:{reference}], so it was left alone."
    )
    assert item.claim_id is None


async def test_control_without_the_reading_a_strangers_record_is_overwritten(
    sandbox, mistaken, postpone, monkeypatch
):
    """The same without the check, so that the test above is known to be able to fail."""

    async def believe(self, activity_id, reference):
        pass

    monkeypatch.setattr(CrmInCloudClient, "_check_ours", believe)

    item = await postpone()

    after = await record_of(sandbox, mistaken["id"])
    assert item.outcome == ItemOutcome.UPDATED
    assert after["subject"].startswith("[IH:")
    assert after != mistaken


async def test_neither_is_one_that_carries_another_reference(sandbox, opportunity, shadow, stage, postpone):
    other = await CrmActivity.filter(opportunity_id=opportunity.id, milestone_id__not=stage.id).first()
    before = await record_of(sandbox, other.crm_id)
    await CrmActivity.filter(id=other.id).update(crm_id=1)
    await CrmActivity.filter(id=shadow.id).update(crm_id=other.crm_id)

    item = await postpone()

    assert item.outcome == ItemOutcome.NEEDS_ATTENTION
    assert await record_of(sandbox, other.crm_id) == before


async def test_an_activity_that_is_gone_is_left_to_a_person(sandbox, shadow, postpone):
    await sandbox.delete("Activity", shadow.crm_id)

    item = await postpone()

    assert item.outcome == ItemOutcome.NEEDS_ATTENTION
    assert item.explanation.startswith(f"The CRM does not have the activity {shadow.crm_id} any more")


@pytest.mark.parametrize("text", ["subject", "description"])
async def test_one_text_with_the_marker_is_enough(sandbox, shadow, postpone, text):
    await edit_record(sandbox, "Activity", shadow.crm_id, **{text: "Altro"})

    item = await postpone()

    assert item.outcome == ItemOutcome.UPDATED


async def test_once_the_marker_is_back_a_retry_updates_the_activity(
    hub, sandbox, giulia, stage, unmarked, reference, postpone
):
    item = await postpone()
    await edit_record(sandbox, "Activity", unmarked["id"], subject=f"[IH:{reference}]")

    action = await retry_action(item.action_id, actor=giulia.id, events=hub.events)
    await run_to_the_end(hub, action)

    after = await record_of(sandbox, unmarked["id"])
    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED
    assert after["subject"] == f"[IH:{reference}] {stage.title}"
    assert after["activityDate"][:10] == str((await Milestone.get(id=stage.id)).due_on)


@pytest.mark.parametrize("spoil", [mistake, unmark])
async def test_a_preview_shows_it_as_blocked_and_the_button_leaves_it_alone(
    hub_url, sandbox, shadow, button, spoil
):
    record = await spoil(sandbox, shadow)
    before = dump(hub_url)

    shown = await button.preview()
    assert dump(hub_url) == before
    calls = len(await calls_but_logins(sandbox))
    items = await button.run(shown["planToken"])

    *_, last = shown["items"]
    assert (last["outcome"], last["crmId"]) == ("BLOCKED", str(record["id"]))
    assert last["explanation"].startswith(f"The activity {record['id']} of the CRM does not carry the marker")
    assert what_was_shown(shown) == what_was_done(items)
    assert items[-1].explanation == last["explanation"]
    assert len(await calls_but_logins(sandbox)) - calls == shown["crmCalls"]
    assert await record_of(sandbox, record["id"]) == record


async def test_the_activity_that_carries_the_marker_takes_the_place_of_the_mistaken_one(
    sandbox, opportunity, stage, mistaken, reference, button
):
    ours = await sandbox.add("Activity", subject=f"[IH:{reference}] Altro", opportunityId=opportunity.crm_id)

    shown = await button.preview()
    calls = len(await calls_but_logins(sandbox))
    items = await button.run(shown["planToken"])

    assert (shown["items"][-1]["outcome"], shown["items"][-1]["crmId"]) == ("ADOPT", str(ours))
    assert what_was_shown(shown) == what_was_done(items)
    assert len(await calls_but_logins(sandbox)) - calls == shown["crmCalls"]
    assert (await record_of(sandbox, ours))["subject"] == f"[IH:{reference}] {stage.title}"
    assert await record_of(sandbox, mistaken["id"]) == mistaken
    assert (await CrmActivity.get(milestone_id=stage.id)).crm_id == ours


async def test_the_reconciliation_says_that_it_waits_for_a_person(hub, opportunity, unmarked, postpone):
    await postpone()

    report = await hub.reconciler.report(opportunity.company_id)

    [row] = [one for one in report.rows if one.crm_id == unmarked["id"]]
    assert (row.verdict, row.explanation) == (Verdict.DIFFERENT, Explanation.WAITS_FOR_PERSON)
