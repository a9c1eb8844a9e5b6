"""What is cancelled or no longer wanted is not sent."""

from models import Action, ActionItem
from services.actions import cancel_action
from services.crm.errors import CrmUnavailable
from services.planning.actions.preview import TICKET_CANCELLED
from services.vocabulary import ActionStatus, ItemOutcome
from tests.support.action_kinds import press, work
from tests.support.engine_runs import outcomes


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
    first = await ActionItem.get(position=1)
    assert first.explanation == "Dismissed by an operator. It was FAILED. Refused."
    assert first.crm_words == "The title is too long."
    action = await Action.get(id=action.id)
    assert (action.status, action.finished_count, action.attention_count) == (ActionStatus.CANCELLED, 2, 0)


async def test_an_item_that_is_cancelled_while_its_look_up_fails_stops_no_other(
    engine, events, clock, making
):
    action = await press(events, "A", "B")

    async def cancelled_meanwhile(items):
        await cancel_action(action.id, actor="opr_1", events=events)
        raise CrmUnavailable("No connection.")

    making.look_up = cancelled_meanwhile
    await work(engine, clock)

    assert making.crm == []
    assert await outcomes() == [ItemOutcome.CANCELLED, ItemOutcome.CANCELLED]


async def test_what_is_no_longer_wanted_is_neither_created_nor_looked_up(engine, events, clock, making):
    making.objections = {"A": TICKET_CANCELLED}
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
    making.objections = {"A": TICKET_CANCELLED}

    await work(engine, clock)

    assert await outcomes() == [ItemOutcome.CREATED]
