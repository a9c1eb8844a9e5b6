"""🟣 pressed again: what is gone in the CRM is made anew, once, and what somebody changed there is put right."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from models import Action, ActionItem, Company, CrmActivity, Milestone, Ticket
from services.activities import CHECK, generate_activities
from services.milestones import cancel_milestone, reschedule_milestone
from services.vocabulary import ActionKind, Explanation, ItemOutcome, Verdict
from tests.buttons import Button, calls_but_logins, what_was_done, what_was_shown
from tests.hub import (
    ACTIVITY_OF_THE_STORY,
    SteppedClock,
    dump,
    edit_record,
    hub_over,
    run_to_the_end,
    show_milestones,
)

COMPLETED = 2
OURS = ("subject", "activityDate", "ownerId", "state", "opportunityId")
UNCOMPARED = {"lastModifiedDate": None, "lastModifiedById": None}
CREATE = {"controller": "Activity", "action": "create"}


@pytest.fixture
async def stages(hub, giulia, opportunity):
    """The milestones of the first child, each with its activity in the CRM."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Milestone.filter(ticket_id=opportunity.child_ticket_id).order_by("position")


@pytest.fixture
def press(hub, giulia, opportunity, stages):
    """The outcomes of a press by what they are for; the check itself is called CHECK."""

    async def press():
        items = await show_milestones(hub, opportunity, actor=giulia.id)
        return {CHECK if item.kind == CHECK else item.reference: item.outcome for item in items}

    return press


@pytest.fixture
def button(hub, giulia, opportunity, stages):
    return Button(hub, "generateActivities", giulia.id, {"opportunityId": opportunity.id})


async def shadow_of(milestone):
    return await CrmActivity.get(milestone_id=milestone.id)


async def reference_of(milestone):
    return (await shadow_of(milestone)).wanted["reference"]


async def held(sandbox, milestone):
    """The CRM's records under the milestone's reference."""
    marker = f"[IH:{await reference_of(milestone)}]"
    return [one for one in await sandbox.records("Activity") if one["subject"].startswith(marker)]


FATES = ["deleted", "deleted softly", "merged"]
LAG_BOUND = 0.2


async def lose(sandbox, crm_id, fate):
    if fate == "merged":
        await sandbox.merge("Activity", crm_id, into=ACTIVITY_OF_THE_STORY)
        return
    await sandbox.switch(deletes="soft" if fate == "deleted softly" else "hard")
    await sandbox.delete("Activity", crm_id)
    # What was made just now need not be in the search yet, so that a search without it says nothing.
    await asyncio.sleep(LAG_BOUND)


async def put(hub, milestone, days, *, actor):
    due_on = hub.calendar.add(milestone.due_on, days)
    await reschedule_milestone(milestone.id, due_on, actor=actor, events=hub.events, calendar=hub.calendar)
    return str(due_on)


# What is gone


@pytest.mark.parametrize("fate", FATES)
async def test_an_activity_that_is_gone_is_made_anew_once(sandbox, stages, press, fate):
    gone = (await shadow_of(stages[1])).crm_id
    await lose(sandbox, gone, fate)

    first, second = await press(), await press()

    assert first[await reference_of(stages[1])] == ItemOutcome.CREATED
    assert sorted(first.values()) == ["CREATED", *["UNCHANGED"] * (len(stages) - 1), "UPDATED"]
    assert set(second.values()) == {ItemOutcome.UNCHANGED}
    [record] = await held(sandbox, stages[1])
    shadow = await shadow_of(stages[1])
    assert (shadow.crm_id, shadow.missing_since) == (record["id"], None) != (gone, None)


@pytest.mark.parametrize("time_limit", [pytest.param(0.3, id="impatient")])
async def test_it_is_made_anew_once_also_where_the_answer_is_lost(sandbox, stages, press):
    await sandbox.delete("Activity", (await shadow_of(stages[1])).crm_id)
    await sandbox.plan("commit_then_drop", match=CREATE)

    outcomes = await press()

    assert outcomes[await reference_of(stages[1])] == ItemOutcome.CREATED
    assert len(await held(sandbox, stages[1])) == 1


async def test_another_activity_under_its_reference_takes_its_place(sandbox, opportunity, stages, press):
    [old] = await held(sandbox, stages[1])
    await sandbox.delete("Activity", old["id"])
    other = await sandbox.add("Activity", subject=old["subject"], opportunityId=opportunity.crm_id)

    outcomes = await press()

    assert outcomes[await reference_of(stages[1])] == ItemOutcome.ADOPTED
    [record] = await held(sandbox, stages[1])
    assert (record["id"], record["activityDate"][:10]) == (other, str(stages[1].due_on))


async def test_the_request_itself_calls_nobody(hub, sandbox, giulia, opportunity, stages):
    calls = len(await sandbox.calls("/"))

    await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)

    assert len(await sandbox.calls("/")) == calls


