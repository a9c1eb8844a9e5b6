"""Which database is used, and how it is opened."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from models import postgres
from models.address import PostgresAddress, SqliteAddress, parse_address
from models.fitness import (
    alone_with,
    examine_server,
    explained_file,
    explained_server,
    prepare_file,
)
from models.upgrade import APP, Migrated, upgrade

WRITES = "default"
READS = "reads"
SIGN_IN = "sign_in"
FORECAST = "forecast"
ALL = (WRITES, READS, SIGN_IN, FORECAST)
APPS: dict[str, dict[str, Any]] = {
    APP: {"models": ["models"], "migrations": "models.migrations", "default_connection": WRITES}
}


def tortoise_config(url: str) -> dict[str, Any]:
    """Return Tortoise's configuration for `sqlite://path` or `postgres://...`.

    A mutation that was answered is on disk: SQLite's synchronous stays FULL, PostgreSQL's synchronous_commit on.
    Reads use connections of their own: SQLite's single writing connection is busy while a transaction is open, and on
    PostgreSQL a holder of a connection must never wait for another one of the same pool. Signing in has its own too,
    so that it never waits behind slow reads, and so has the forecast, which is read while an operation's reads wait.
    """
    return {
        "connections": {
            WRITES: _connection(url),
            READS: _connection(url, engine="_reads", read_only=True),
            SIGN_IN: _connection(url, read_only=True, pool={"maxsize": 2}),
            FORECAST: _connection(url, engine="_reads", read_only=True, pool={"maxsize": 2}),
        },
        "apps": APPS,
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(
    url: str, *, engine: str = "", read_only: bool = False, pool: Mapping[str, int] | None = None
) -> dict[str, Any]:
    address = parse_address(url)
    if isinstance(address, PostgresAddress):
        credentials = {"address": address, "read_only": read_only, **(pool or {})}
        return {"engine": f"models.postgres{engine}", "credentials": credentials}
    pragmas = {"journal_mode": "WAL", "synchronous": "FULL", "foreign_keys": "ON", "busy_timeout": 5000}
    if read_only:
        pragmas["query_only"] = "ON"
    return {"engine": f"models.sqlite{engine}", "credentials": {"file_path": address.path, **pragmas}}


async def open_database(url: str) -> TortoiseContext:
    """Connect, or raise `UnfitDatabase`. The caller closes with `close_database()`. Migrate before anything else."""
    context = await Tortoise.init(config=tortoise_config(url), _enable_global_fallback=True)
    try:
        async with _prepared(parse_address(url)):
            # A task cancelled while SQLite's connection opens would hold it for ever; here no task can be cancelled
            # yet.
            for name in ALL:
                await get_connection(name).execute_query("SELECT 1")
    except BaseException:
        await close_database()
        raise
    return context


@asynccontextmanager
async def _prepared(address: SqliteAddress | PostgresAddress) -> AsyncIterator[None]:
    client = shared_client()
    if client is not None:
        ours = [model._meta.db_table for model in Tortoise.apps["models"].values()]
        await examine_server(client, ours)
        yield
    elif isinstance(address, SqliteAddress):
        path = Path(address.path)
        await asyncio.to_thread(prepare_file, path)
        async with alone_with(path):
            yield


async def migrate() -> Migrated:
    """Migrate the open database to the schema of this version. Several processes migrate one after the other."""
    client = shared_client()
    if client is None:
        path = Path(get_connection(WRITES).filename)  # type: ignore[attr-defined]
        async with alone_with(path), _without_foreign_keys():
            with explained_file(path):
                return await _migrate(str(path))
    async with postgres.alone(client, "migrate", stay=postgres.LONGER):
        with explained_server(client):
            migrated = await _migrate(client.address.shown)
        await postgres.install_queue(client)
        return migrated


async def _migrate(database: str) -> Migrated:
    """Apply the missing steps in one transaction: a killed process leaves no half of them, and none unrecorded."""
    async with in_transaction(WRITES) as inside:
        return await upgrade(inside, APPS, database=database)


@asynccontextmanager
async def _without_foreign_keys() -> AsyncIterator[None]:
    """Switch foreign keys off: SQLite makes some changes by rebuilding a table, and must not delete dependent rows."""
    connection = get_connection(WRITES)
    await connection.execute_query("PRAGMA foreign_keys = OFF")
    try:
        yield
        assert await connection.execute_query_dict("PRAGMA foreign_key_check") == []
    finally:
        await connection.execute_query("PRAGMA foreign_keys = ON")


def shared_client() -> postgres.PostgresClient | None:
    """Return the open database's client if other processes may use the database too; None on SQLite."""
    client = get_connection(WRITES)
    return client if isinstance(client, postgres.PostgresClient) else None


async def close_database() -> None:
    await Tortoise.close_connections()


# Read by `tortoise makemigrations`; it opens no database.
FOR_MIGRATIONS = tortoise_config("sqlite://:memory:")
