"""Claims, pauses and the instants at which a lane is due, also with a wrong clock."""

import asyncio

import pytest

from models import Action, ActionItem, Event
from services.actions import Costs
from services.actions.budget.lookup_costs import LaneCosts
from services.actions.engine.claims import ClaimLost
from services.actions.engine.creates import LaneRun
from services.crm.errors import CrmOutcomeUnknown, CrmUnavailable
from services.events.log import column_values
from services.vocabulary import ActionStatus, ItemOutcome, ItemState
from tests.support.action_kinds import TIMING, press, work
from tests.support.engine_runs import outcomes


async def test_a_claim_that_somebody_else_holds_is_not_sent(engine, events, making):
    await press(events, "A")
    stale = await ActionItem.get()
    await ActionItem.filter(id=stale.id).update(state=ItemState.SENDING, claim_id="another")

    with pytest.raises(ClaimLost):
        await engine._creates._send(making, LaneRun(LaneCosts(Costs(), stale.lane)), stale)

    assert making.crm == []


async def test_a_wait_that_the_crm_asked_for_is_kept(engine, events, clock, making):
    making.script = ["paused"]
    await press(events, "A")
    [lane] = await engine.due_lanes()

    assert await engine.run_lane(lane) == 60


async def test_a_bug_s_text_stays_in_the_log(engine, events, clock, making):
    making.script = ["committed, then a bug"]
    await press(events, "A")
    [lane] = await engine.due_lanes()

    await engine.run_lane(lane)

    assert "canary" not in ((await ActionItem.get()).explanation or "")


async def test_what_may_be_repeated_is_repeated_until_it_has_arrived(engine, events, clock, reading):
    reading.errors = [CrmOutcomeUnknown("No answer."), CrmUnavailable("Busy.")]
    await press(events, "A", kind="READ")

    await work(engine, clock)

    assert reading.steps == 0
    assert await outcomes() == [ItemOutcome.UPDATED]


async def test_two_that_look_for_the_same_at_once_agree(engine, events, clock, making):
    """Neither writes down what it remembers of the item, only what follows from how the item stands now."""
    making.script = ["lost"]
    action = await press(events, "A")
    (lane,) = await engine.due_lanes()
    clock.advance(await engine.run_lane(lane))
    together = asyncio.Barrier(2)
    look_up = making.look_up

    async def look_up_together(items):
        clock.advance(1)
        found = await look_up(items)
        await together.wait()
        return found

    making.look_up = look_up_together
    await asyncio.gather(engine.run_lane(lane), engine.run_lane(lane))

    known = {}
    for event in await Event.filter(stream_id=action.id, entity="ActionItem").order_by("seq"):
        assert event.before is None or {name: known[name] for name in event.before} == event.before
        known |= event.after
    assert known == column_values(await ActionItem.get(action_id=action.id))
    assert await Event.filter(stream_id=action.id, kind="ITEM_ABSENT").count() == 1


async def test_a_lane_is_due_when_its_first_item_is(engine, events, clock, making):
    making.script = ["lost"]
    await press(events, "A", "B")
    (lane,) = await engine.due_lanes()

    wait = await engine.run_lane(lane)

    assert await engine.due_lanes() == []
    clock.advance(wait)
    assert await engine.due_lanes() == [lane]


async def test_what_was_pressed_while_a_clock_was_ahead_is_made_once_it_is_right_again(
    engine, events, clock, making, ahead
):
    with ahead():
        action = await press(events, "A", "B")

    for lane in await engine.due_lanes():
        await engine.run_lane(lane)

    assert making.crm == ["A", "B"]
    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED


async def test_a_request_that_a_clock_ahead_saw_leave_has_its_whole_time_before_it_is_judged(
    engine, events, clock, making, ahead
):
    making.script, making.hidden = ["committed, then lost"], 1
    with ahead():
        await press(events, "A")
        (lane,) = await engine.due_lanes()
        await engine.run_lane(lane)

    assert await engine.due_lanes() == [lane]
    assert await engine.run_lane(lane) == TIMING.time_limit + TIMING.settle
    assert making.look_ups == 1
    making.hidden = 0
    await work(engine, clock)
    assert making.crm == ["A"]
    assert await outcomes() == [ItemOutcome.CREATED]


async def test_what_a_clock_ahead_did_not_find_is_looked_up_twice_again(engine, events, clock, making, ahead):
    making.script = ["lost"]
    with ahead():
        await press(events, "A")
        (lane,) = await engine.due_lanes()
        clock.advance(await engine.run_lane(lane))
        await engine.run_lane(lane)

    await work(engine, clock)

    assert making.crm == ["A"]
    assert making.look_ups == 4
