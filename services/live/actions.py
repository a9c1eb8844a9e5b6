"""The effects of an action that a commit touches, and whether the action ran at a place of its log."""

from collections.abc import Collection, Sequence

from tortoise.connection import get_connection

from models import Action, ActionItem, Event
from models.database import READS
from models.identity import Row, prefix_of
from services.events import Commit, LoggedEvent
from services.live.rows import RowIds, with_the_last
from services.reads import Compare, Reads, read_values
from services.vocabulary import ActionStatus


class ActionScope:
    """An action and its effects. The action is shown with every item."""

    def with_each(self, stream_id: str) -> RowIds:
        return {Action: [stream_id]}

    async def all_rows(self, stream_id: str, types: Collection[type[Row]], reads: Reads) -> RowIds:
        if ActionItem not in types:
            return {}
        where = Compare("action_id", "eq", stream_id)
        positions = await read_values(ActionItem, ("position", "id"), where, reads)
        return {ActionItem: [row_id for _, row_id in sorted(positions)]}

    async def touched(self, commits: Sequence[Commit], reads: Reads) -> Sequence[RowIds]:
        ids = [[event.entity_id for event in commit.events] for commit in commits]
        return with_the_last(
            [{ActionItem: [one for one in some if prefix_of(one) == ActionItem.prefix]} for some in ids]
        )


def logged_status(event: Event | LoggedEvent) -> str | None:
    """Return the status that an event gives the action, or None if it gives it none."""
    return (event.after or {}).get("status") if event.entity == "Action" else None


async def runs_at(action_id: str, seq: int) -> bool:
    """Return whether the action ran at a place of its log."""
    events = Event.filter(stream_id=action_id, entity="Action", seq__lte=seq).using_db(get_connection(READS))
    async for event in events.order_by("-seq"):
        if (status := logged_status(event)) is not None:
            return status == ActionStatus.RUNNING
    return False
