"""What is left to do, and when it will be done."""

from datetime import timedelta

import pytest

from models import ActionItem
from services.actions.forecast.forecaster import USUAL_LATENCY
from services.crm.call_count import current_counter
from services.crm.protocol import Priority
from tests.services.actions.forecast.conftest import RATE
from tests.support.action_kinds import TIMING, press, work

AT_ONCE = RATE.burst - 2
OWED = 2
"""What an action has to wait for once others have used up the burst: so many are kept from it."""


def seconds_until_ends(forecast):
    return {owner: (end - forecast.at).total_seconds() for owner, end in forecast.ends_at.items()}


def items(count):
    return [str(number) for number in range(count)]


async def test_an_action_costs_a_look_up_and_two_calls_for_each_item(events, forecaster):
    action = await press(events, *items(20))

    forecast = await forecaster.look()

    assert forecast.calls == {action.id: 41}
    ends_in = (forecast.ends_at[action.id] - forecast.at).total_seconds()
    assert ends_in == pytest.approx((41 - AT_ONCE) * RATE.interval, abs=1.0)


async def test_the_work_of_others_is_in_the_way(events, forecaster):
    small = await press(events, "A", "B", "C")
    large = await press(events, *items(50))

    forecast = await forecaster.look()

    assert forecast.calls == {small.id: 7, large.id: 101}
    ends_in = (forecast.ends_at[large.id] - forecast.at).total_seconds()
    assert ends_in == pytest.approx((108 - AT_ONCE) * RATE.interval, abs=1.0)
    assert forecast.ends_at[small.id] < forecast.ends_at[large.id]


async def test_what_can_be_repeated_needs_no_look_up(events, forecaster):
    action = await press(events, "A", "B", kind="READ")

    assert (await forecaster.look()).calls == {action.id: 2}


async def test_what_was_looked_through_already_is_not_counted_again(engine, events, forecaster, making):
    making.script = ["ok", "refused", "ok"]
    action = await press(events, *items(10))
    lane = (await ActionItem.first()).lane

    await engine.run_lane(lane, stopping=lambda: len(making.crm) == 1)

    assert (await forecaster.look()).calls == {action.id: 18}


async def test_a_lane_that_waits_is_waited_for_and_looked_through_again(engine, events, forecaster, making):
    making.script = ["committed, then lost"]
    action = await press(events, "A", "B")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)

    forecast = await forecaster.look()

    assert forecast.calls == {action.id: 5}
    waits = timedelta(seconds=TIMING.time_limit + TIMING.settle)
    assert timedelta(0) <= forecast.ends_at[action.id] - forecast.at - waits < timedelta(seconds=3)


async def test_nothing_waits_for_a_time_that_a_fast_clock_gave(engine, events, forecaster, making, ahead):
    with ahead():
        action = await press(events, "A", "B", "C")
    (lane,) = await engine.due_lanes()
    await engine.run_lane(lane, stopping=lambda: making.crm == ["A"])

    forecast = await forecaster.look()

    assert forecast.calls == {action.id: 4}
    assert forecast.ends_at[action.id] - forecast.at < timedelta(minutes=1)


@pytest.fixture
def seen_meanwhile(making, forecaster):
    """What is predicted while a call is on its way."""
    seen, send = [], making.send

    async def look_meanwhile(item, *, claim):
        crm_id = await send(item, claim=claim)
        seen.append(await forecaster.look())
        return crm_id

    making.send = look_meanwhile
    return seen


async def test_a_call_that_is_on_its_way_delays_no_other(events, engine, making, seen_meanwhile):
    action = await press(events, "A", "B")
    [lane] = await engine.due_lanes()

    await engine.run_lane(lane, stopping=lambda: bool(making.crm))

    assert seen_meanwhile[0].calls == {action.id: 3}
    assert seconds_until_ends(seen_meanwhile[0]) == {action.id: 4 * USUAL_LATENCY}


