"""Changing a row that the caller has seen: lock its stream, load the row, compare its version."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from models import Event
from models.identity import VersionedRow
from services.errors import ColumnChange, Conflict
from services.events.log import Change, EventLog

V = TypeVar("V", bound=VersionedRow)

MOST_EVENTS = 200
"""A conflict shows at most this many of the last changes of a row."""


@asynccontextmanager
async def changing(
    events: EventLog,
    load: Callable[[], Awaitable[V]],
    *streams: str,
    actor: str,
    expected_version: int | None = None,
) -> AsyncIterator[tuple[Change, V]]:
    """Open a change that owns the row's stream and the other `streams`, and yield it with the row as it is then.

    `load` returns the row or refuses. Raise `Conflict` if the row does not have the version that the caller expects.
    """
    stream = (await load()).event_stream_id
    async with events.change(stream, *streams, actor=actor) as change:
        row = await load()
        await refuse_stale(row, expected_version)
        yield change, row


async def refuse_stale(row: VersionedRow, expected_version: int | None) -> None:
    """Raise `Conflict` if the row does not have the version that the caller expects."""
    if expected_version in (None, row.version):
        return
    last = await Event.filter(entity_id=row.id).order_by("-seq").limit(MOST_EVENTS)
    since = [event for event in last if _version_after(event) > (expected_version or 0)]
    raise Conflict(
        row.id,
        entity=type(row).__name__,
        version=row.version,
        actor=since[0].actor if since else None,
        changes=_changes(since[::-1]),
    )


def _version_after(event: Event) -> int:
    return int((event.after or {}).get("version", 0))


def _changes(events: list[Event]) -> list[ColumnChange]:
    """Return what these events changed all in all, in the order of time."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for event in events:
        for column, value in (event.after or {}).items():
            before.setdefault(column, (event.before or {}).get(column))
            after[column] = value
    return [
        ColumnChange(column, before[column], value)
        for column, value in after.items()
        if column != "version" and before[column] != value
    ]
