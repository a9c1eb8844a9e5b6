"""Two processes that say different things about one record at the same time: the newest is what stays."""

import asyncio

import pytest

from services.actions import Costs, Engine, Opening, PlannedItem, Result, enqueue_effects
from services.crm.errors import CrmOutcomeUnknown, CrmUnavailable
from services.vocabulary import ActionKind, ItemOutcome
from tests.support.action_kinds import TIMING, press, work


class Showing:
    """Keeps one value of the CRM like `wanted`. Its first word arrives only once it thaws."""

    def __init__(self):
        self.wanted, self.desired, self.applied = "old", 1, 0
        self.crm = None
        self.sent, self.thawed = asyncio.Event(), asyncio.Event()
        self.frozen = False
        self.failure = None
        self.talks = 0

    async def call(self, item, *, claim):
        self.talks += 1
        value, revision = self.wanted, self.desired
        await claim()
        if not self.frozen:
            self.frozen = True
            self.sent.set()
            await self.thawed.wait()
            self.crm = value
            if self.failure:
                raise self.failure
        self.crm = value
        return revision

    async def streams(self, item):
        return ["intake"]

    async def apply(self, change, item, received):
        self.applied = received
        return Result(ItemOutcome.UPDATED, more=self.desired > received)

    async def resend_after_race(self, change, item):
        self.desired += 1
        again = PlannedItem("SHOW", item.key, item.reference, item.label)
        await enqueue_effects(change, [Opening(ActionKind.FOLLOW_MILESTONES, {"of": item.key}, [again])])


@pytest.fixture
def showing():
    return Showing()


@pytest.fixture
def process(events, showing):
    return lambda: Engine(kinds={"SHOW": showing}, events=events, timing=TIMING, costs=Costs())


@pytest.fixture
async def frozen(events, process, showing):
    """A process whose word is on its way and does not arrive."""
    await press(events, "A", kind="SHOW")
    engine = process()
    [lane] = await engine.due_lanes()
    running = asyncio.create_task(engine.run_lane(lane))
    await showing.sent.wait()
    return running


async def thaw(showing, frozen):
    showing.thawed.set()
    await frozen


async def test_while_one_process_calls_no_other_does(process, clock, showing, frozen):
    assert await process().due_lanes() == []

    await thaw(showing, frozen)

    assert (showing.talks, showing.applied) == (1, 1)


@pytest.mark.parametrize(
    "failure",
    [pytest.param(None, id="answered"), pytest.param(CrmOutcomeUnknown("No answer."), id="unanswered")],
)
async def test_an_old_word_that_lands_last_is_followed_by_the_newest(
    process, clock, showing, frozen, failure
):
    showing.failure = failure
    showing.wanted, showing.desired = "new", 2
    clock.advance(TIMING.time_limit + TIMING.settle)
    await work(process(), clock)
    assert (showing.crm, showing.applied) == ("new", 2)

    await thaw(showing, frozen)
    landed_last = showing.crm
    await work(process(), clock)

    assert landed_last == "old"
    assert (showing.crm, showing.applied) == ("new", showing.desired)


async def test_a_word_that_surely_never_arrived_needs_no_answer(process, clock, showing, frozen):
    showing.failure = CrmUnavailable("No connection.")
    clock.advance(TIMING.time_limit + TIMING.settle)
    await work(process(), clock)

    await thaw(showing, frozen)
    await work(process(), clock)

    assert showing.talks == 2


async def test_control_without_the_claim_the_old_word_would_stay(
    process, clock, showing, frozen, monkeypatch
):
    """The same crossing unnoticed, which shows that the test above can fail."""

    async def say_nothing(change, item):
        pass

    monkeypatch.setattr(showing, "resend_after_race", say_nothing)
    showing.wanted, showing.desired = "new", 2
    clock.advance(TIMING.time_limit + TIMING.settle)
    await work(process(), clock)

    await thaw(showing, frozen)
    await work(process(), clock)

    assert (showing.crm, showing.applied, showing.desired) == ("old", 2, 2)
