"""An activity that is gone is recreated once, if it is surely gone."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from models import Action, ActionItem, CrmActivity
from services.activities.generation import generate_activities
from services.tickets.workflow import cancel_milestone
from services.vocabulary import ActionKind, ItemKind, ItemOutcome
from tests.support.hub import SteppedClock, hub_over, run_to_the_end, show_milestones
from tests.support.verified_activities import (
    CREATE,
    FATES,
    LAG_BOUND,
    held,
    lose,
    put,
    reference_of,
    shadow_of,
)


@pytest.mark.parametrize("fate", FATES)
async def test_an_activity_that_is_gone_is_recreated_once(sandbox, stages, press, fate):
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
def hide(sandbox, crm_ids):
    with closing(sqlite3.connect(sandbox.store)) as store, store:
        store.executemany("UPDATE activity SET deleted_at = '2026' WHERE id = ?", [(one,) for one in crm_ids])


def show_again(sandbox):
    with closing(sqlite3.connect(sandbox.store)) as store, store:
        store.execute("UPDATE activity SET deleted_at = NULL")


async def test_activities_that_the_crm_hides_for_a_moment_are_not_made_again(
    hub, sandbox, giulia, opportunity, stages
):
    hide(sandbox, [(await shadow_of(stage)).crm_id for stage in stages])
    action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    [lane] = await hub.engine.due_lanes()

    await hub.engine.run_lane(lane, stopping=lambda: True)
    show_again(sandbox)
    items = await run_to_the_end(hub, action)

    assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
    assert [len(await held(sandbox, stage)) for stage in stages] == [1] * len(stages)
    assert not await CrmActivity.filter(unseen_since__isnull=False).exists()


async def test_control_what_one_look_does_not_find_would_be_doubled_and_the_second_look_says_so(
    hub_url, sandbox, giulia, opportunity, stages
):
    """The same without the second sighting, so that the test above is known to be able to fail."""
    hide(sandbox, [(await shadow_of(stage)).crm_id for stage in stages])
    async with hub_over(hub_url, sandbox, second_look_seconds=1) as hub:
        hub.engine._kinds[ItemKind.CHECK_ACTIVITIES]._lag_bound = timedelta(0)
        action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
        while (await Action.get(id=action.id)).finished_at is None:
            for lane in await hub.engine.due_lanes():
                await hub.engine.run_lane(lane)
        show_again(sandbox)
        await run_to_the_end(hub, action)

        assert [len(await held(sandbox, stage)) for stage in stages] == [2] * len(stages)
        look = await ActionItem.get(kind=ItemKind.SECOND_LOOK)
        assert look.outcome == ItemOutcome.NEEDS_ATTENTION
        assert all([await reference_of(stage) in look.explanation for stage in stages])


async def test_it_is_recreated_once_also_where_the_answer_is_lost(sandbox, stages, press):
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


async def test_the_request_itself_makes_no_call(hub, sandbox, giulia, opportunity, stages):
    calls = len(await sandbox.calls("/"))

    await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)

    assert len(await sandbox.calls("/")) == calls


async def test_what_the_search_does_not_show_yet_is_not_recreated(hub_url, sandbox, giulia, opportunity):
    await sandbox.switch(search_lag_seconds=60)
    async with hub_over(hub_url, sandbox, lag_bound_seconds=60) as hub:
        made = await show_milestones(hub, opportunity, actor=giulia.id)

        items = await show_milestones(hub, opportunity, actor=giulia.id)

    assert [item.outcome for item in items] == [ItemOutcome.UNCHANGED] * (1 + len(made))


async def test_neither_is_what_was_just_recreated(hub_url, sandbox, giulia, opportunity, stages):
    clock = SteppedClock(datetime.now(UTC) + timedelta(hours=1))
    async with hub_over(hub_url, sandbox, clock=clock, lag_bound_seconds=60) as hub:
        await sandbox.delete("Activity", (await shadow_of(stages[1])).crm_id)
        await sandbox.switch(search_lag_seconds=60)
        action = await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
        [lane] = await hub.engine.due_lanes()
        await hub.engine.run_lane(lane)
        clock.advance(seconds=61)
        await run_to_the_end(hub, action)

        items = await show_milestones(hub, opportunity, actor=giulia.id)

        assert {item.outcome for item in items} == {ItemOutcome.UNCHANGED}
        assert len(await held(sandbox, stages[1])) == 1


async def test_what_a_blind_search_does_not_show_is_not_recreated(sandbox, stages, press):
    await sandbox.switch(searchable_fields={"Activity": []}, unsearchable_filters="empty")
    await asyncio.sleep(LAG_BOUND)

    outcomes = await press()

    assert set(outcomes.values()) == {ItemOutcome.UNCHANGED}
    assert [len(await held(sandbox, stage)) for stage in stages] == [1] * len(stages)


async def test_nothing_is_made_for_an_opportunity_that_is_gone_as_well(sandbox, opportunity, stages, press):
    await sandbox.delete("Activity", (await shadow_of(stages[1])).crm_id)
    await sandbox.delete("Opportunity", opportunity.crm_id)

    outcomes = await press()

    assert outcomes == {ItemKind.CHECK_ACTIVITIES: ItemOutcome.NEEDS_ATTENTION}
    assert await held(sandbox, stages[1]) == []


async def test_the_activity_of_a_cancelled_milestone_is_not_recreated(hub, sandbox, giulia, stages, press):
    await cancel_milestone(stages[1].id, "Non serve", actor=giulia.id, events=hub.events)
    await sandbox.delete("Activity", (await shadow_of(stages[1])).crm_id)

    outcomes = await press()

    assert outcomes[await reference_of(stages[1])] == ItemOutcome.SKIPPED
    assert await held(sandbox, stages[1]) == []


async def test_a_milestone_whose_activity_could_not_be_recreated_yet_makes_no_call_when_it_changes(
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
