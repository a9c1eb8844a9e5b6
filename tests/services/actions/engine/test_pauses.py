"""How long the engine waits after failures, what ends the wait, and when it stops trying."""

import pytest

from models import ActionAttempt, ActionItem, Event
from services.actions import Costs, Engine, retry_action
from services.actions.engine.timing import PAUSE_WHEN_WELL, UNANSWERED_CREATES, UNANSWERED_UPDATES
from services.actions.retry_and_cancel import NothingToRetry
from services.crm.breaker import Breaker
from services.crm.errors import CrmNotCalled, CrmOutcomeUnknown, CrmUnavailable
from services.vocabulary import ActionStatus, ItemOutcome, ItemState
from tests.support.action_kinds import TIMING, Reading, press, work


@pytest.fixture
def circuit(clock):
    return Breaker(failures=1, seconds=30, clock=clock)


@pytest.fixture
def engine(events, making, reading, circuit):
    kinds = {"MAKE": making, "READ": reading}
    return Engine(kinds=kinds, events=events, timing=TIMING, costs=Costs(), circuit=circuit)


async def call(circuit, **what):
    """Some process calls the CRM."""
    await (await circuit.enter()).judge(**what)


async def let_look_ups_fail(engine, clock, making, times):
    making.look_up_script = [CrmUnavailable("No answer.") for _ in range(times)]
    for _ in range(times):
        for lane in await engine.due_lanes():
            await engine.run_lane(lane)
        item = await ActionItem.get(outcome__isnull=True)
        clock.now = max(clock.now, item.next_try_at)
    clock.now = item.postponed_at
    return item


async def pause_of(item):
    item = await ActionItem.get(id=item.id)
    return (item.next_try_at - item.postponed_at).total_seconds()


@pytest.mark.parametrize("script", [[], ["committed, then lost"]], ids=["before the request", "in doubt"])
async def test_a_successful_call_of_any_process_shortens_a_long_pause(
    engine, events, clock, making, circuit, script
):
    making.script = [*script]
    await press(events, "A")
    if script:
        [lane] = await engine.due_lanes()
        await engine.run_lane(lane)
        clock.advance(TIMING.lease.total_seconds())
    item = await let_look_ups_fail(engine, clock, making, 10)
    assert await pause_of(item) > 600

    clock.advance(1)
    await call(circuit, reached=True, succeeded=True)
    await engine.bring_forward()

    assert await pause_of(item) == PAUSE_WHEN_WELL
    await work(engine, clock)
    assert making.crm == ["A"]


@pytest.mark.parametrize(
    "answer",
    [pytest.param({"reached": True}, id="an error"), pytest.param({"reached": False}, id="nothing")],
)
async def test_a_pause_stays_long_while_the_crm_does_not_answer(
    engine, events, clock, making, circuit, answer
):
    await press(events, "A")
    await call(circuit, reached=True, succeeded=True)
    clock.advance(1)
    item = await let_look_ups_fail(engine, clock, making, 10)
    before = await pause_of(item)

    clock.advance(1)
    await call(circuit, **answer)
    await engine.bring_forward()

    assert await pause_of(item) == before


async def test_a_press_ends_a_pause(engine, events, clock, making):
    action = await press(events, "A")
    await let_look_ups_fail(engine, clock, making, 10)

    await retry_action(action.id, actor="opr_1", events=events)

    [lane] = await engine.due_lanes()
    assert await engine.run_lane(lane) is None
    assert making.crm == ["A"]


async def test_a_press_does_not_look_for_a_request_that_may_be_on_its_way(engine, events, clock, making):
    making.script = ["lost"]
    action = await press(events, "A")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)

    with pytest.raises(NothingToRetry):
        await retry_action(action.id, actor="opr_1", events=events)

    assert await engine.due_lanes() == []


async def test_nothing_is_written_while_the_crm_is_not_called(engine, events, clock, making, reading):
    await press(events, "A")
    await press(events, "B", kind="READ")
    lanes = await engine.due_lanes()
    making.look_up_script = [CrmNotCalled("Left alone.", retry_after=20.0)]
    reading.errors = [CrmNotCalled("Left alone.", retry_after=20.0)]
    before = await Event.all().count()

    waits = [await engine.run_lane(lane) for lane in lanes]

    assert waits == [20.0, 20.0]
    assert await Event.all().count() == before
    assert await ActionAttempt.all().count() == 0


async def test_no_lane_is_due_while_the_circuit_is_open(engine, events, clock, circuit):
    await press(events, "A")

    await call(circuit, reached=False)
    while_open = await engine.due_lanes()
    clock.advance(31)

    assert while_open == []
    assert len(await engine.due_lanes()) == 1


async def test_a_create_that_never_arrives_ends_and_its_lane_continues(engine, events, clock, making):
    making.script = ["lost"] * UNANSWERED_CREATES
    action = await press(events, "A", "B")

    await work(engine, clock)

    poison, other = await ActionItem.filter(action_id=action.id).order_by("position")
    assert (poison.outcome, other.outcome) == (ItemOutcome.NEEDS_ATTENTION, ItemOutcome.CREATED)
    assert poison.claim_id is not None
    assert poison.explanation == "The CRM was asked 5 times to create this and holds none. No answer."
    assert await ActionAttempt.filter(item_id=poison.id, step="SEND").count() == UNANSWERED_CREATES


async def test_a_retry_of_such_a_create_looks_twice_before_it_sends(engine, events, clock, making):
    making.script = ["lost"] * UNANSWERED_CREATES
    action = await press(events, "A")
    await work(engine, clock)
    making.crm.append("A")

    await retry_action(action.id, actor="opr_1", events=events)
    item = await ActionItem.get(action_id=action.id)
    state = item.state
    await work(engine, clock)

    assert state == ItemState.SENDING
    assert making.crm == ["A"]


async def test_a_retry_takes_up_what_failed_while_the_rest_still_runs(engine, events, clock, making):
    making.script = ["refused"]
    action = await press(events, "A", "B")
    making.look_ups = 0
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane, stopping=lambda: True)

    action = await retry_action(action.id, actor="opr_1", events=events)

    assert (action.status, action.finished_count, action.attention_count) == (ActionStatus.RUNNING, 0, 0)
    await work(engine, clock)
    assert making.crm == ["A", "B"]


class NeverConfirmed(Reading):
    """An update that the CRM answers with an error each time."""

    async def call(self, item, *, claim):
        await claim()
        raise CrmOutcomeUnknown("POST was answered 500.")


async def test_an_update_that_is_never_confirmed_waits_for_a_person(events, clock):
    engine = Engine(kinds={"SET": NeverConfirmed()}, events=events, timing=TIMING, costs=Costs())
    await press(events, "A", kind="SET")

    await work(engine, clock)

    item = await ActionItem.get(kind="SET")
    assert item.outcome == ItemOutcome.NEEDS_ATTENTION
    assert item.attempt_count == UNANSWERED_UPDATES
