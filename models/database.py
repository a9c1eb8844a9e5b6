"""Which database, and how it is opened."""

from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor

from models import postgres

WRITES = "default"
READS = "reads"
_APPS = {"models": {"models": ["models"], "migrations": "models.migrations", "default_connection": WRITES}}


def tortoise_config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite://path` or `postgres://...`.

    A mutation that was answered is on disk: SQLite's synchronous stays FULL, PostgreSQL's synchronous_commit on. Reads
    go over connections of their own: SQLite's single writing connection is busy while a transaction is open, and on
    PostgreSQL nobody who holds a connection may wait for another one of the same pool.
    """
    return {
        "connections": {WRITES: _connection(url), READS: _connection(url, read_only=True)},
        "apps": _APPS,
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, *, read_only: bool = False) -> dict[str, Any]:
    expanded: dict[str, Any] = expand_db_url(url)
    if urlsplit(url).scheme != "sqlite":
        session = postgres.SESSION | ({"default_transaction_read_only": "on"} if read_only else {})
        limits = {"timeout": postgres.CONNECT_SECONDS, "command_timeout": postgres.COMMAND_SECONDS}
        credentials = {**limits, **expanded["credentials"], "server_settings": session}
        return {"engine": "models.postgres", "credentials": credentials}
    pragmas = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": 5000}
    if read_only:
        pragmas["query_only"] = "ON"
    return {"engine": "models.sqlite", "credentials": {**expanded["credentials"], **pragmas}}


async def open_database(url: str) -> TortoiseContext:
    """Connect; the caller closes with `close_database()`. The schema must already be migrated."""
    context = await Tortoise.init(config=tortoise_config(url), _enable_global_fallback=True)
    # Whoever is cancelled while SQLite's connection opens would hold it for ever; here nobody is.
    for name in (WRITES, READS):
        await get_connection(name).execute_query("SELECT 1")
    return context


async def migrate() -> None:
    """Bring the open database's schema up to this version of the program; of many processes, one after the other."""
    client = shared_client()
    async with AsyncExitStack() as stack:
        if client is not None:
            await stack.enter_async_context(postgres.alone(client, "migrate"))
        await MigrationExecutor(get_connection(WRITES), _APPS).migrate(direction="forward")
        if client is not None:
            await postgres.install_queue(client)


def shared_client() -> postgres.PostgresClient | None:
    """The open database's client, where other processes may work on the database too; None on SQLite."""
    client = get_connection(WRITES)
    return client if isinstance(client, postgres.PostgresClient) else None


async def close_database() -> None:
    await Tortoise.close_connections()


# What `tortoise makemigrations` reads; no database is opened for it.
FOR_MIGRATIONS = tortoise_config("sqlite://:memory:")
