"""Computes again what is stored of tickets and of past days, and prints what was wrong."""

from server.settings import Settings
from server.wiring import calendar_of
from services.events import EventLog
from services.kpis import DayDifference, DayKeeper
from services.tickets.facts import FactsKeeper


async def rebuild_facts(settings: Settings, events: EventLog) -> int:
    """Print each fact that differed, and then how many there were. Return that number."""
    count = 0
    async for one in FactsKeeper(calendar_of(settings)).rebuild(events):
        count += 1
        print(f"{one.entity} {one.id}: {one.column} was {one.stored}, is {one.computed}.")
    print(f"Wrong, and right now: {count}." if count else "Every fact was right.")
    return count


async def rebuild_days(settings: Settings, events: EventLog) -> int:
    """Print each row of past days that differed, and then how many there were. Return that number."""
    count = 0
    async for one in DayKeeper(events, calendar_of(settings)).rebuild():
        count += 1
        print(_sentence(one))
    print(f"Wrong, and right now: {count}." if count else "Every day was right.")
    return count


def _sentence(one: DayDifference) -> str:
    place = f"{one.since_on}, {one.entity} {one.row_id}"
    if not one.columns:
        return f"{place}: was there, and should not be." if one.was_there else f"{place}: was missing."
    changes = (f"{name} was {stored}, is {computed}" for name, (stored, computed) in one.columns.items())
    return f"{place}: {', '.join(changes)}."
