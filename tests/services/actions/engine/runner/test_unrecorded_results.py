"""A result that could not be recorded is found by a look-up."""

import asyncio

from models import Action, ActionItem, Event
from models.transaction import after_commit
from services.actions import Costs, Engine
from services.vocabulary import ActionStatus, ItemOutcome, ItemState
from tests.support.action_kinds import TIMING, Making, press, work
from tests.support.engine_runs import outcomes


async def test_an_open_outcome_is_not_judged_before_the_crm_must_have_finished(engine, events, clock, making):
    making.script = ["committed, then lost"]
    await press(events, "A")
    [lane] = await engine.due_lanes()

    wait = await engine.run_lane(lane)

    assert wait == TIMING.time_limit + TIMING.settle
    assert making.look_ups == 1
    assert await engine.due_lanes() == await engine.due_lanes(within=wait - 1) == []
    assert await engine.due_lanes(within=wait) == [lane]


class CommitUnanswered(Making):
    """The connection to the database is lost after the commit, so that its success is not known."""

    async def record(self, change, item, crm_id, details):
        await super().record(change, item, crm_id, details)
        after_commit(self._lose_connection)

    def _lose_connection(self):
        raise ConnectionResetError


async def test_a_finished_item_is_not_postponed_when_the_commit_gets_no_answer(events, clock):
    making = CommitUnanswered()
    engine = Engine(kinds={"MAKE": making}, events=events, timing=TIMING, costs=Costs())
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert await outcomes() == [ItemOutcome.CREATED, ItemOutcome.CREATED]
    assert [item.explanation for item in await ActionItem.all()] == [None, None]
    assert not await Event.filter(kind="ITEM_POSTPONED").exists()


class RecordFailsOnce(Making):
    """Cannot write down what was made, once."""

    async def record(self, change, item, crm_id, details):
        if not self.recorded:
            self.recorded.append((item.reference, crm_id))
            await change.update(item, kind="ITEM_CREATED", state=ItemState.FINISHED)
            raise ZeroDivisionError("canary")
        await super().record(change, item, crm_id, details)


async def test_an_item_that_cannot_be_written_is_postponed_and_found_later(events, clock):
    making = RecordFailsOnce()
    engine = Engine(kinds={"MAKE": making}, events=events, timing=TIMING, costs=Costs())
    await press(events, "A")

    await work(engine, clock)

    assert making.crm == ["A"]
    assert await outcomes() == [ItemOutcome.CREATED]
    assert await Event.filter(kind="ITEM_POSTPONED").count() == 1


class SentTwice(Making):
    """Sends once more after a while, as where the CRM did not take our token; then its answer is lost."""

    def __init__(self):
        super().__init__()
        self.refused, self.logged_in = asyncio.Event(), asyncio.Event()

    async def send(self, item, *, claim):
        if self.refused.is_set():
            return await super().send(item, claim=claim)
        await claim()
        self.refused.set()
        await self.logged_in.wait()
        self.script = ["committed, then lost"]
        return await super().send(item, claim=claim)


async def test_what_was_absent_before_it_was_sent_again_is_looked_up_twice_again(events, clock):
    making = SentTwice()
    first, second = (
        Engine(kinds={"MAKE": making}, events=events, timing=TIMING, costs=Costs()) for _ in range(2)
    )
    await press(events, "A")
    [lane] = await first.due_lanes()
    running = asyncio.create_task(first.run_lane(lane))
    await making.refused.wait()
    clock.advance(TIMING.time_limit + TIMING.settle)
    await second.run_lane(lane)
    making.hidden = 1
    making.logged_in.set()
    await running

    clock.advance(TIMING.time_limit + TIMING.settle)
    await second.run_lane(lane)

    assert making.crm == ["A"]
    making.hidden = 0
    await work(second, clock)
    assert making.crm == ["A"]


async def test_a_record_that_search_does_not_show_yet_is_not_made_again(engine, events, clock, making):
    making.script = ["committed, then lost"]
    making.hidden = 1
    await press(events, "A")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)
    clock.advance(TIMING.time_limit + TIMING.settle)

    assert await engine.run_lane(lane) == TIMING.lag_bound
    making.hidden = 0
    await work(engine, clock)

    assert making.crm == ["A"]
    assert await outcomes() == [ItemOutcome.CREATED]


async def test_two_records_with_our_reference_wait_for_a_person(engine, events, clock, making):
    making.crm = ["A", "A"]
    action = await press(events, "A")

    await work(engine, clock)

    item = await ActionItem.get()
    assert item.outcome == ItemOutcome.NEEDS_ATTENTION
    assert "100, 101" in item.explanation
    assert (await Action.get(id=action.id)).status == ActionStatus.WAITING
