"""Carries a compiled statement out, and finishes its answer."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from tortoise.exceptions import OperationalError

from services.reads.compiled.forms import DOUBT, POSTGRES, SQLITE
from services.reads.compiled.pages import CURSOR
from services.reads.compiled.shapes import Asked, Exists, Root, RowShape
from services.reads.compiled.text import Request, Text, filled
from services.reads.compiled.writer import ENTRY, Writer
from services.reads.conditions import Compare, Parameters
from services.reads.dialects import Dialect, Sqlite
from services.reads.plan import Environment
from services.reads.reader import Reads

_TOO_DEEP = "parser stack overflow"
"""SQLite before 3.46 parses with a stack of fixed size, and says so before it reads anything."""

_PLACE = re.compile(f"{CURSOR}([^{CURSOR}]*){CURSOR}")


class Unanswered(Exception):
    """The uncompiled way must answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotProvided(Exception):
    """What the whole answer depends on does not hold, so nothing of it was read."""


class Statement:
    """The statement of an answer, or of the rows of one shape, in the SQL of each database that asked for it."""

    def __init__(self, shape: Sequence[tuple[str, Root]] | RowShape) -> None:
        self._shape = shape
        self._texts: dict[Dialect, Text] = {}

    def text(self, dialect: Dialect) -> Text:
        """Return the text for a database."""
        if dialect not in self._texts:
            writer = Writer(dialect, SQLITE if isinstance(dialect, Sqlite) else POSTGRES)
            shape = self._shape
            written = writer.rows(shape) if isinstance(shape, RowShape) else writer.answer(shape)
            self._texts[dialect] = written
        return self._texts[dialect]


async def answer(
    statement: Statement,
    asked: Mapping[int, Asked],
    environment: Environment,
    reads: Reads,
    provided: Exists | None = None,
) -> bytes:
    """Read the finished JSON with one statement. Raise `Unanswered` if the uncompiled way has to decide.

    Raise `NotProvided` if the statement finds that the condition of the whole answer does not hold.
    """
    found = await _read(statement, asked, environment, reads, provided)
    if not found:
        raise NotProvided
    return _finished(found[0][0], reads)


async def finished_rows(
    statement: Statement, ids: Sequence[str], environment: Environment, reads: Reads
) -> Mapping[str, bytes]:
    """Read the finished JSON of the rows with these ids with one statement; those that are gone are left out.

    Raise `Unanswered` if the uncompiled way has to decide about one of them.
    """
    # PostgreSQL keeps its plan for one value, and makes one for each list anew.
    those = Compare("id", "eq", ids[0]) if len(ids) == 1 else Compare("id", "in", ids)
    found = await _read(statement, {0: Asked(those)}, environment, reads)
    return {row_id: _finished(json, reads) for row_id, json in found}


async def _read(
    statement: Statement,
    asked: Mapping[int, Asked],
    environment: Environment,
    reads: Reads,
    provided: Exists | None = None,
) -> Sequence[Sequence[Any]]:
    parameters = Parameters(reads.dialect, environment)
    sql = filled(statement.text(reads.dialect), Request(parameters, asked))
    sql += provided_text(provided, parameters)
    try:
        return await reads.run(sql, parameters.values)
    except OperationalError as error:
        if _TOO_DEEP in str(error):
            raise Unanswered("depth") from None
        raise


def provided_text(provided: Exists | None, parameters: Parameters) -> str:
    """Return the end of a statement that reads nothing unless the condition holds."""
    if provided is None:
        return ""
    return f" WHERE EXISTS ({provided.sql.format(*map(parameters.bind, provided.values))})"


def _finished(found: str | None, reads: Reads) -> bytes:
    if found is None or DOUBT in found:
        raise Unanswered("doubt")
    reads.count(found.count(ENTRY))
    found = found.replace(ENTRY, "")
    if CURSOR in found:
        found = _PLACE.sub(_cursor, found)
    return found.encode()


def _cursor(place: re.Match[str]) -> str:
    # Written again by the program, so that it is the same text as everywhere else.
    written = orjson.dumps(orjson.loads(place[1]))
    return f'"{urlsafe_b64encode(written).decode().rstrip("=")}"'
