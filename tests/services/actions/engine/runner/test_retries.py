"""What failed is retried, alone and without doubles."""

import pytest

from models import Action, ActionItem
from services.actions import ActionRunning, UnknownItem, retry_action
from services.crm.errors import CrmRefused
from services.vocabulary import ActionStatus, ItemOutcome
from tests.support.action_kinds import TIMING, press, work
from tests.support.databases import dump
from tests.support.engine_runs import outcomes


async def test_a_refusal_ends_its_item_with_the_crm_s_words_and_the_next_continues(
    engine, events, clock, making
):
    making.script = ["refused"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert await outcomes() == [ItemOutcome.FAILED, ItemOutcome.CREATED]
    first = await ActionItem.get(position=1)
    assert (first.explanation, first.crm_words) == ("Refused.", "The title is too long.")


async def test_a_failed_item_can_be_retried_without_touching_the_others(engine, events, clock, making):
    making.script = ["refused"]
    action = await press(events, "A", "B")
    await work(engine, clock)

    await retry_action(action.id, actor="opr_1", events=events)
    await work(engine, clock)

    assert making.crm == ["B", "A"]
    action = await Action.get(id=action.id)
    assert (action.status, action.finished_count, action.attention_count) == (ActionStatus.COMPLETED, 2, 0)


async def test_of_two_failed_items_only_the_chosen_one_is_retried(engine, events, clock, making):
    making.script = ["refused", "refused"]
    action = await press(events, "A", "B")
    await work(engine, clock)
    chosen = await ActionItem.get(reference="B")

    await retry_action(action.id, actor="opr_1", events=events, item_ids=[chosen.id])
    await work(engine, clock)

    assert making.crm == ["B"]
    assert await outcomes() == [ItemOutcome.FAILED, ItemOutcome.CREATED]
    action = await Action.get(id=action.id)
    assert (action.status, action.attention_count) == (ActionStatus.WAITING, 1)


async def test_an_item_of_another_action_is_refused_and_nothing_is_retried(
    engine, events, clock, making, database_url
):
    making.script = ["refused", "refused"]
    action, other = await press(events, "A"), await press(events, "B")
    await work(engine, clock)
    chosen = [(await ActionItem.get(action_id=one.id)).id for one in (action, other)]
    before = dump(database_url, machinery=True)

    with pytest.raises(UnknownItem) as refused:
        await retry_action(action.id, actor="opr_1", events=events, item_ids=chosen)

    assert (refused.value.code, refused.value.path) == ("UNKNOWN_ITEM", ("itemIds",))
    assert dump(database_url, machinery=True) == before


async def test_after_a_retry_pauses_grow_from_the_shortest_again(engine, events, clock, making):
    making.script = [*["unreachable"] * 8, "refused", "unreachable"]
    action = await press(events, "A")
    await work(engine, clock)
    await retry_action(action.id, actor="opr_1", events=events)
    (lane,) = await engine.due_lanes()

    wait = await engine.run_lane(lane)

    assert wait <= 2 * TIMING.backoff * 1.25


async def test_a_retry_waits_for_a_running_action_of_the_same_request(engine, events, clock, making):
    making.script = ["refused"]
    action = await press(events, "A")
    await work(engine, clock)
    running = await press(events, "A")

    with pytest.raises(ActionRunning) as refused:
        await retry_action(action.id, actor="opr_1", events=events)

    assert refused.value.action_id == running.id


async def test_a_refused_look_up_never_hides_what_an_earlier_request_may_have_done(
    engine, events, clock, making
):
    making.script = ["committed, then lost"]
    await press(events, "A")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)
    clock.advance(TIMING.time_limit + TIMING.settle)
    making.look_up_script = [CrmRefused("Forbidden.", status=403)]

    await engine.run_lane(lane)

    assert await outcomes() == [ItemOutcome.NEEDS_ATTENTION]


async def test_what_was_surely_not_written_and_is_found_later_was_somebody_else_s(
    engine, events, clock, making
):
    making.script = ["unreachable"]
    await press(events, "A")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)
    making.crm = ["A"]

    await work(engine, clock)

    assert await outcomes() == [ItemOutcome.ADOPTED]


async def test_an_item_of_an_unknown_kind_waits_for_a_program_that_knows_it(engine, events, clock):
    await press(events, "A", kind="FROM_THE_FUTURE")
    [lane] = await engine.due_lanes()

    assert TIMING.backoff <= await engine.run_lane(lane) <= TIMING.backoff * 1.25
