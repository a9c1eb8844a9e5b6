"""Changing a milestone that the caller has seen, with the rows of its ticket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from models import Milestone
from services.events import Change, EventLog, refuse_stale
from services.records import get_milestone
from services.tickets.ticket_rows import TicketRows, take_in_hand


@asynccontextmanager
async def changing_milestone(
    milestone_id: str, *, actor: str, events: EventLog, expected_version: int | None
) -> AsyncIterator[tuple[Change, TicketRows, Milestone]]:
    """Open a change that owns the milestone's tree, and yield it with the rows of the ticket as they are then.

    Raise `Conflict` if the milestone does not have the version that the caller expects.
    """
    seen = await get_milestone(milestone_id)
    async with events.change(seen.tree_id, actor=actor) as change:
        rows = (await take_in_hand(change, seen.ticket_id))[seen.ticket_id]
        milestone = next(one for one in rows.milestones if one.id == seen.id)
        await refuse_stale(milestone, expected_version)
        yield change, rows, milestone
