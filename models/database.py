"""Which database, and how it is opened."""

from typing import Any
from urllib.parse import urlsplit

from tortoise import Tortoise
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor

WRITES = "default"
READS = "reads"
_APPS = {"models": {"models": ["models"], "migrations": "models.migrations", "default_connection": WRITES}}


def tortoise_config(url: str) -> dict[str, Any]:
    """Tortoise's configuration for `sqlite://path` or `postgres://...`.

    A mutation that was answered is on disk: SQLite's synchronous stays FULL. Reads go over a connection of their own,
    because SQLite's single writing connection is busy while a transaction is open.
    """
    return {
        "connections": {WRITES: _connection(url), READS: _connection(url, query_only=True)},
        "apps": _APPS,
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, *, query_only: bool = False) -> dict[str, Any]:
    expanded: dict[str, Any] = expand_db_url(url)
    if urlsplit(url).scheme != "sqlite":
        return expanded
    pragmas = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": 5000}
    if query_only:
        pragmas["query_only"] = "ON"
    return {"engine": "models.sqlite", "credentials": {**expanded["credentials"], **pragmas}}


async def open_database(url: str) -> TortoiseContext:
    """Connect; the caller closes with `close_database()`. The schema must already be migrated."""
    return await Tortoise.init(config=tortoise_config(url), _enable_global_fallback=True)


async def migrate() -> None:
    """Bring the open database's schema up to this version of the program."""
    await MigrationExecutor(get_connection(WRITES), _APPS).migrate(direction="forward")


async def close_database() -> None:
    await Tortoise.close_connections()


# What `tortoise makemigrations` reads; no database is opened for it.
FOR_MIGRATIONS = tortoise_config("sqlite://:memory:")
