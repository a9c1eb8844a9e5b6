"""Requests with an unknown outcome, and everything that people do before it is known."""

from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from models import Action, ActionItem
from services.actions import (
    ActionRunning,
    Costs,
    Engine,
    NothingToCancel,
    NothingToRetry,
    cancel_action,
    retry_action,
)
from services.crm.errors import CrmRefused
from services.errors import Refusal
from services.vocabulary import ActionStatus, ItemOutcome, ItemState
from tests.support.action_kinds import TIMING, Making, press, work

LAGGING = replace(TIMING, lag_bound=600)
LAG = 590


class CodeTaken(Refusal):
    """What was made cannot be written down."""

    code = "CODE_TAKEN"


class Lagging(Making):
    """Its CRM shows a record only some time after it was made."""

    def __init__(self, clock):
        super().__init__()
        self.clock = clock
        self.made_at = []
        self.declines = 0

    async def look_up(self, items):
        self.hidden = sum(made_at + LAG > self.clock().timestamp() for made_at in self.made_at)
        return await super().look_up(items)

    async def send(self, item, *, claim):
        held = len(self.crm)
        try:
            return await super().send(item, claim=claim)
        finally:
            self.made_at += [self.clock().timestamp()] * (len(self.crm) - held)

    async def already_linked(self, items):
        recorded = dict(self.recorded)
        return {item.reference: recorded[item.reference] for item in items if item.reference in recorded}

    async def record(self, change, item, crm_id, details):
        if self.declines:
            self.declines -= 1
            raise CodeTaken("Its code is taken.")
        if (item.reference, crm_id) not in self.recorded:
            await super().record(change, item, crm_id, details)

    def forbid(self):
        self.look_up_script.append(CrmRefused("Forbidden.", status=403))


@pytest.fixture
def making(clock):
    return Lagging(clock)


@pytest.fixture
def engine(events, making):
    return Engine(kinds={"MAKE": making}, events=events, timing=LAGGING, costs=Costs())


async def loses_the_answer_and_may_not_look(engine, making, clock):
    making.script = ["committed, then lost"]
    [lane] = await engine.due_lanes()
    clock.advance(await engine.run_lane(lane))
    making.forbid()
    await engine.run_lane(lane)


async def makes_it_and_cannot_write_it_down(engine, making, clock):
    making.declines = 1
    await work(engine, clock)


async def hears_of_a_duplicate_that_is_not_shown(engine, making, clock):
    making.crm, making.made_at = ["A"], [clock().timestamp()]
    making.script = ["duplicate"]
    await work(engine, clock)


OPEN_OUTCOMES = pytest.mark.parametrize(
    "ends_openly",
    [
        loses_the_answer_and_may_not_look,
        makes_it_and_cannot_write_it_down,
        hears_of_a_duplicate_that_is_not_shown,
    ],
)


async def test_until_it_is_known_what_came_of_a_request_its_item_says_why_not(engine, events, clock, making):
    making.script = ["committed, then lost"]
    await press(events, "A")
    [lane] = await engine.due_lanes()
    clock.advance(await engine.run_lane(lane))

    item = await ActionItem.get(reference="A")
    assert (item.state, item.explanation) == (ItemState.SENDING, "No answer.")

    await work(engine, clock)
    await item.refresh_from_db()
    assert (item.outcome, item.explanation) == (ItemOutcome.CREATED, None)


@OPEN_OUTCOMES
async def test_pressing_again_after_an_open_outcome_makes_no_second_record(
    engine, events, clock, making, ends_openly
):
    first = await press(events, "A")
    await ends_openly(engine, making, clock)
    assert (await Action.get(id=first.id)).status == ActionStatus.WAITING

    second = await press(events, "A")
    await work(engine, clock)

    assert making.crm == ["A"]
    assert (await ActionItem.get(action_id=second.id)).outcome == ItemOutcome.CREATED


@OPEN_OUTCOMES
async def test_pressing_again_after_an_open_outcome_was_put_away_makes_no_second_record(
    engine, events, clock, making, ends_openly
):
    first = await press(events, "A")
    await ends_openly(engine, making, clock)
    await cancel_action(first.id, actor="opr_1", events=events)

    await press(events, "A")
    await work(engine, clock)

    assert making.crm == ["A"]


@OPEN_OUTCOMES
async def test_retrying_what_failed_before_an_open_outcome_makes_no_second_record(
    engine, events, clock, making, ends_openly
):
    failed = await press(events, "A")
    making.script = ["refused"]
    await work(engine, clock)
    await press(events, "A")
    await ends_openly(engine, making, clock)

    await retry_action(failed.id, actor="opr_1", events=events)
    await work(engine, clock)

    assert making.crm == ["A"]


