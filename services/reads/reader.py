"""What one operation may read: over which connection, for how long, and how much."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from tortoise.exceptions import OperationalError

from models.transaction import ReadTransaction, single_read, snapshot
from services.reads.dialects import Dialect, dialect_named

READ_SECONDS = 5.0
MOST_ENTRIES = 10_000


class ReadExceeded(Exception):
    """The request needs more than one operation may read. It is at fault as a whole, not a single value."""

    code: ClassVar[str]


class ReadTimeout(ReadExceeded):
    """The database takes too long for the request."""

    code = "READ_TIMEOUT"

    def __init__(self) -> None:
        super().__init__("This takes too long to read. Ask for less at a time.")


class ResultTooLarge(ReadExceeded):
    """The answer would have more entries than an answer may have."""

    code = "RESULT_TOO_LARGE"

    def __init__(self, most: int) -> None:
        super().__init__(f"The answer has more than {most} entries. Ask for less at a time.")


@dataclass(slots=True)
class Meter:
    """What the reads of one operation have cost so far."""

    statements: int = 0


class Reads:
    """Statements that all see the same state of the database, within limits of time and entries."""

    def __init__(self, connection: ReadTransaction, meter: Meter, ends_at: float | None = None) -> None:
        self.connection = connection
        self.dialect: Dialect = dialect_named(connection.capabilities.dialect)
        self._meter = meter
        self._entries = 0
        self._ends_at = ends_at or end_of_reads()
        connection.stop_at(self._ends_at)

    async def run(self, sql: str, values: list[Any]) -> Sequence[Any]:
        self._meter.statements += 1
        try:
            async with asyncio.timeout(self._ends_at - time.monotonic()):
                _, records = await self.connection.execute_query(sql, values)
        except TimeoutError:
            raise ReadTimeout() from None
        except OperationalError:
            # SQLite reports a statement that it interrupted as an operational error.
            if time.monotonic() < self._ends_at:
                raise
            raise ReadTimeout() from None
        return records

    def count(self, entries: int) -> None:
        """Count entries that are added to the answer."""
        self._entries += entries
        if self._entries > MOST_ENTRIES:
            raise ResultTooLarge(MOST_ENTRIES)


def end_of_reads() -> float:
    """Return when reads that begin now have to end: a time of the monotonic clock."""
    return time.monotonic() + READ_SECONDS


@asynccontextmanager
async def reading(
    meter: Meter | None = None, *, ends_at: float | None = None, once: bool = False
) -> AsyncIterator[Reads]:
    """Open reads that see one state of the database; with `once`, only one statement is read.

    They end at a time of the monotonic clock, if one is given.
    """
    ends_at = ends_at or end_of_reads()
    if ends_at <= time.monotonic():
        raise ReadTimeout()
    meter = meter or Meter()
    if once:
        yield Reads(single_read(), meter, ends_at)
        return
    async with AsyncExitStack() as stack:
        try:
            async with asyncio.timeout(ends_at - time.monotonic()):
                connection = await stack.enter_async_context(snapshot())
        except TimeoutError:
            raise ReadTimeout() from None
        yield Reads(connection, meter, ends_at)
