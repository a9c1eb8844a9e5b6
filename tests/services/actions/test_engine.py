"""The engine against a CRM that fails on cue. The CRM here is a list of references; the database is real."""

import asyncio

import pytest
from tortoise.connection import get_connection

from models import Action, ActionItem, Event
from models.database import READS
from services.actions import ActionRunning, Costs, Engine, UnknownItem, cancel_action, retry_action
from services.actions.claims import ClaimLost
from services.crm.errors import CrmOutcomeUnknown, CrmRefused, CrmUnavailable
from services.events.log import column_values
from services.vocabulary import ActionStatus, ItemOutcome, ItemState
from tests.databases import dump
from tests.services.actions.making import TIMING, Making, press, work


@pytest.fixture
def engine(events, making, reading):
    return Engine(kinds={"MAKE": making, "READ": reading}, events=events, timing=TIMING, costs=Costs())


async def outcomes():
    return [i.outcome for i in await ActionItem.all().order_by("position")]


async def test_each_item_is_made_once_and_the_action_ends(engine, events, clock, making):
    action = await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert making.look_ups == 1
    assert await outcomes() == [ItemOutcome.CREATED, ItemOutcome.CREATED]
    action = await Action.get(id=action.id)
    assert (action.status, action.finished_count, action.open_scope) == (ActionStatus.COMPLETED, 2, None)


async def test_what_is_already_there_is_adopted(engine, events, clock, making):
    making.crm = ["A"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert await outcomes() == [ItemOutcome.ADOPTED, ItemOutcome.CREATED]


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(["unreachable before the claim"], id="no connection before the claim"),
        pytest.param(["unreachable", "unreachable"], id="no connection twice"),
        pytest.param(["paused"], id="too many calls"),
        pytest.param(["lost"], id="lost before it arrived"),
        pytest.param(["committed, then lost"], id="answer lost"),
        pytest.param(["lost", "committed, then lost"], id="lost, then answer lost"),
        pytest.param(["committed, then a bug"], id="a bug after the request"),
    ],
)
async def test_whatever_fails_nothing_is_lost_and_nothing_made_twice(engine, events, clock, making, script):
    making.script = [*script]
    action = await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["A", "B"]
    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED


