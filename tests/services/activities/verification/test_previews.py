"""A preview shows what is gone and what differs."""

import asyncio

import pytest

from models import Action, ActionItem
from services.vocabulary import ItemKind, ItemOutcome
from tests.support.buttons import Button, calls_but_logins, what_was_done, what_was_shown
from tests.support.hub import dump, edit_record, run_to_the_end
from tests.support.verified_activities import COMPLETED, FATES, held, lose, reference_of, shadow_of


@pytest.fixture
def button(hub, giulia, opportunity, stages):
    return Button(hub, "generateActivities", giulia.id, {"opportunityId": opportunity.id})


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

    reported = [(one["outcome"], one["explanation"]) for one in shown["items"]]
    assert reported[:4] == [
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
    # Step by step, so that the create does not begin before the other activity is there.
    while await ActionItem.filter(
        kind=ItemKind.CHECK_ACTIVITIES, lane=lane, open_key__not_isnull=True
    ).exists():
        await asyncio.sleep(await hub.engine.run_lane(lane, stopping=lambda: True) or 0)
    other = await sandbox.add("Activity", subject=old["subject"], opportunityId=opportunity.crm_id)

    items = await run_to_the_end(hub, await Action.get(id=done["action"]["id"]))

    assert [item.reference for item in items if item.outcome == ItemOutcome.NEEDS_ATTENTION] == [
        await reference_of(stages[1])
    ]
    assert [record["id"] for record in await held(sandbox, stages[1])] == [other]
