"""Fixtures that every test may use: a migrated database of its own, on SQLite and on PostgreSQL, and a CRM."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast
from uuid import uuid4

import hypothesis
import pytest
import structlog
from tortoise.apps import Apps
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from xdist.scheduler import LoadFileScheduling

from models import postgres_reads, sqlite_reads
from models.database import FORECAST, READS, migrate, tortoise_config
from server.clock import utc_now
from services.catalog.store import store_catalog
from services.events import Broadcast, EventLog
from services.planning.catalog.loader import load_catalog
from services.reads import Reads
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.memory_folder import quick_folder
from tests.support.postgres_server import running_postgres
from tests.support.sandbox_process import SandboxProcess, running_sandbox

# The machine that runs the tests may be busy with others: no example is judged by its time.
hypothesis.settings.register_profile("shared machine", deadline=None)
hypothesis.settings.load_profile("shared machine")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgres: needs PostgreSQL, which the tests start themselves")
    config.addinivalue_line("markers", "pgbouncer: needs PgBouncer, which the tests start themselves")
    config.addinivalue_line("markers", "only_on(kind): is about one kind of database, sqlite or postgres")
    # structlog's own traceback shows all local variables in colors. That takes seconds for each logged exception.
    *processors, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*processors, plain])


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Iterator[None]:
    """Collect garbage seldom, and never look through what lasts as long as the run: that took a tenth of the time."""
    gc.disable()
    result = yield
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
    return result


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """Gives a worker one file after the other. Each spec of the console counts as a file."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return nodeid if file.endswith("/test_console_in_chromium.py") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile | None:
    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever asks for a database runs on both kinds, unless it says that it is about one."""
    if "databases" in metafunc.fixturenames:
        chosen = metafunc.definition.get_closest_marker("only_on")
        kinds = [
            pytest.param(kind, marks=pytest.mark.postgres) if kind == "postgres" else kind
            for kind in (chosen.args if chosen else ("sqlite", "postgres"))
        ]
        metafunc.parametrize("databases", kinds, indirect=True, scope="session")


@pytest.fixture(scope="session", autouse=True)
def models_built_once() -> Iterator[None]:
    """Tortoise builds the queries of all models whenever it opens a database: more work than an empty database takes.

    They depend on the models and on the dialect alone, so they are built anew only when either is another one.
    """
    build = Apps._build_initial_querysets
    built_for: list[object] = []

    def build_what_is_new(apps: Apps) -> None:
        models = [model for app in apps.apps.values() for model in app.values()]
        wanted = [(model, model._meta.db.query_class) for model in models]
        if wanted != built_for:
            build(apps)
            built_for[:] = wanted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Apps, "_build_initial_querysets", build_what_is_new)
        yield


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command sends the logs of its process where it wants; a test that runs one leaves them as they were."""
    root = logging.getLogger()
    handlers, level, ours = root.handlers[:], root.level, structlog.get_config()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**ours)


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[SqliteFiles]:
    with quick_folder("hub-sqlite-") as folder:
        yield SqliteFiles(folder)


@pytest.fixture(scope="session")
def postgres_databases() -> Iterator[PostgresDatabases]:
    with running_postgres() as server:
        yield PostgresDatabases(server)


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases:
    """One kind of database. What was made of a kind is kept while tests of the other kind run."""
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    return cast(Databases, request.getfixturevalue(f"{request.param}_databases"))


@pytest.fixture
def on(databases: Databases) -> Callable[[int, int], int]:
    """Choose between what holds on SQLite and on PostgreSQL."""
    return lambda sqlite, postgres: postgres if isinstance(databases, PostgresDatabases) else sqlite


@pytest.fixture(scope="session")
def migrated_database(databases: Databases) -> str:
    """One empty database with today's schema; tests work on copies, because migrating costs a second."""

    async def build() -> str:
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(await databases.create("migrated")))
            await migrate()
        return "migrated"

    return databases.once("migrated", lambda: asyncio.run(build()))


@pytest.fixture(scope="session")
def stocked_database(databases: Databases, migrated_database: str) -> str:
    """The empty database with the shipped catalog in it; storing that costs a second."""

    async def stock() -> str:
        async with TortoiseContext() as context:
            await context.init(
                config=tortoise_config(await databases.create("stocked", like=migrated_database))
            )
            await store_catalog(load_catalog(), events=EventLog(clock=utc_now, broadcast=Broadcast()))
        return "stocked"

    return databases.once("stocked", lambda: asyncio.run(stock()))


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One CRM behind a real socket. A test that uses it starts it over."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox") / "crm.sqlite3") as process:
        yield process


@pytest.fixture
async def database_url(databases: Databases, migrated_database: str) -> AsyncIterator[str]:
    """The address of an empty database of this test's own."""
    name = uuid4().hex
    yield await databases.create(name, like=migrated_database)
    await databases.drop(name)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[TortoiseContext]:
    """An open database of this test's own."""
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(database_url))
        yield context


@pytest.fixture
def statements(db: TortoiseContext, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that reads have sent so far."""
    sent: list[str] = []
    run = Reads.run

    async def keep(reads: Reads, words: str, values: list[Any]) -> Any:
        sent.append(words)
        return await run(reads, words, values)

    monkeypatch.setattr(Reads, "run", keep)

    connection = get_connection(READS)
    for name in ("execute_query", "execute_query_dict"):
        monkeypatch.setattr(connection, name, _keeping(sent, getattr(connection, name)))

    for kind in (sqlite_reads.ReadTransaction, postgres_reads.ReadTransaction):
        monkeypatch.setattr(kind, "execute_query", _keeping_forecasts(sent, kind.execute_query))
    return sent


def _keeping_forecasts(sent: list[str], execute: Any) -> Any:
    """What other read transactions send is kept by `Reads.run`."""

    async def keep(inside: Any, query: str, values: Any = None) -> Any:
        if inside.connection_name == FORECAST:
            sent.append(query)
        return await execute(inside, query, values)

    return keep


def _keeping(sent: list[str], execute: Any) -> Any:
    async def keep(query: str, values: Any = None) -> Any:
        sent.append(query)
        return await execute(query, values)

    return keep