async def test_what_the_search_does_not_show_yet_is_not_made_anew(hub_url, sandbox, giulia, opportunity):
    await sandbox.switch(search_lag_seconds=60)
    async with hub_over(hub_url, sandbox, lag_bound_seconds=60) as hub:
        made = await show_milestones(hub, opportunity, actor=giulia.id)

        items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert [item.outcome for item in items] == [ItemOutcome.UNCHANGED] * (1 + len(made))


async def test_neither_is_what_was_made_anew_just_now(hub_url, sandbox, giulia, opportunity, stages):
    clock = SteppedClock(datetime.now(UTC) + timedelta(hours=1))
    async with hub_over(hub_url, sandbox, clock=clock, lag_bound_seconds=60) as hub:
        await sandbox.delete("Activity", (await shadow_of(stages[1])).crm_id)
        await sandbox.switch(search_lag_seconds=60)
        await show_milestones(hub, opportunity, actor=giulia.id)

        items = await show_milestones(hub, opportunity, actor=giulia.id)

        assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
        assert len(await held(sandbox, stages[1])) == 1


async def test_what_a_blind_search_does_not_show_is_not_made_anew(sandbox, stages, press):
    await sandbox.switch(searchable_fields={"Activity": []}, unsearchable_filters="empty")
    await asyncio.sleep(LAG_BOUND)

    outcomes = await press()

    assert set(outcomes.values()) == {ItemOutcome.UNCHANGED}
    assert [len(await held(sandbox, stage)) for stage in stages] == [1] * len(stages)


async def test_nothing_is_made_for_an_opportunity_that_is_gone_as_well(sandbox, opportunity, stages, press):
    await sandbox.delete("Activity", (await shadow_of(stages[1])).crm_id)
    await sandbox.delete("Opportunity", opportunity.crm_id)

    outcomes = await press()

    assert outcomes == {CHECK: ItemOutcome.NEEDS_ATTENTION}
    assert await held(sandbox, stages[1]) == []


async def test_the_activity_of_a_cancelled_milestone_is_not_made_anew(hub, sandbox, giulia, stages, press):
    await cancel_milestone(stages[1].id, "Non serve", actor=giulia.id, events=hub.events)
    await sandbox.delete("Activity", (await shadow_of(stages[1])).crm_id)

    outcomes = await press()

    assert outcomes[await reference_of(stages[1])] == ItemOutcome.SKIPPED
    assert await held(sandbox, stages[1]) == []


async def test_a_milestone_whose_activity_could_not_be_made_anew_yet_calls_nobody_when_it_changes(
    hub, sandbox, giulia, stages, press
):
    await sandbox.delete("Activity", (await shadow_of(stages[-1])).crm_id)
    await sandbox.plan("status", match=CREATE, args={"status": 400})
    assert (await press())[await reference_of(stages[-1])] == ItemOutcome.FAILED

    due_on = await put(hub, stages[-1], 3, actor=giulia.id)
    assert not await Action.filter(kind=ActionKind.FOLLOW_MILESTONES).exists()
    outcomes = await press()

    assert outcomes[await reference_of(stages[-1])] == ItemOutcome.CREATED
    [record] = await held(sandbox, stages[-1])
    assert record["activityDate"][:10] == due_on


# What differs


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param({"subject": "Altro"}, id="another subject"),
        pytest.param({"subject": "Altro", "description": "Senza marcatore"}, id="no marker"),
        pytest.param({"activityDate": "2030-01-07T12:00:00"}, id="another date"),
        pytest.param({"ownerId": 2005}, id="another owner"),
        pytest.param({"state": COMPLETED}, id="completed"),
        pytest.param({"opportunityId": None}, id="no opportunity"),
    ],
)
async def test_what_somebody_changed_in_the_crm_is_put_right(sandbox, stages, press, edited):
    [before] = await held(sandbox, stages[1])
    await edit_record(sandbox, "Activity", before["id"], **edited)

    outcomes = await press()

    changed = {CHECK, await reference_of(stages[1])}
    assert {of for of, outcome in outcomes.items() if outcome == ItemOutcome.UPDATED} == changed
    [after] = await held(sandbox, stages[1])
    assert {**after, **UNCOMPARED} == {
        **before,
        **edited,
        **UNCOMPARED,
        **{name: before[name] for name in OURS},
    }


async def test_what_people_added_stays(sandbox, stages, press):
    [before] = await held(sandbox, stages[1])
    words = before["description"] + "\nSentito il cliente."
    await edit_record(sandbox, "Activity", before["id"], description=words, priority=3)

    outcomes = await press()

    assert set(outcomes.values()) == {ItemOutcome.UNCHANGED}
    [after] = await held(sandbox, stages[1])
    assert (after["description"], after["priority"]) == (words, 3)


