"""A new database gets the schema at once, an older one step by step, and both have the same schema."""

import asyncio
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError
from tortoise.migrations.executor import MigrationTarget

from models import Operator, Service, migrations, upgrade
from models.database import APPS, WRITES, migrate, tortoise_config
from models.upgrade import APP, SchemaExecutor, Snapshot
from tests.models.test_foreign_keys import keys_of
from tests.support.databases import Databases, SqliteFiles, dump
from tests.support.snapshots import newest_migration, schema_of

(RESTRICTING,) = Path(migrations.__path__[0]).glob("*_foreign_keys_restrict.py")
UNRESTRICTED = import_module(f"models.migrations.{RESTRICTING.stem}").Migration.dependencies[0][1]
EARLY = "0031_company_defects"
ROWS = """
    INSERT INTO operator (id, version, name, email, role, workflow_roles, active, created_at)
        VALUES ('opr_1', 1, 'Giulia', 'giulia@studio.example', 'ADMIN', '[]', TRUE, '2026-01-01 00:00:00+00:00');
    INSERT INTO service (id, version, code, name, description, price, responsible_id, digest)
        VALUES ('svc_1', 1, 'T50', 'Transizione', '', 0, 'opr_1', '');
"""


@dataclass(frozen=True)
class Stepwise:
    """The database, into which `ROWS` came before its foreign keys restricted, and its schema on the way."""

    url: str
    early_schema: str


@pytest.fixture(scope="session")
def stepwise(databases: Databases) -> Stepwise:
    """A database that went through every migration, one step after the other: many seconds, so once for each kind."""
    return databases.once("stepwise", lambda: asyncio.run(_migrate_stepwise(databases)))


async def _migrate_stepwise(databases: Databases) -> Stepwise:
    url = await databases.create("stepwise")
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(url))
        connection = get_connection(WRITES)
        await _migrate_to(connection, UNRESTRICTED)
        await connection.execute_script(ROWS)
        if url.startswith("sqlite://"):
            # As `migrate()` does: a table that is rebuilt is dropped, and its rows seem deleted.
            await connection.execute_query("PRAGMA foreign_keys = OFF")
        await _migrate_to(connection, EARLY)
        early_schema = schema_of(databases, url)
        await migrate()
    return Stepwise(url, early_schema)


async def _migrate_to(connection: BaseDBAsyncClient, name: str) -> None:
    await SchemaExecutor(connection, APPS).migrate([MigrationTarget(APP, name)])


@pytest.mark.parametrize("dialect", ["sqlite", "postgres"])
def test_the_snapshot_has_every_migration(dialect):
    assert Snapshot.read(dialect).migration == newest_migration(), "Run `make snapshots`."


async def test_a_new_database_is_the_same_as_one_that_was_migrated_step_by_step(
    databases: Databases, stepwise: Stepwise
):
    at_once = await make_database(databases, "at_once")

    assert parts(schema_of(databases, at_once)) == parts(schema_of(databases, stepwise.url))
    assert recorded_migrations(at_once) == recorded_migrations(stepwise.url)
    assert newest_migration() in recorded_migrations(at_once)


async def test_migrations_that_are_newer_than_the_snapshot_follow_it(
    databases: Databases, stepwise: Stepwise, tmp_path, monkeypatch
):
    dialect = "sqlite" if isinstance(databases, SqliteFiles) else "postgres"
    monkeypatch.setattr(upgrade, "FOLDER", tmp_path)
    Snapshot(EARLY, stepwise.early_schema).write(dialect)

    later = await make_database(databases, "later")

    assert parts(schema_of(databases, later)) == parts(schema_of(databases, stepwise.url))
    assert recorded_migrations(later) == recorded_migrations(stepwise.url)


async def test_a_database_with_rows_keeps_them_and_restricts_from_then_on(stepwise: Stepwise):
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(stepwise.url))

        with pytest.raises(IntegrityError):
            await get_connection(WRITES).execute_query("DELETE FROM operator")

        assert await Operator.all().count() == 1
        assert (await Service.get()).responsible_id == "opr_1"
    assert set(await keys_of(stepwise.url)) == {"RESTRICT"}


async def make_database(databases: Databases, name: str) -> str:
    url = await databases.create(name)
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(url))
        await migrate()
    return url


def parts(schema: str) -> dict[str, list[str]]:
    """Return the lines of each statement by its first one. The order of columns varies: Tortoise's has no rule."""
    statements = [statement.strip().splitlines() for statement in schema.split(";\n")]
    return {first: sorted(line.strip(" ,") for line in rest) for first, *rest in filter(None, statements)}


def recorded_migrations(url: str) -> list[str]:
    return sorted(str(row[2]) for row in dump(url)["tortoise_migrations"])
