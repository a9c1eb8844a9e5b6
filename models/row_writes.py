"""Inserts and updates of several rows, with one statement for each table or, on PostgreSQL, for all of them."""

# ruff: noqa: S608 - names come from the models; every value is bound

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any

from tortoise.connection import get_connection

from models.database import WRITES
from models.events import Stream
from models.held_writes import SendsHeldWrites
from models.identity import Row

AT_ONCE = 500
"""Rows of one table in one statement."""

ROOM = 8_000
"""A statement with more values gets no further part. PostgreSQL takes 32,767, and 500 new tickets have 20,000."""

ChangedRow = tuple[Row | Stream, Collection[str]]
"""A row, and the columns of it that have to be written."""


def hold(send: Callable[[], Awaitable[None]]) -> None:
    """Have the surrounding transaction call `send` before its next statement."""
    _surrounding().held = send


class Writes:
    """Writes of the surrounding transaction that are sent together, as few statements as the database allows.

    None of them sees another, so no row may be written by two of them. On SQLite each is a statement of its own.
    """

    def __init__(self) -> None:
        self._statements: list[_Statement] = []

    def update(self, changed: Iterable[ChangedRow]) -> None:
        """Write the named columns of each row; no other column is touched."""
        groups: dict[type[Row | Stream], list[ChangedRow]] = {}
        for row, names in changed:
            groups.setdefault(type(row), []).append((row, names))
        for model, group in groups.items():
            for start in range(0, len(group), AT_ONCE):
                self._statement().update(model, group[start : start + AT_ONCE])

    def insert(self, rows: Sequence[Row | Stream]) -> None:
        """Create rows of one model."""
        for start in range(0, len(rows), AT_ONCE):
            self._statement().insert(rows[start : start + AT_ONCE])

    def notify(self, channel: str, topics: Sequence[str]) -> None:
        """Have PostgreSQL deliver a notice of each topic with the commit. Nothing is written after it."""
        self._statement().notify(channel, topics)

    async def send(self) -> None:
        for statement in self._statements:
            await statement.send()

    def _statement(self) -> "_Statement":
        if not (self._statements and self._statements[-1].has_room):
            self._statements.append(_Statement())
        return self._statements[-1]


class _Statement:
    """One statement of the surrounding transaction: its parts, and their values in the order of their places."""

    def __init__(self) -> None:
        self._client = _surrounding()
        self._on_postgres = self._client.capabilities.dialect == "postgres"
        self._parts: list[str] = []
        self._values: list[Any] = []

    @property
    def has_room(self) -> bool:
        """Return whether one more part may be added."""
        return self._on_postgres and len(self._values) < ROOM

    def insert(self, rows: Sequence[Row | Stream]) -> None:
        meta = type(rows[0])._meta
        names = list(meta.fields_db_projection)
        places = ", ".join(f"({', '.join(self._column(row, name) for name in names)})" for row in rows)
        columns = ", ".join(f'"{name}"' for name in names)
        self._parts.append(f'INSERT INTO "{meta.db_table}" ({columns}) VALUES {places}')

    def update(self, model: type[Row | Stream], changed: Sequence[ChangedRow]) -> None:
        def assignment(name: str) -> str:
            if len(changed) == 1:
                return f'"{name}" = {self._column(changed[0][0], name)}'
            having = (row for row, names in changed if name in names)
            cases = " ".join(
                f"WHEN {self._column(row, 'id')} THEN {self._column(row, name)}" for row in having
            )
            return f'"{name}" = CASE "id" {cases} ELSE "{name}" END'

        names = dict.fromkeys(name for _, some in changed for name in some)
        assignments = ", ".join(map(assignment, names))
        ids = ", ".join(self._column(row, "id") for row, _ in changed)
        self._parts.append(f'UPDATE "{model._meta.db_table}" SET {assignments} WHERE "id" IN ({ids})')

    def notify(self, channel: str, topics: Sequence[str]) -> None:
        # Only the last part of a statement is carried out although nothing is written by it.
        names = f"unnest({self._place(list(topics))}::text[])"
        self._parts.append(f"SELECT pg_notify({self._place(channel)}, topic) FROM {names} AS topic")

    async def send(self) -> None:
        *first, last = self._parts
        named = ", ".join(f"part_{number} AS ({part})" for number, part in enumerate(first))
        await self._client.execute_query(f"WITH {named} {last}" if first else last, self._values)

    def _column(self, row: Row | Stream, name: str) -> str:
        """Bind what a row stores in a column, and return its place."""
        return self._place(row._meta.fields_map[name].to_db_value(getattr(row, name), row))

    def _place(self, value: Any) -> str:
        self._values.append(value)
        return f"${len(self._values)}" if self._on_postgres else "?"


def _surrounding() -> Any:
    client = get_connection(WRITES)
    assert isinstance(client, SendsHeldWrites), "outside a transaction"
    return client