async def test_an_update_that_was_given_up_counts_as_arrived_where_the_crm_shows_it(
    hub, sandbox, giulia, stages, press
):
    await sandbox.plan("status", match={"controller": "Activity", "action": "update"}, args={"status": 400})
    due_on = await put(hub, stages[-1], 3, actor=giulia.id)
    await run_to_the_end(hub, await Action.all().order_by("-id").first())
    [record] = await held(sandbox, stages[-1])
    await edit_record(sandbox, "Activity", record["id"], activityDate=f"{due_on}T12:00:00")

    outcomes = await press()

    shadow = await shadow_of(stages[-1])
    assert set(outcomes.values()) == {ItemOutcome.UNCHANGED}
    assert (str(shadow.due_on), shadow.applied_revision) == (due_on, shadow.desired_revision)


# What is shown before


@pytest.mark.parametrize("fate", FATES)
async def test_a_preview_shows_what_is_gone_and_what_differs_and_so_it_is_done(
    sandbox, button, stages, hub_url, fate
):
    shadows = [await shadow_of(stage) for stage in stages]
    await lose(sandbox, shadows[1].crm_id, fate)
    await edit_record(sandbox, "Activity", shadows[2].crm_id, state=COMPLETED)
    before = dump(hub_url)

    shown = await button.preview()
    assert dump(hub_url) == before
    calls = len(await calls_but_logins(sandbox))
    items = await button.run(shown["planToken"])

    told = [(one["outcome"], one["explanation"]) for one in shown["items"]]
    assert told[:4] == [
        ("UPDATE", None),
        ("UNCHANGED", None),
        ("CREATE", "The CRM no longer has it."),
        ("UPDATE", "It differs in completed."),
    ]
    assert what_was_shown(shown) == what_was_done(items)
    assert len(await calls_but_logins(sandbox)) - calls == shown["crmCalls"]


async def test_a_preview_costs_one_call_where_all_is_well(sandbox, button):
    calls = len(await calls_but_logins(sandbox))

    shown = await button.preview()

    assert {one["outcome"] for one in shown["items"]} == {"UNCHANGED"}
    assert len(await calls_but_logins(sandbox)) - calls == shown["crmCalls"] == 1


async def test_that_all_are_gone_is_shown_within_ten_calls_and_mended(sandbox, button, stages):
    for stage in stages:
        await sandbox.delete("Activity", (await shadow_of(stage)).crm_id)
    calls = len(await sandbox.calls("/"))

    shown = await button.preview()
    assert len(await sandbox.calls("/")) - calls <= 10
    items = await button.run(shown["planToken"])

    assert what_was_shown(shown) == what_was_done(items)
    assert [len(await held(sandbox, stage)) for stage in stages] == [1] * len(stages)


@pytest.mark.parametrize("harm", ["deleted", "edited"])
async def test_what_happens_after_the_preview_is_left_alone_for_a_person(sandbox, button, stages, harm):
    shown = await button.preview()
    shadow = await shadow_of(stages[1])
    if harm == "deleted":
        await sandbox.delete("Activity", shadow.crm_id)
    else:
        await edit_record(sandbox, "Activity", shadow.crm_id, state=COMPLETED)
    records = await sandbox.records("Activity")

    items = await button.run(shown["planToken"])

    attention = [item.reference for item in items if item.outcome == ItemOutcome.NEEDS_ATTENTION]
    assert attention == [items[0].reference, shadow.wanted["reference"]]
    assert await sandbox.records("Activity") == records


async def test_what_turns_up_between_the_look_and_the_making_is_left_alone(
    hub, sandbox, opportunity, button, stages
):
    [old] = await held(sandbox, stages[1])
    await sandbox.delete("Activity", old["id"])
    shown = await button.preview()
    done = await button.press(shown["planToken"])
    [lane] = await hub.engine.due_lanes()
    await hub.engine.run_lane(lane, stopping=lambda: True)
    other = await sandbox.add("Activity", subject=old["subject"], opportunityId=opportunity.crm_id)

    items = await run_to_the_end(hub, await Action.get(id=done["action"]["id"]))

    assert [item.reference for item in items if item.outcome == ItemOutcome.NEEDS_ATTENTION] == [
        await reference_of(stages[1])
    ]
    assert [record["id"] for record in await held(sandbox, stages[1])] == [other]


# What the reconciliation says


@pytest.mark.parametrize("fate", FATES)
async def test_a_gone_activity_is_missing_until_a_press_knows_of_it_and_mends_it(
    hub, sandbox, stages, press, fate
):
    company = await Company.get(id=(await Ticket.get(id=stages[0].ticket_id)).company_id)

    async def missing():
        report = await hub.reconciler.report(company.id)
        return [row.explanation for row in report.rows if row.verdict is not Verdict.MATCHED]

    await lose(sandbox, (await shadow_of(stages[1])).crm_id, fate)
    before = await missing()
    await sandbox.plan("status", match=CREATE, args={"status": 400})
    await press()
    known = await missing()
    await press()

    assert (before, known, await missing()) == ([None], [Explanation.FLAGGED], [])
    assert not await ActionItem.filter(open_key__not_isnull=True).exists()
