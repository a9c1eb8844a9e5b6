"""The database alone, for a command that looks at something or changes it, and ends."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from models.database import close_database, migrate, open_database, shared_client
from server.settings import Settings
from server.wiring import utc_now
from services.catalog.loader import load_catalog
from services.catalog_store import store_catalog
from services.events import Broadcast, EventLog, SharedBroadcast

T = TypeVar("T")


def make_room(database_url: str) -> None:
    """SQLite makes its file, but not the folder around it."""
    scheme, _, path = database_url.partition("://")
    if scheme == "sqlite":
        Path(path.partition("?")[0]).parent.mkdir(parents=True, exist_ok=True)


def with_database(settings: Settings, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """What the work returns, done over a database that is brought up to date."""

    async def run() -> T:
        async with _open_event_log(settings.database_url) as events:
            return await work(events)

    make_room(settings.database_url)
    return asyncio.run(run())


def with_catalog(settings: Settings, work: Callable[[EventLog], Awaitable[T]]) -> T:
    """The same for work that speaks of services and workflows, also before the hub runs for the first time."""
    catalog = load_catalog(settings.catalog_folder)

    async def run(events: EventLog) -> T:
        await store_catalog(catalog, events=events)
        return await work(events)

    return with_database(settings, run)


@asynccontextmanager
async def _open_event_log(database_url: str) -> AsyncIterator[EventLog]:
    await open_database(database_url)
    try:
        await migrate()
        client = shared_client()
        yield EventLog(clock=utc_now, broadcast=SharedBroadcast(client) if client else Broadcast())
    finally:
        await close_database()
