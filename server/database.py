"""Opens only the database, for a command that reads or changes it and ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from models.database import close_database, migrate, open_database, shared_client
from models.upgrade import Migrated
from server.clock import utc_now
from server.settings import Settings
from server.wiring import calendar_of, followers_of_changes
from services.catalog.store import store_catalog
from services.events import Broadcast, EventLog, SharedBroadcast
from services.planning.catalog.loader import load_catalog
from services.tickets.facts import FactsKeeper

T = TypeVar("T")


def with_database(settings: Settings, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """Bring the database up to date, do the work over it and return its result."""

    async def run() -> T:
        async with _open_event_log(settings) as events:
            return await work(events)

    return asyncio.run(run())


def migrate_database(settings: Settings) -> Migrated:
    """Bring the database up to date and return what that took."""

    async def run() -> Migrated:
        await open_database(settings.database_url)
        try:
            return await migrate()
        finally:
            await close_database()

    return asyncio.run(run())


def with_catalog(settings: Settings, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """Do work that needs services and workflows, also before the hub ran for the first time."""
    catalog = load_catalog(settings.catalog_folder)

    async def run(events: EventLog) -> T:
        await store_catalog(catalog, events=events)
        return await work(events)

    return with_database(settings, run)


@asynccontextmanager
async def _open_event_log(settings: Settings) -> AsyncIterator[EventLog]:
    await open_database(settings.database_url)
    try:
        await migrate()
        client = shared_client()
        broadcast = SharedBroadcast(client) if client else Broadcast()
        followers = followers_of_changes(FactsKeeper(calendar_of(settings)))
        yield EventLog(clock=utc_now, broadcast=broadcast, followers=followers)
    finally:
        await close_database()
