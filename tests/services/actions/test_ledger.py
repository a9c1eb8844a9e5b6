"""Actions that are opened while others run on the same records."""

import asyncio
from datetime import UTC, datetime

from models import Action, ActionItem
from services.actions import ActionRunning, Opening, PlannedItem, enqueue_effects, open_action
from services.events import Broadcast, EventLog
from services.vocabulary import ActionKind


def only(kind, key):
    """An opening of this one effect."""
    return Opening(
        ActionKind.GENERATE_ACTIVITIES, {"of": [kind, key]}, [PlannedItem(kind, key, key, "Do it")]
    )


async def test_of_two_that_want_the_same_at_the_same_moment_one_is_refused(db):
    events = EventLog(clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), broadcast=Broadcast())

    async def press(stream):
        item = PlannedItem("MAKE", "record", "record", "Make it")
        async with events.change(stream, actor="opr_1") as change:
            opening = Opening(ActionKind.GENERATE_OPPORTUNITIES, {"of": stream}, [item])
            action = await open_action(change, opening)
            await asyncio.sleep(0.05)
            return action

    pressed = await asyncio.gather(press("access"), press("intake"), return_exceptions=True)

    (refused,) = [one for one in pressed if isinstance(one, Exception)]
    (action,) = await Action.all()
    assert isinstance(refused, ActionRunning)
    assert refused.action_id == action.id
    assert await ActionItem.all().count() == 1


async def test_only_the_same_effect_is_left_out_and_not_another_one_on_the_same_record(db):
    events = EventLog(clock=lambda: datetime(2026, 11, 22, tzinfo=UTC), broadcast=Broadcast())
    async with events.change("intake", actor="opr_1") as change:
        await enqueue_effects(change, [only("MAKE", "a"), only("MEND", "b")])

    async with events.change("intake", actor="opr_1") as change:
        opened = await enqueue_effects(change, [only("MAKE", "a"), only("MAKE", "b"), only("MEND", "a")])

    assert [action.scope["of"] for action in opened] == [["MAKE", "b"], ["MEND", "a"]]
