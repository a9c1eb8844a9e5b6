"""Reads the log of a stream."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet

from models import Event
from models.database import READS
from models.events import Columns, columns_after


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as watchers read it."""

    id: str
    seq: int
    change_id: str
    kind: str
    entity: str
    entity_id: str
    actor: str
    occurred_at: datetime
    before: Columns | None
    after: Columns | None
    consequences: Columns | None


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a stream: the last event of a transaction, or the beginning, whose cursor is empty."""

    seq: int
    cursor: str


BEGINNING = Place(0, "")


@dataclass(frozen=True, slots=True, eq=False)
class Commit:
    """The events of one transaction in a stream. There is at least one."""

    events: tuple[LoggedEvent, ...]

    @property
    def place(self) -> Place:
        return Place(self.events[-1].seq, self.events[-1].id)

    @property
    def occurred_at(self) -> datetime:
        return self.events[-1].occurred_at

    @property
    def actor(self) -> str:
        return self.events[-1].actor


async def commits_after(stream_id: str, seq: int) -> tuple[Commit, ...]:
    """Return what was committed after a place."""
    events = await read_stream(stream_id, after=seq)
    return tuple(Commit(tuple(group)) for _, group in groupby(events, attrgetter("change_id")))


async def read_stream(stream_id: str, *, after: int = 0) -> list[LoggedEvent]:
    """Return the stream's events after `after`, in order."""
    columns = [name for name in LoggedEvent.__dataclass_fields__ if name != "after"]
    events = _of(stream_id, seq__gt=after).order_by("seq")
    return [_logged(stream_id, row) for row in await events.values(*columns, "stored_after")]


def _logged(stream_id: str, row: dict[str, Any]) -> LoggedEvent:
    stored_after = row.pop("stored_after")
    after = columns_after(
        stream_id, row["entity"], row["entity_id"], row["occurred_at"], row["before"], stored_after
    )
    return LoggedEvent(**row, after=after)


async def last_place(stream_id: str) -> Place:
    """Return where the stream's log ends."""
    rows = await _of(stream_id).order_by("-seq").limit(1).values_list("seq", "id")
    return Place(*rows[0]) if rows else BEGINNING


async def find_place(stream_id: str, cursor: str) -> Place | None:
    """Return the place of a cursor, or None if the stream's log does not contain it."""
    event = await _of(stream_id, id=cursor).get_or_none()
    return Place(event.seq, event.id) if event else None


async def seen_at(stream_id: str, place: Place) -> int:
    """Return up to which `seq` a watcher at a place has seen all commits whole.

    The id of any event is a cursor, so the place may be in the middle of a commit.
    """
    next_event = await _of(stream_id, seq=place.seq + 1).get_or_none()
    if next_event is None:
        return place.seq
    commit = await _of(stream_id, change_id=next_event.change_id).order_by("seq").only("seq")
    return int(commit[0].seq) - 1


def _of(stream_id: str, **criteria: Any) -> QuerySet[Event]:
    return Event.filter(stream_id=stream_id, **criteria).using_db(get_connection(READS))
