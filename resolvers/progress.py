"""Live milestone progress: the milestones and tickets of a tree, where a commit changes their progress."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from strawberry.types import Info

from models import Event
from models.identity import prefix_of
from resolvers.arguments import TicketId
from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.live import After, tree_of, wanted
from services.events import FollowState
from services.live import LiveItem, ProgressScope
from services.reads import MOST_ENTRIES

PROGRESS = ProgressScope()


async def milestone_progress(
    info: Info[Context, Any], ticket_id: TicketId, after: After = None
) -> AsyncIterator[LiveItem]:
    tree_id = await tree_of(ticket_id)
    if after is not None and prefix_of(after) != Event.prefix:
        raise BadUserInput("after", "This is not a cursor of this subscription.")
    follow = info.context.watching.follow(tree_id, PROGRESS, wanted(info, ()), after=after, part=MOST_ENTRIES)
    previous: int | None = None
    async with aclosing(follow) as items:
        async for item in items:
            if item.state is FollowState.ALIVE or (item.state is FollowState.CHANGE and not item.touches):
                continue
            yield item if previous is None else await item.told_after(previous)
            previous = item.seq