async def test_a_duplicate_that_the_crm_does_not_show_waits_for_a_person(engine, events, clock, making):
    making.script = ["duplicate"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["B"]
    assert await outcomes() == [ItemOutcome.NEEDS_ATTENTION, ItemOutcome.CREATED]


async def test_control_a_blind_repeat_would_have_made_two(engine, events, clock, making, monkeypatch):
    """The same fault without the look-up, so that the test above is known to be able to fail."""

    async def blind(items):
        return {}

    monkeypatch.setattr(making, "look_up", blind)
    making.script = ["committed, then lost"]
    await press(events, "A")

    await work(engine, clock)

    assert making.crm == ["A", "A"]


@pytest.mark.only_on("sqlite")
async def test_looking_for_work_passes_over_what_is_finished(engine, events, statements):
    await press(events, "A")
    await engine.due_lanes()

    database = get_connection(READS)
    looks = [sql for sql in statements if "action_item" in sql]
    [index] = await database.execute_query_dict(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE NOT \"open_key\" IS NULL'"
    )
    assert len(looks) == 2
    for sql in looks:
        [step] = await database.execute_query_dict(f"EXPLAIN QUERY PLAN {sql}", [0] * sql.count("?"))
        assert step["detail"] == f"SCAN action_item USING INDEX {index['name']}"


async def test_an_open_outcome_is_not_judged_before_the_crm_must_have_finished(engine, events, clock, making):
    making.script = ["committed, then lost"]
    await press(events, "A")
    [lane] = await engine.due_lanes()

    wait = await engine.run_lane(lane)

    assert wait == TIMING.time_limit + TIMING.settle
    assert making.look_ups == 1
    assert await engine.due_lanes() == []


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


async def test_what_was_absent_before_it_was_sent_again_has_to_be_looked_for_twice_anew(events, clock):
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


async def test_a_refusal_ends_its_item_with_the_crm_s_words_and_the_next_goes_on(
    engine, events, clock, making
):
    making.script = ["refused"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert await outcomes() == [ItemOutcome.FAILED, ItemOutcome.CREATED]
    assert "The title is too long." in (await ActionItem.get(position=1)).explanation


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


async def test_cancelling_stops_what_was_not_sent_and_follows_what_was(engine, events, clock, making):
    making.script = ["committed, then lost"]
    action = await press(events, "A", "B")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)

    await cancel_action(action.id, actor="opr_1", events=events)
    await work(engine, clock)

    assert making.crm == ["A"]
    assert await outcomes() == [ItemOutcome.CREATED, ItemOutcome.CANCELLED]
    assert (await Action.get(id=action.id)).status == ActionStatus.CANCELLED


async def test_what_waits_can_be_put_away_and_its_words_keep_what_it_was(engine, events, clock, making):
    making.script = ["refused"]
    action = await press(events, "A", "B")
    await work(engine, clock)

    await cancel_action(action.id, actor="opr_1", events=events)

    assert await outcomes() == [ItemOutcome.CANCELLED, ItemOutcome.CREATED]
    words = (await ActionItem.get(position=1)).explanation
    assert words == "Put away by an operator. It was FAILED. Refused. The title is too long."
    action = await Action.get(id=action.id)
    assert (action.status, action.finished_count, action.attention_count) == (ActionStatus.CANCELLED, 2, 0)


async def test_an_item_that_is_cancelled_while_its_look_up_fails_stops_nobody(engine, events, clock, making):
    action = await press(events, "A", "B")

    async def cancelled_meanwhile(items):
        await cancel_action(action.id, actor="opr_1", events=events)
        raise CrmUnavailable("No connection.")

    making.look_up = cancelled_meanwhile
    await work(engine, clock)

    assert making.crm == []
    assert await outcomes() == [ItemOutcome.CANCELLED, ItemOutcome.CANCELLED]


async def test_a_claim_that_somebody_else_holds_is_not_sent(engine, events, making):
    await press(events, "A")
    stale = await ActionItem.get()
    await ActionItem.filter(id=stale.id).update(state=ItemState.SENDING, claim_id="another")

    with pytest.raises(ClaimLost):
        await engine._creates._send(making, stale)

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


async def test_two_that_look_for_the_same_at_once_tell_one_story(engine, events, clock, making):
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


async def test_what_nobody_wants_any_more_is_not_made_and_not_even_looked_for(engine, events, clock, making):
    making.objections = {"A": "The ticket was cancelled."}
    action = await press(events, "A")

    await work(engine, clock)

    item = await ActionItem.get()
    assert (item.outcome, item.explanation) == (ItemOutcome.SKIPPED, "The ticket was cancelled.")
    assert (making.crm, making.look_ups) == ([], 0)
    assert (await Action.get(id=action.id)).status == ActionStatus.COMPLETED


async def test_an_objection_at_the_last_moment_still_stops_it(engine, events, clock, making):
    making.script = ["cancelled while waiting for a call", "ok"]
    await press(events, "A", "B")

    await work(engine, clock)

    assert making.crm == ["B"]
    assert await outcomes() == [ItemOutcome.SKIPPED, ItemOutcome.CREATED]


async def test_an_objection_leaves_alone_what_may_have_been_sent(engine, events, clock, making):
    making.script = ["committed, then lost"]
    await press(events, "A")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)
    making.objections = {"A": "The ticket was cancelled."}

    await work(engine, clock)

    assert await outcomes() == [ItemOutcome.CREATED]


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


async def test_what_a_clock_ahead_did_not_find_is_looked_for_twice_anew(engine, events, clock, making, ahead):
    making.script = ["lost"]
    with ahead():
        await press(events, "A")
        (lane,) = await engine.due_lanes()
        clock.advance(await engine.run_lane(lane))
        await engine.run_lane(lane)

    await work(engine, clock)

    assert making.crm == ["A"]
    assert making.look_ups == 4
