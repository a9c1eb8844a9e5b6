"""Inserts and updates of several rows, with one statement for each table."""

# ruff: noqa: S608 - names come from the models; every value is bound

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import Any

from tortoise.connection import get_connection

from models.database import WRITES
from models.events import Stream
from models.held_writes import SendsHeldWrites
from models.identity import Row

AT_ONCE = 500
"""Rows in one statement."""

ChangedRow = tuple[Row | Stream, Collection[str]]
"""A row, and the columns of it that have to be written."""


def hold(send: Callable[[], Awaitable[None]]) -> None:
    """Have the surrounding transaction call `send` before its next statement."""
    _surrounding().held = send


async def update_rows(changed: Iterable[ChangedRow]) -> None:
    """Write the named columns of each row in the surrounding transaction; no other column is touched."""
    groups: dict[type[Row | Stream], list[ChangedRow]] = {}
    for row, names in changed:
        groups.setdefault(type(row), []).append((row, names))
    for model, group in groups.items():
        for start in range(0, len(group), AT_ONCE):
            await _update(model, group[start : start + AT_ONCE])


async def insert_rows(rows: Sequence[Row | Stream]) -> None:
    """Create rows of one model in the surrounding transaction."""
    for start in range(0, len(rows), AT_ONCE):
        some, bound = rows[start : start + AT_ONCE], _Bound()
        names = list(type(some[0])._meta.fields_db_projection)
        places = ", ".join(f"({', '.join(bound.column(row, name) for name in names)})" for row in some)
        columns = ", ".join(f'"{name}"' for name in names)
        await bound.run(f'INSERT INTO "{some[0]._meta.db_table}" ({columns}) VALUES {places}')
        for row in some:
            row._saved_in_db = True


async def _update(model: type[Row | Stream], changed: Sequence[ChangedRow]) -> None:
    bound = _Bound()

    def assignment(name: str) -> str:
        if len(changed) == 1:
            return f'"{name}" = {bound.column(changed[0][0], name)}'
        having = (row for row, names in changed if name in names)
        cases = " ".join(f"WHEN {bound.column(row, 'id')} THEN {bound.column(row, name)}" for row in having)
        return f'"{name}" = CASE "id" {cases} ELSE "{name}" END'

    names = dict.fromkeys(name for _, some in changed for name in some)
    assignments = ", ".join(map(assignment, names))
    ids = ", ".join(bound.column(row, "id") for row, _ in changed)
    await bound.run(f'UPDATE "{model._meta.db_table}" SET {assignments} WHERE "id" IN ({ids})')


class _Bound:
    """The values of a statement of the surrounding transaction, in the order of their places."""

    def __init__(self) -> None:
        self._client = _surrounding()
        self._values: list[Any] = []

    def column(self, row: Row | Stream, name: str) -> str:
        """Bind what a row stores in a column, and return its place."""
        self._values.append(row._meta.fields_map[name].to_db_value(getattr(row, name), row))
        return f"${len(self._values)}" if self._client.capabilities.dialect == "postgres" else "?"

    async def run(self, sql: str) -> None:
        await self._client.execute_query(sql, self._values)


def _surrounding() -> Any:
    client = get_connection(WRITES)
    assert isinstance(client, SendsHeldWrites), "outside a transaction"
    return client