async def test_control_a_press_that_knows_of_no_open_outcome_makes_a_second_record(
    engine, events, clock, making, forgetful
):
    """The same press by a ledger that forgets, so that the tests above are known to be able to fail."""
    await press(events, "A")
    await loses_the_answer_and_may_not_look(engine, making, clock)

    await press(events, "A")
    await work(engine, clock)

    assert making.crm == ["A", "A"]


@pytest.fixture
def forgetful(monkeypatch):
    async def is_settled(item):
        return True

    monkeypatch.setattr("services.actions.ledger._is_settled", is_settled)


async def test_a_press_after_an_outcome_that_was_settled_starts_again(engine, events, clock, making):
    await press(events, "A")
    await loses_the_answer_and_may_not_look(engine, making, clock)
    making.crm, making.made_at = [], []
    making.script = ["refused"]
    await press(events, "A")
    await work(engine, clock)

    third = await press(events, "A")

    assert (await ActionItem.get(action_id=third.id)).state == ItemState.PENDING


async def test_what_a_preview_did_not_show_yet_is_taken_for_the_record_of_the_open_request(
    engine, events, clock, making
):
    await press(events, "A")
    await loses_the_answer_and_may_not_look(engine, making, clock)

    second = await press(events, "A", expected={"crm_ids": []})
    await work(engine, clock)

    assert making.crm == ["A"]
    assert (await ActionItem.get(action_id=second.id)).outcome == ItemOutcome.CREATED


async def test_what_a_preview_showed_otherwise_is_left_alone_after_an_open_request_too(
    engine, events, clock, making
):
    await press(events, "A")
    await loses_the_answer_and_may_not_look(engine, making, clock)

    second = await press(events, "A", expected={"crm_ids": [4711]})
    await work(engine, clock)

    assert (await ActionItem.get(action_id=second.id)).outcome == ItemOutcome.NEEDS_ATTENTION


async def test_what_came_beside_another_record_that_was_taken_meanwhile_waits_for_a_person(
    engine, events, clock, making
):
    waiting = await press(events, "A")
    await loses_the_answer_and_may_not_look(engine, making, clock)
    making.recorded = [("A", 4711)]
    clock.advance(LAG)

    await retry_action(waiting.id, actor="opr_1", events=events)
    await work(engine, clock)

    item = await ActionItem.get(action_id=waiting.id)
    assert item.outcome == ItemOutcome.NEEDS_ATTENTION
    assert item.explanation == "The CRM holds this more than once: 100, 4711."


class Clicking:
    """Somebody who does anything at any time about one effect, while the CRM fails as it likes."""

    def __init__(self, reference, random, *, engine, events, clock, making):
        self._reference, self._random = reference, random
        self._engine, self._events, self._clock, self._making = engine, events, clock, making

    async def click(self):
        self._making.script = self._random.choices(
            ["committed, then lost", "committed, then lost", "lost", "refused", "duplicate"], k=3
        )
        self._making.declines = self._random.choice([0, 0, 1])
        self._making.look_up_script = [CrmRefused("Forbidden.", status=403)] * self._random.choice([0, 0, 1])
        act = self._random.choice([self._press, self._retry, self._cancel, self._work, self._work])
        with suppress(ActionRunning, NothingToRetry, NothingToCancel):
            await act()

    async def _press(self):
        await press(self._events, self._reference)

    async def _retry(self):
        ended = await ActionItem.filter(reference=self._reference, open_key__isnull=True).order_by(
            "created_at"
        )
        if ended:
            await retry_action(self._random.choice(ended).action_id, actor="opr_1", events=self._events)

    async def _cancel(self):
        known = await ActionItem.filter(reference=self._reference).order_by("created_at")
        if known:
            await cancel_action(self._random.choice(known).action_id, actor="opr_1", events=self._events)

    async def _work(self):
        self._clock.advance(self._random.choice([1, 30, 30]))
        for lane in await self._engine.due_lanes():
            await self._engine.run_lane(lane)


async def click_at_random(seeds, **parts):
    """How many records of each effect there are in the end, where somebody clicked at random."""
    making = parts["making"]
    for seed in seeds:
        clicking = Clicking(f"A{seed}", Random(seed), **parts)
        for _ in range(40):
            await clicking.click()
        making.script, making.declines, making.look_up_script = [], 0, []
        await work(parts["engine"], parts["clock"], patience=50)
    return {making.crm.count(f"A{seed}") for seed in seeds}


async def test_whatever_is_pressed_retried_and_cancelled_no_effect_is_there_twice(
    engine, events, clock, making
):
    counts = await click_at_random(range(12), engine=engine, events=events, clock=clock, making=making)

    assert max(counts) == 1


async def test_control_clicks_at_random_do_meet_open_outcomes(engine, events, clock, making, forgetful):
    counts = await click_at_random(range(12), engine=engine, events=events, clock=clock, making=making)

    assert max(counts) > 1
