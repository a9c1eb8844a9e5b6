"""A process that froze behind its claim and sends when all is over: nothing can stop it, but a person sees it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from models import Action, ActionItem
from services.actions import Costs, Created, Engine, SecondLook, retry_action
from services.vocabulary import ActionKind, ActionStatus, ItemKind, ItemOutcome
from tests.support.action_kinds import TIMING, Making, press, work

DELAY = 120.0


class Freezing(Making):
    """Its first request leaves only once it thaws, long after its claim."""

    def __init__(self):
        super().__init__()
        self.claimed, self.thawed, self.dies = asyncio.Event(), asyncio.Event(), False
        self.frozen = False

    async def send(self, item, *, claim):
        if self.frozen:
            return await super().send(item, claim=claim)
        self.frozen = True
        await claim()
        self.claimed.set()
        await self.thawed.wait()
        self.crm.append(item.reference)
        if self.dies:
            raise asyncio.CancelledError
        return Created(99 + len(self.crm))


@pytest.fixture
def making():
    return Freezing()


@pytest.fixture
def process(events, making, clock):
    """One more process over the same database and CRM."""

    def start():
        looking = SecondLook({"MAKE": making}, delay=DELAY, clock=clock)
        timing = replace(TIMING, second_look=DELAY)
        return Engine(
            kinds={"MAKE": making, ItemKind.SECOND_LOOK: looking}, events=events, timing=timing, costs=Costs()
        )

    return start


@pytest.fixture
def freeze(process, making):
    """Let a process begin and freeze it behind its claim; what is returned ends when it has thawed."""

    async def freeze():
        engine = process()
        [lane] = await engine.due_lanes()
        running = asyncio.create_task(engine.run_lane(lane))
        await making.claimed.wait()
        return running

    return freeze


@pytest.fixture
def thaw(making):
    async def thaw(running):
        making.thawed.set()
        await asyncio.gather(running, return_exceptions=True)

    return thaw


async def looks():
    return await ActionItem.filter(kind=ItemKind.SECOND_LOOK).order_by("created_at")


async def until_made(engine, clock):
    """Everything but the second look."""
    while await ActionItem.filter(kind="MAKE", open_key__not_isnull=True).exists():
        for lane in await engine.due_lanes():
            await engine.run_lane(lane)
        clock.advance(1)


async def test_a_healthy_lane_is_looked_at_once_and_found_in_order(process, events, clock, making):
    making.frozen = True
    action = await press(events, "A", "B", "C")

    await work(process(), clock)

    (look,) = await looks()
    assert (look.key, look.outcome) == (
        (await ActionItem.filter(kind="MAKE").first()).lane,
        ItemOutcome.UNCHANGED,
    )
    assert making.look_ups == 2
    assert look.finished_at - (await Action.get(id=action.id)).finished_at >= timedelta(seconds=DELAY)


async def test_the_second_look_keeps_no_action_open(process, events, clock, making):
    making.frozen = True
    action = await press(events, "A")

    await until_made(process(), clock)

    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED
    assert [look.outcome for look in await looks()] == [None]


async def test_a_look_waits_until_the_last_request_of_its_lane_is_old_enough(process, events, clock, making):
    making.frozen = True
    making.script = ["ok", "unreachable"]
    await press(events, "A", "B")
    engine = process()
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)
    await ActionItem.filter(kind="MAKE", reference="B").update(next_try_at=clock() + timedelta(seconds=DELAY))
    clock.advance(DELAY)

    await work(engine, clock)

    (look,) = await looks()
    last_sent_at = max(item.sent_at for item in await ActionItem.filter(kind="MAKE"))
    assert look.finished_at >= last_sent_at + timedelta(seconds=DELAY)


async def test_what_was_made_while_a_clock_was_ahead_is_looked_at_once_it_is_right_again(
    process, events, clock, making, ahead
):
    making.frozen = True
    engine = process()
    with ahead():
        await press(events, "A")
        await until_made(engine, clock)
        making.crm.append("A")

    for lane in await engine.due_lanes():
        await engine.run_lane(lane)

    (look,) = await looks()
    assert look.outcome == ItemOutcome.NEEDS_ATTENTION


async def test_a_process_that_froze_and_then_died_leaves_a_double_that_a_person_sees(
    process, events, clock, making, freeze, thaw
):
    await press(events, "A")
    frozen, making.dies = await freeze(), True
    other = process()
    clock.advance(TIMING.time_limit + TIMING.settle)
    await until_made(other, clock)
    await thaw(frozen)

    await work(other, clock)

    (look,) = await looks()
    assert making.crm == ["A", "A"]
    assert (look.outcome, look.crm_id) == (ItemOutcome.NEEDS_ATTENTION, 101)
    assert "A: 100, 101" in look.explanation
    (action,) = await Action.filter(kind=ActionKind.SECOND_LOOK)
    assert action.status == ActionStatus.WAITING


async def test_a_process_that_thaws_and_finds_its_claim_lost_says_what_it_made(
    process, events, clock, making, freeze, thaw
):
    await press(events, "A")
    frozen = await freeze()
    clock.advance(TIMING.time_limit + TIMING.settle)
    await until_made(process(), clock)

    await thaw(frozen)

    finding = (await looks())[-1]
    assert making.crm == ["A", "A"]
    assert (finding.outcome, finding.crm_id) == (ItemOutcome.NEEDS_ATTENTION, 101)


async def test_a_record_of_a_lost_claim_that_was_found_and_taken_is_no_stray(
    process, events, clock, making, freeze, thaw
):
    await press(events, "A")
    frozen = await freeze()
    making.crm.append("A")
    clock.advance(TIMING.time_limit + TIMING.settle)
    await until_made(process(), clock)
    making.crm.clear()

    await thaw(frozen)

    assert [look.outcome for look in await looks()] == [None]


async def test_looking_again_sends_nothing_and_ends_well_once_a_person_has_tidied_up(
    process, events, clock, making, freeze, thaw
):
    await press(events, "A")
    frozen = await freeze()
    clock.advance(TIMING.time_limit + TIMING.settle)
    await until_made(process(), clock)
    await thaw(frozen)
    finding = (await looks())[-1]
    await work(process(), clock)

    await retry_action(finding.action_id, actor="opr_1", events=events)
    await work(process(), clock)
    still_there = (await ActionItem.get(id=finding.id)).outcome
    making.crm = ["A"]
    await retry_action(finding.action_id, actor="opr_1", events=events)
    await work(process(), clock)

    assert still_there == ItemOutcome.NEEDS_ATTENTION
    assert (await ActionItem.get(id=finding.id)).outcome == ItemOutcome.UNCHANGED
    assert (await Action.get(id=finding.action_id)).status == ActionStatus.COMPLETED
    assert making.crm == ["A"]


async def test_control_without_a_second_look_the_double_stays_unseen(
    events, clock, making, freeze, thaw, process
):
    """The same freeze, so that the test above is known to be able to fail."""
    blind = Engine(kinds={"MAKE": making}, events=events, timing=TIMING, costs=Costs())
    await press(events, "A")
    frozen, making.dies = await freeze(), True
    await ActionItem.filter(kind=ItemKind.SECOND_LOOK).delete()
    clock.advance(TIMING.time_limit + TIMING.settle)
    await until_made(blind, clock)
    await thaw(frozen)

    await work(blind, clock)

    assert making.crm == ["A", "A"]
    assert not await ActionItem.filter(outcome=ItemOutcome.NEEDS_ATTENTION).exists()


async def test_what_is_sent_while_somebody_looks_is_looked_at_again(events, clock, process, making):
    making.frozen, making.script = True, ["refused"]
    looking, asked, answered = process(), asyncio.Event(), asyncio.Event()
    look_up = making.look_up

    async def look_slowly(items):
        asked.set()
        await answered.wait()
        return await look_up(items)

    action = await press(events, "A")
    [lane] = await looking.due_lanes()
    await looking.run_lane(lane)
    clock.advance(DELAY + 1)
    [look] = await looking.due_lanes()
    making.look_up = look_slowly
    under_way = asyncio.create_task(looking.run_lane(look))
    await asked.wait()
    making.look_up = look_up
    await retry_action(action.id, actor="opr_1", events=events)
    await process().run_lane(lane)
    answered.set()
    await under_way

    assert making.crm == ["A"]
    assert await ActionItem.filter(kind=ItemKind.SECOND_LOOK, open_key__not_isnull=True).count() == 1
