"""Carries a compiled statement out, and finishes its answer."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence

import orjson

from services.reads.compiled.forms import DOUBT, POSTGRES, SQLITE
from services.reads.compiled.pages import CURSOR
from services.reads.compiled.shapes import Asked, Root
from services.reads.compiled.text import Request, Text, depth_of, filled
from services.reads.compiled.writer import ENTRY, Writer
from services.reads.conditions import Parameters
from services.reads.dialects import Dialect, Sqlite
from services.reads.plan import Environment
from services.reads.reader import Reads

_PLACE = re.compile(f"{CURSOR}([^{CURSOR}]*){CURSOR}")


class Unanswered(Exception):
    """The uncompiled way must answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Statement:
    """The statement of one shape, in the SQL of each database that asked for it."""

    def __init__(self, roots: Sequence[tuple[str, Root]]) -> None:
        self._roots = roots
        self._texts: dict[Dialect, Text | None] = {}

    def text(self, dialect: Dialect) -> Text:
        """Return the text for a database. Raise `Unanswered` if the database cannot parse it."""
        if dialect not in self._texts:
            wording = SQLITE if isinstance(dialect, Sqlite) else POSTGRES
            written = Writer(dialect, wording).answer(self._roots)
            self._texts[dialect] = written if depth_of(written) <= wording.deepest else None
        found = self._texts[dialect]
        if found is None:
            raise Unanswered("depth")
        return found


async def answer(
    statement: Statement, asked: Mapping[int, Asked], environment: Environment, reads: Reads
) -> bytes:
    """Read the finished JSON with one statement. Raise `Unanswered` if the uncompiled way has to decide."""
    parameters = Parameters(reads.dialect, environment)
    sql = filled(statement.text(reads.dialect), Request(parameters, asked))
    [[found]] = await reads.run(sql, parameters.values)
    if found is None or DOUBT in found:
        raise Unanswered("doubt")
    reads.count(found.count(ENTRY))
    return _finished(found)


def _finished(found: str) -> bytes:
    found = found.replace(ENTRY, "")
    if CURSOR in found:
        found = _PLACE.sub(_cursor, found)
    return found.encode()


def _cursor(place: re.Match[str]) -> str:
    # Written again by the program, so that it is the same text as everywhere else.
    written = orjson.dumps(orjson.loads(place[1]))
    return f'"{urlsafe_b64encode(written).decode().rstrip("=")}"'
