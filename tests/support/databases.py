"""Where tests keep their databases: files of SQLite, or databases of a PostgreSQL server. Copies are quick in both."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TypeVar

import asyncpg

from tests.support.postgres_server import PostgresServer

T = TypeVar("T")
Rows = dict[str, list[tuple[object, ...]]]

# What even a failed call uses, learns or reports, and what PgQueuer and SQLite keep for themselves.
MACHINERY = (
    "call_circuit",
    "call_cost",
    "call_slot",
    "crm_login",
    "hub_pgqueuer",
    "sqlite_",
    "tenant_binding",
)


class Databases(Protocol):
    def url(self, name: str) -> str:
        """The address of a database."""

    async def create(self, name: str, *, like: str | None = None) -> str:
        """Make a database, empty or a copy of another one without connections; return its address."""

    async def drop(self, name: str) -> None: ...

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What was made under the name, for as long as these databases last."""


@dataclass(frozen=True)
class Keeping:
    """Keeps what was made once."""

    kept: dict[str, Any] = field(default_factory=dict, kw_only=True)

    def once(self, name: str, make: Callable[[], T]) -> T:
        if name not in self.kept:
            self.kept[name] = make()
        made: T = self.kept[name]
        return made


def copy_sqlite(source: Path, target: Path) -> None:
    """Whatever was committed, also what stands only in the journal beside the file."""
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as made:
        made.execute("PRAGMA synchronous = OFF")
        original.backup(made)


@dataclass(frozen=True)
class SqliteFiles(Keeping):
    folder: Path

    def url(self, name: str) -> str:
        return f"sqlite://{self._path(name)}"

    async def create(self, name: str, *, like: str | None = None) -> str:
        if like is not None:
            copy_sqlite(self._path(like), self._path(name))
        return self.url(name)

    async def drop(self, name: str) -> None:
        for path in self.folder.glob(f"{name}.sqlite3*"):
            path.unlink()

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


class KeptConnection:
    """One connection for many orders. It lives in a loop of its own, because each test has another one."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._one_at_a_time = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None
        Thread(target=self._loop.run_forever, daemon=True).start()

    async def execute(self, words: str) -> None:
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._execute(words), self._loop))

    async def _execute(self, words: str) -> None:
        async with self._one_at_a_time:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(self._url)
            await self._connection.execute(words)


@dataclass(frozen=True)
class PostgresDatabases(Keeping):
    server: PostgresServer

    def url(self, name: str) -> str:
        return self.server.url(name)

    async def create(self, name: str, *, like: str | None = None) -> str:
        # By its files, not through the log as is usual since 15: half the time for databases as small as ours.
        await self._orders.execute(
            f'CREATE DATABASE "{name}" TEMPLATE "{like or "template0"}" STRATEGY FILE_COPY'
        )
        return self.url(name)

    async def drop(self, name: str) -> None:
        await self._orders.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    @cached_property
    def _orders(self) -> KeptConnection:
        return KeptConnection(self.url("postgres"))


def tamper(url: str, statements: str) -> None:
    """Change a database as an operator's hand may, behind the back of every process that works on it."""
    if url.startswith("sqlite://"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
            connection.executescript(statements)
        return

    async def execute() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statements)
        finally:
            await connection.close()

    asyncio.run(execute())


async def rows_of(url: str, statement: str) -> list[tuple[object, ...]]:
    """What a reader of the database finds that has nothing to do with the processes that work on it."""
    if url.startswith("sqlite://"):
        with closing(_read_sqlite(url)) as connection:
            return connection.execute(statement).fetchall()
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


def _read_sqlite(url: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{url.removeprefix('sqlite://')}?mode=ro", uri=True)


def dump(database: str | Path, *, without: tuple[str, ...] = (), machinery: bool = False) -> Rows:
    """Every row of every table, except for those of the machinery, where it is not asked for. A path is a file of
    SQLite."""
    url = f"sqlite://{database}" if isinstance(database, Path) else database
    rows = _dump_sqlite(url) if url.startswith("sqlite://") else _dump_postgres(url)
    left_out = (*(() if machinery else MACHINERY), *without)
    return {name: found for name, found in rows.items() if not name.startswith(left_out)}


def _dump_sqlite(url: str) -> Rows:
    with closing(_read_sqlite(url)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for (name,) in names}


def _dump_postgres(url: str) -> Rows:
    async def read() -> Rows:
        connection = await asyncpg.connect(url)
        try:
            names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            return {
                name: sorted(map(tuple, await connection.fetch(f'SELECT * FROM "{name}"')), key=repr)
                for (name,) in names
            }
        finally:
            await connection.close()

    # The test that asks has a loop that runs already.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, read()).result()
