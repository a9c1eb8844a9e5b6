"""Brings a database to the schema of this version.

A new database gets the snapshot, the schema as the migrations leave it, because Tortoise needs many seconds for the
steps. Migrations that are newer than the snapshot follow one by one, as in every database that exists already.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import ConnectionHandler
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps

from models import postgres
from models.fitness import UnfitDatabase

APP = "models"
FOLDER = Path(__file__).parent / "snapshots"
_TITLE = "-- The schema after migration "


@dataclass(frozen=True)
class Migrated:
    """The result of a migration: whether the database was new, or how many steps were applied."""

    new: bool
    count: int


@dataclass(frozen=True)
class Snapshot:
    migration: str
    statements: str

    def write(self, dialect: str) -> None:
        _path(dialect).write_text(f"{_TITLE}{self.migration}\n\n{self.statements}")

    @classmethod
    def read(cls, dialect: str) -> "Snapshot":
        title, _, statements = _path(dialect).read_text().partition("\n\n")
        return cls(migration=title.removeprefix(_TITLE), statements=statements)


def _path(dialect: str) -> Path:
    return FOLDER / f"{dialect}.sql"


class SchemaExecutor(MigrationExecutor):
    """Applies migrations, which compare schemas but ask nothing of the models in between.

    Without a database of their own, Tortoise builds no queries for these models: more work than all the rest.
    """

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        assert upto is None, "migrations go forward only"
        state = State(models={}, apps=StateApps(connections=ConnectionHandler()))
        for key in self._full_plan():
            migration = self.loader.graph.nodes[key]
            if key in applied and migration is not None:
                await migration.apply(state, dry_run=True, schema_editor=None)
        return state


async def upgrade(
    inside: BaseDBAsyncClient,
    apps: dict[str, dict[str, Any]],
    *,
    database: str,
    from_snapshot: bool = True,
) -> Migrated:
    """Apply the missing migrations in the caller's transaction, or raise `UnfitDatabase` if there are newer ones."""
    if inside.capabilities.dialect == "postgres":
        await inside.execute_query(postgres.LONGER)
    executor = SchemaExecutor(inside, apps)
    await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
    await executor.loader.build_graph()
    known = sorted(key.name for key in executor.loader.graph.nodes)
    applied = {key.name for key in await executor.recorder.applied_migrations()}
    if newer := applied.difference(known):
        raise UnfitDatabase(
            f"The database {database} was made by a newer version of the program, which this one may not write:"
            f" it has {', '.join(sorted(newer))}. Install that version again, or restore an older backup."
        )
    if from_snapshot and not applied:
        await _apply_snapshot(inside, executor, known)
    await executor.migrate(direction="forward")
    return Migrated(new=not applied, count=len(known) - len(applied))


async def _apply_snapshot(
    inside: BaseDBAsyncClient, executor: MigrationExecutor, known: Sequence[str]
) -> None:
    snapshot = Snapshot.read(inside.capabilities.dialect)
    await inside.execute_script(snapshot.statements)
    for name in known[: known.index(snapshot.migration) + 1]:
        await executor.recorder.record_applied(APP, name)
