"""Fixtures that every test may use: a migrated database of its own, on real files."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import hypothesis
import pytest
from tortoise.context import TortoiseContext

from models.database import migrate, tortoise_config

# The machine that runs the tests may be busy with others: no example is judged by its time.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One empty database with today's schema; tests work on copies, because migrating costs a second."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"

    async def build() -> None:
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(f"sqlite://{path}"))
            await migrate()

    asyncio.run(build())
    return path


@pytest.fixture
def database_path(migrated_database: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated_database, tmp_path / "hub.sqlite3"))


@pytest.fixture
async def db(database_path: Path) -> AsyncIterator[TortoiseContext]:
    """An open database of this test's own."""
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(f"sqlite://{database_path}"))
        yield context
