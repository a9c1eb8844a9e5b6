"""Every change is written together with the event that tells it, or not at all."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol, TypeVar

from tortoise.connection import get_connection
from tortoise.fields import DecimalField

from models import Event, Stream
from models.database import READS
from models.identity import Row, VersionedRow, new_id
from models.transaction import transaction
from services.events.broadcast import Broadcast

R = TypeVar("R", bound=Row)

AT_ONCE = 500


class Change:
    """What one use case writes: rows and their events, told by one actor at one instant.

    `at` is what the clock says. Within a stream events never go back in time: where the clock was set back, they are
    told as of the last one. Nothing else is, so that no work waits for a time that was never there.
    """

    def __init__(self, *, actor: str, cause: str, streams: Mapping[str, Stream], now: datetime) -> None:
        self.id = new_id("chg")
        self.actor = actor
        self.cause = cause
        self.at = now
        self._told_at = max([now, *(stream.occurred_at for stream in streams.values() if stream.occurred_at)])
        self._streams = dict(streams)
        self._events: list[Event] = []
        self.lanes: set[str] = set()

    def enqueue(self, lanes: Iterable[str]) -> None:
        """Have the lanes worked on once this is on disk."""
        self.lanes.update(lanes)

    async def open_stream(self, stream_id: str) -> None:
        """Begin the log of something new."""
        self._streams[stream_id] = await Stream.create(id=stream_id)

    async def create(self, row: R, *, kind: str, cause: str | None = None) -> R:
        await row.save(force_create=True)
        self._tell(row, kind, cause, before=None, after=column_values(row))
        return row

    async def create_all(self, rows: Sequence[Row], *, kind: str, cause: str | None = None) -> None:
        """Create many rows of one model with one statement."""
        if rows:
            await type(rows[0]).bulk_create(rows)
        for row in rows:
            self._tell(row, kind, cause, before=None, after=column_values(row))

    async def create_unless_taken(self, row: Row, *, kind: str) -> bool:
        """Create the row, unless another one has a unique value of it. The database decides, not a look beforehand."""
        await type(row).bulk_create([row], ignore_conflicts=True)
        if not await type(row).filter(id=row.id).exists():
            return False
        self._tell(row, kind, None, before=None, after=column_values(row))
        return True

    async def delete(self, row: Row, *, kind: str) -> None:
        await row.delete()
        self._tell(row, kind, None, before=column_values(row), after=None)

    async def update(self, row: Row, *, kind: str, cause: str | None = None, **columns: Any) -> str | None:
        """Change the columns that differ; return the id of the event, or None where nothing differs."""
        changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if not changed:
            return None
        if isinstance(row, VersionedRow):
            changed["version"] = row.version + 1
        before = column_values(row, changed)
        row.update_from_dict(changed)
        await row.save(update_fields=list(changed))
        return self._tell(row, kind, cause, before=before, after=column_values(row, changed))

    async def update_all(self, rows: Sequence[Row], *, kind: str, **columns: Any) -> None:
        """Give many rows of one model the same values with few statements; each tells its own event."""
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            await type(some[0]).filter(id__in=[row.id for row in some]).update(**columns)
            for row in some:
                before = column_values(row, columns)
                row.update_from_dict(columns)
                self._tell(row, kind, None, before=before, after=column_values(row, columns))

    def _tell(
        self,
        row: Row,
        kind: str,
        cause: str | None,
        *,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> str:
        stream = self._streams[row.story]
        stream.seq += 1
        event = Event(
            stream_id=stream.id,
            seq=stream.seq,
            change_id=self.id,
            kind=kind,
            entity=type(row).__name__,
            entity_id=row.id,
            actor=self.actor,
            cause=cause or self.cause,
            occurred_at=self._told_at,
            before=before,
            after=after,
        )
        self._events.append(event)
        return str(event.id)

    async def write_events(self) -> Sequence[str]:
        """Append what was told; return the streams that have grown."""
        await Event.bulk_create(self._events)
        grown = sorted({event.stream_id for event in self._events})
        for stream_id in grown:
            await Stream.filter(id=stream_id).update(
                seq=self._streams[stream_id].seq, occurred_at=self._told_at
            )
        return grown


class WorkQueue(Protocol):
    """Where lanes wait for a worker."""

    async def put(self, lanes: Sequence[str]) -> None:
        """Queue the lanes in the surrounding transaction."""


class EventLog:
    """The one door through which rows change. Without a queue, work waits until a worker looks by itself."""

    def __init__(
        self, *, clock: Callable[[], datetime], broadcast: Broadcast, queue: WorkQueue | None = None
    ) -> None:
        self.clock = clock
        self._broadcast = broadcast
        self._queue = queue

    @asynccontextmanager
    async def change(self, *stream_ids: str, actor: str, cause: str = "request") -> AsyncIterator[Change]:
        """A transaction that owns the named streams: nobody else changes anything in them until it ends.

        Read the rows to decide about inside it. Those who watch are woken after the commit.
        """
        async with transaction():
            streams = await _lock(stream_ids)
            change = Change(actor=actor, cause=cause, streams=streams, now=self.clock())
            yield change
            await self._broadcast.publish(await change.write_events())
            if self._queue is not None and change.lanes:
                await self._queue.put(sorted(change.lanes))


async def _lock(stream_ids: Iterable[str]) -> dict[str, Stream]:
    """Lock the streams, roots first: always in id order, so that two changes never wait for each other."""
    wanted = sorted(set(stream_ids))
    found = {s.id: s for s in await Stream.filter(id__in=wanted).order_by("id").select_for_update()}
    if missing := [name for name in wanted if name not in found]:
        # Only the house's own streams (catalog, access, intake) are made by whoever needs them first.
        await Stream.bulk_create([Stream(id=name) for name in missing], ignore_conflicts=True)
        return await _lock(wanted)
    return found


def column_values(row: Row, names: Iterable[str] | None = None) -> dict[str, Any]:
    """The row's columns as JSON can carry them: decimals and instants as text, instants in UTC."""
    fields = type(row)._meta.fields_map
    wanted = type(row)._meta.fields_db_projection if names is None else names
    return {name: _plain(getattr(row, name), fields[name]) for name in wanted if name not in row.untold}


def _plain(value: Any, field: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(field, DecimalField) and value is not None:
        return str(Decimal(value).quantize(Decimal(1).scaleb(-field.decimal_places)))
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as those who watch read it."""

    seq: int
    change_id: str
    kind: str
    entity: str
    entity_id: str
    occurred_at: datetime
    after: dict[str, Any] | None


async def read_stream(stream_id: str, *, after: int = 0, until: int | None = None) -> list[LoggedEvent]:
    """The stream's events that follow `after`, in order, no further than `until`."""
    wanted = Event.filter(stream_id=stream_id, seq__gt=after)
    if until is not None:
        wanted = wanted.filter(seq__lte=until)
    rows = (
        await wanted.using_db(get_connection(READS))
        .order_by("seq")
        .values_list("seq", "change_id", "kind", "entity", "entity_id", "occurred_at", "after")
    )
    return [LoggedEvent(*row) for row in rows]
