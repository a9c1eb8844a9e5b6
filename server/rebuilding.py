"""Computes the stored facts about tickets again, and prints what was wrong."""

from server.settings import Settings
from server.wiring import calendar_of
from services.events import EventLog
from services.tickets.facts import FactsKeeper


async def rebuild_facts(settings: Settings, events: EventLog) -> int:
    """Print each fact that differed, and then how many there were. Return that number."""
    count = 0
    async for one in FactsKeeper(calendar_of(settings)).rebuild(events):
        count += 1
        print(f"{one.entity} {one.id}: {one.column} was {one.stored}, is {one.computed}.")
    print(f"Wrong, and right now: {count}." if count else "Every fact was right.")
    return count