async def test_a_call_that_is_on_its_way_is_waited_for_no_longer_than_usual(
    events, clock, engine, making, seen_meanwhile
):
    action = await press(events, "A")
    [lane] = await engine.due_lanes()
    send = making.send

    async def send_slowly(item, *, claim):
        async def claim_and_wait():
            await claim()
            clock.advance(seconds=0.2)

        return await send(item, claim=claim_and_wait)

    making.send = send_slowly
    await engine.run_lane(lane)

    assert seen_meanwhile[0].calls == {action.id: 1}
    assert seconds_until_ends(seen_meanwhile[0]) == {action.id: pytest.approx(2 * USUAL_LATENCY - 0.2)}


async def test_an_action_with_a_call_in_progress_lets_others_catch_up_first(
    events, engine, limiter, making, seen_meanwhile
):
    ahead = await press(events, "A", "B")
    [lane] = await engine.due_lanes()
    behind = await press(events, "C", "D")
    await use_up(limiter)

    await engine.run_lane(lane, stopping=lambda: bool(making.crm))

    ends = seconds_until_ends(seen_meanwhile[0])
    # A is read back while they look through their lane and make C; then it is B's turn, and D's.
    assert ends[ahead.id] == pytest.approx((OWED + 6) * RATE.interval + USUAL_LATENCY, abs=0.01)
    assert ends[behind.id] == pytest.approx((OWED + 8) * RATE.interval + USUAL_LATENCY, abs=0.01)


async def test_a_look_up_is_counted_until_its_call_leaves(events, engine, forecaster, reading, monkeypatch):
    monkeypatch.setattr("services.actions.forecast.forecaster.FRESH", timedelta(0))
    seen, call = [], reading.call
    reading.steps = 0

    async def call_and_look(item, *, claim):
        seen.append((await forecaster.look()).calls[item.action_id])
        await current_counter().sent()
        seen.append((await forecaster.look()).calls[item.action_id])
        return await call(item, claim=claim)

    reading.call = call_and_look
    await press(events, "A", "B", "C", kind="READ")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)

    assert seen == [3, 2, 2, 1, 1, 0]


async def leave_alone(limiter, breaker):
    """Nothing was called yet."""


async def use_up(limiter, breaker=None):
    for _ in range(RATE.burst):
        assert await limiter._try(Priority.INTERACTIVE) <= 0


async def be_asked_for_a_pause(limiter, breaker):
    await use_up(limiter)
    await limiter.pause(300)


async def reach_nobody(limiter, breaker):
    await (await breaker.enter()).judge(reached=False)


@pytest.mark.parametrize(
    ("happened", "last_turn_in"),
    [
        pytest.param(leave_alone, (21 - AT_ONCE) * RATE.interval, id="free"),
        pytest.param(use_up, (OWED + 21) * RATE.interval, id="used up by those who may use all of it"),
        pytest.param(
            be_asked_for_a_pause, 300 + (21 - AT_ONCE) * RATE.interval, id="saved up during a pause"
        ),
        pytest.param(reach_nobody, 30 + (21 - AT_ONCE) * RATE.interval, id="behind an open breaker"),
    ],
)
async def test_the_end_is_predicted_from_a_budget_that_is(
    events, forecaster, limiter, breaker, happened, last_turn_in
):
    action = await press(events, *items(10))
    await happened(limiter, breaker)

    ends = seconds_until_ends(await forecaster.look())

    assert ends == {action.id: pytest.approx(last_turn_in + USUAL_LATENCY, abs=0.01)}


async def test_an_action_that_is_over_has_no_end_to_come(events, engine, clock, forecaster):
    await press(events, "A")
    await work(engine, clock)

    forecast = await forecaster.look()

    assert (forecast.calls, forecast.ends_at) == ({}, {})


async def test_many_who_look_within_a_second_see_the_same(events, forecaster, clock):
    first = await forecaster.look()
    await press(events, "A")
    again = await forecaster.look()
    clock.advance(1)

    assert again is first
    assert len((await forecaster.look()).calls) == 1


# Health
