"""Writes the schema of a new database, `models/snapshots`, as the migrations leave it: `make snapshots`."""

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from models import migrations
from models.database import APPS, WRITES, tortoise_config
from models.upgrade import Snapshot, upgrade
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.postgres_server import running_postgres

RECORDS = "tortoise_migrations"


async def migrate_stepwise(databases: Databases) -> str:
    """Make a database with today's schema by the migrations alone; return its address."""
    url = await databases.create("stepwise")
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(url))
        async with in_transaction(WRITES) as inside:
            await upgrade(inside, APPS, database=url, from_snapshot=False)
    return url


def schema_of(databases: Databases, url: str) -> str:
    """Return the statements that make a database's tables and indexes, without the records of migrations."""
    return _sqlite_schema(url) if url.startswith("sqlite://") else _postgres_schema(databases, url)


def _sqlite_schema(url: str) -> str:
    with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
        rows = connection.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name NOT IN (?, 'sqlite_sequence')"
            " ORDER BY type DESC, rowid",
            [RECORDS],
        )
        return "".join(f"{statement};\n" for (statement,) in rows)


def _postgres_schema(databases: Databases, url: str) -> str:
    assert isinstance(databases, PostgresDatabases)
    left_out = ("--no-owner", "--no-privileges", "--no-comments", f"--exclude-table={RECORDS}*")
    dump = databases.server.output_of("pg_dump", "--schema-only", *left_out, url)
    # Settings of pg_dump's own session, its remarks, and the schema, which the connection chooses.
    statements = re.sub(r"(?m)^(SET |SELECT pg_catalog|--|\\).*\n", "", dump).replace("public.", "")
    return re.sub(r"\n{2,}", "\n", statements).lstrip()


def newest_migration() -> str:
    return max(path.stem for path in Path(*migrations.__path__).glob("[0-9]*.py"))


def main() -> None:
    with TemporaryDirectory() as folder, running_postgres() as server:
        for dialect, databases in (
            ("sqlite", SqliteFiles(Path(folder))),
            ("postgres", PostgresDatabases(server)),
        ):
            url = asyncio.run(migrate_stepwise(databases))
            Snapshot(newest_migration(), schema_of(databases, url)).write(dialect)


if __name__ == "__main__":
    main()
