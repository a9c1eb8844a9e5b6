"""Live progress of an action, which ends when the action does."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from strawberry.types import Info

from models import Action
from resolvers.arguments import ActionId
from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.live import After, wanted
from services.events import FollowState, find_place, last_place
from services.live import ActionScope, LiveItem, logged_status, runs_at
from services.vocabulary import ActionStatus

EFFECTS = ActionScope()


async def action_progress(
    info: Info[Context, Any], action_id: ActionId, after: After = None
) -> AsyncIterator[LiveItem]:
    if await Action.get_or_none(id=action_id) is None:
        raise BadUserInput("actionId", f"There is no action {action_id!r}.")
    place = await find_place(action_id, after) if after is not None else None
    running = place is None or await runs_at(action_id, place.seq)
    if place and not running and place.seq == (await last_place(action_id)).seq:
        return
    follow = info.context.watching.follow(action_id, EFFECTS, wanted(info, ()), after=after)
    async with aclosing(follow) as items:
        async for item in items:
            if item.state is FollowState.SNAPSHOT and item.settled:
                running = await runs_at(action_id, item.seq)
            for event in item.commit.events if item.commit else ():
                if (status := logged_status(event)) is not None:
                    running = status == ActionStatus.RUNNING
            yield item
            if item.settled and not running:
                return
