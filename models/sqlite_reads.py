"""SQLite for reads: statements of the ORM over one connection, read transactions over a few more.

Each read transaction has a connection of its own, so readers do not wait for each other. A connection is opened when
it is first needed, and then kept.
"""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionWrapper

READERS = 4
INSTRUCTIONS_BETWEEN_CHECKS = 10_000
TO_THE_MINUTE = len("2026-11-23 09:30")

WRITE_FRACTION = "hub_write_fraction"
"""A function in SQL: the shortest text of a number with a fraction. SQLite's own text drops its last digits."""


def local_day(instant: str | None, zone: str) -> str | None:
    """A function for SQL: the calendar's date of an instant in a time zone, both as SQLite stores them.

    >>> local_day("2026-07-10 22:30:00+00:00", "Europe/Rome")
    '2026-07-11'
    """
    return None if instant is None else _day_of_minute(instant[:TO_THE_MINUTE], zone)


@lru_cache(maxsize=100_000)
def _day_of_minute(minute: str, zone: str) -> str:
    instant = datetime.fromisoformat(minute).replace(tzinfo=UTC)
    return instant.astimezone(ZoneInfo(zone)).date().isoformat()


class Reader(SqliteClient):
    """One connection that interrupts its statement when the time is up."""

    stop_at = float("inf")

    async def create_connection(self, with_db: bool) -> None:
        is_new = self._connection is None
        try:
            await super().create_connection(with_db)
            if is_new and self._connection is not None:
                await self._connection.set_progress_handler(self._is_over, INSTRUCTIONS_BETWEEN_CHECKS)
                await self._connection.create_function("local_day", 2, local_day, deterministic=True)
                await self._connection.create_function(WRITE_FRACTION, 1, _written, deterministic=True)
        except BaseException:
            await self.close()
            raise

    def _is_over(self) -> bool:
        return time.monotonic() > self.stop_at


class ReadTransaction(SqliteTransactionWrapper):
    """All statements inside see the state that the first of them found."""

    _parent: Reader

    @property
    def origin(self) -> object:
        return self._parent

    async def begin(self) -> None:
        await self._connection.execute("BEGIN")

    def stop_at(self, monotonic: float) -> None:
        """End a statement that is still running at this time of the monotonic clock."""
        self._parent.stop_at = monotonic


class ReadContext(TransactionContext):
    """Takes a reader, and always returns it."""

    __slots__ = ("reader", "source")

    def __init__(self, source: "SqliteReads") -> None:
        self.source = source

    async def __aenter__(self) -> TransactionalDBClient:
        self.reader = await self.source.take()
        try:
            inside = ReadTransaction(self.reader)
            await inside.begin()
        except BaseException:
            await self.source.take_back(self.reader)
            raise
        return inside

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        # Nothing was written, so there is nothing to commit.
        await self.source.take_back(self.reader)


class SingleRead:
    """One statement over a reader. It sees one state by itself, so no transaction is begun for it."""

    def __init__(self, source: "SqliteReads") -> None:
        self._source = source
        self.capabilities = source.capabilities
        self.origin: object = source
        self._ends_at = float("inf")

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        self.origin = reader = await self._source.take()
        reader.stop_at = self._ends_at
        try:
            found: tuple[int, Sequence[Any]] = await reader.execute_query(query, values)
        except BaseException:
            self._source.take_back_later(reader)
            raise
        self._source.free(reader)
        return found

    def stop_at(self, monotonic: float) -> None:
        """End the statement if it is still running at this time of the monotonic clock."""
        self._ends_at = monotonic


def _written(number: float | None) -> str | None:
    return None if number is None else repr(float(number))


class SqliteReads(SqliteClient):
    def __init__(self, file_path: str, **options: Any) -> None:
        super().__init__(file_path, **options)
        self._options = options
        self._seats = asyncio.Semaphore(READERS)
        self._idle: list[Reader] = []
        self._readers: list[Reader] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self) -> Reader:
        """Return a reader that nobody else uses, as soon as there is one."""
        await self._seats.acquire()
        reader = self._idle.pop() if self._idle else self._new_reader()
        if reader._connection is None:
            # By a task of its own: a caller who leaves meanwhile would leave it half open.
            opening = self._later(reader.create_connection(with_db=True))
            try:
                await asyncio.shield(opening)
            except BaseException:
                opening.add_done_callback(lambda _: self.free(reader))
                raise
        return reader

    def free(self, reader: Reader) -> None:
        """Let others have a reader that is in no transaction and runs no statement."""
        reader.stop_at = float("inf")
        self._idle.append(reader)
        self._seats.release()

    async def take_back(self, reader: Reader) -> None:
        """End what the reader is still doing, and let others have it."""
        # A statement may run on after its caller has left.
        reader.stop_at = 0.0
        try:
            if reader._connection is not None:
                await reader._connection.rollback()
        finally:
            self.free(reader)

    def take_back_later(self, reader: Reader) -> None:
        """Do the same for a caller that cannot wait, because it was cancelled."""
        self._later(self.take_back(reader))

    def single_read(self) -> SingleRead:
        return SingleRead(self)

    def _later(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Start a task that ends also if its caller leaves."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _new_reader(self) -> Reader:
        reader = Reader(self.filename, **self._options)
        self._readers.append(reader)
        return reader

    def _in_transaction(self) -> TransactionContext:
        return ReadContext(self)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        readers, self._readers, self._idle = self._readers, [], []
        for reader in readers:
            await reader.close()
        await super().close()


client_class = SqliteReads
