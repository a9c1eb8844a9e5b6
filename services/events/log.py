"""Every change is written together with its event, or neither is written."""

from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import Any, Protocol, TypeVar

from tortoise.fields import DecimalField

from models import Event, Stream
from models.events import Columns, lean_columns
from models.identity import Row, VersionedRow, new_id
from models.row_writes import AT_ONCE, Writes, hold
from models.transaction import transaction
from services.events.broadcast import Broadcast
from services.events.types import EventType

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Derived:
    """New values of columns that follow from other columns. A `named` row is named in the log, even without values."""

    row: Row
    columns: Columns
    named: bool


class Change:
    """The writes of one use case: rows and their events, by one actor at one instant.

    `at` is the time of the clock. Within a stream, events never go back in time: if the clock was set back, they get
    the time of the last event. Only events do, so that no work waits for a time that never was.

    `events` are those recorded so far, and `rows` the rows that they are about, by id. `at_hand` is what was read under
    the locks for the decision: by a name, for followers that need the same.
    """

    def __init__(self, *, actor: str, cause: str, streams: Mapping[str, Stream], now: datetime) -> None:
        self.id = new_id("chg")
        self.actor = actor
        self.cause = cause
        self.at = now
        self._occurred_at = max(
            [now, *(stream.occurred_at for stream in streams.values() if stream.occurred_at)]
        )
        self._streams = dict(streams)
        self.events: list[Event] = []
        self.rows: dict[str, Row] = {}
        self._consequences: dict[str, tuple[str, Columns]] = {}
        self._overwritten: list[tuple[Row, dict[str, Any]]] = []
        self._created: dict[tuple[type, str], Row | Stream] = {}
        self._held: dict[str, tuple[Row, set[str]]] = {}
        self.at_hand: dict[str, Any] = {}
        self.lanes: set[str] = set()

    def seq_of(self, stream_id: str) -> int | None:
        """Return how far the log of a stream has come with this change; None if the change does not own it."""
        stream = self._streams.get(stream_id)
        return stream.seq if stream else None

    def last_event(self, row_id: str) -> str:
        """Return the id of the last event that this change has recorded for a row."""
        return next(str(event.id) for event in reversed(self.events) if event.entity_id == row_id)

    def enqueue(self, lanes: Iterable[str]) -> None:
        """Have the lanes carried out after the commit."""
        self.lanes.update(lanes)

    def open_streams(self, stream_ids: Collection[str]) -> None:
        """Begin the logs of new streams."""
        streams = {stream_id: Stream(id=stream_id) for stream_id in stream_ids}
        self._create_later(streams.values())
        self._streams |= streams

    async def lock(self, stream_ids: Iterable[str]) -> None:
        """Own further streams. Locks are taken in the order of the ids, so theirs must come after those held."""
        further = set(stream_ids) - self._streams.keys()
        assert all(held < one for one in further for held in self._streams), "locks out of order"
        locked = await _lock(further)
        self._streams |= locked
        self._occurred_at = max(
            [self._occurred_at, *(one.occurred_at for one in locked.values() if one.occurred_at)]
        )

    async def create(self, row: R, *, kind: EventType, cause: str | None = None) -> R:
        await self.create_all([row], kind=kind, cause=cause)
        return row

    async def create_all(
        self,
        rows: Sequence[Row],
        *,
        kind: EventType,
        cause: str | None = None,
        causes: Mapping[str, str | None] | None = None,
    ) -> None:
        """Create many rows of one model. `causes` are by row id; all others have `cause`.

        They are written just before the next statement of the change, together with others.
        """
        self._create_later(rows)
        if len(self._created) >= AT_ONCE:
            await self._send_held()
        for row in rows:
            self._record(row, kind, (causes or {}).get(row.id, cause), before=None, after=column_values(row))

    async def create_unless_taken(self, row: Row, *, kind: EventType) -> bool:
        """Create the row unless one of its unique values is taken. The database decides, not an earlier look-up."""
        await type(row).bulk_create([row], ignore_conflicts=True)
        if not await type(row).filter(id=row.id).exists():
            return False
        self._record(row, kind, None, before=None, after=column_values(row))
        return True

    async def delete(self, row: Row, *, kind: EventType) -> None:
        await row.delete()
        self._record(row, kind, None, before=column_values(row), after=None)

    async def update(
        self, row: Row, *, kind: EventType, cause: str | None = None, **columns: Any
    ) -> str | None:
        """Change the columns that differ. Return the id of the event, or None if nothing differs."""
        event_id = await self.update_later(row, kind=kind, cause=cause, **columns)
        await self._send_held()
        return event_id

    async def update_later(
        self, row: Row, *, kind: EventType, cause: str | None = None, **columns: Any
    ) -> str | None:
        """Like `update`, but the row is written just before the next statement of the change, together with others.

        Not for columns with unique values: those of several rows may collide on the way.
        """
        changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
        if not changed:
            return None
        if isinstance(row, VersionedRow):
            changed["version"] = row.version + 1
        changed = row.with_sort_keys(changed)
        before = column_values(row, changed)
        self._assign(row, changed)
        await self._hold(row, changed)
        return self._record(row, kind, cause, before=before, after=column_values(row, changed))

    async def update_all(self, rows: Sequence[Row], *, kind: EventType, **columns: Any) -> None:
        """Give many rows of one model the same values with few statements. Each row gets its own event."""
        for start in range(0, len(rows), AT_ONCE):
            some = rows[start : start + AT_ONCE]
            columns = some[0].with_sort_keys(columns)
            await type(some[0]).filter(id__in=[row.id for row in some]).update(**columns)
            for row in some:
                before = column_values(row, columns)
                self._assign(row, columns)
                self._record(row, kind, None, before=before, after=column_values(row, columns))

    def note(self, row: Row, *, kind: EventType, cause: str | None = None) -> None:
        """Record an event about a row that changes none of its columns."""
        self._record(row, kind, cause, before={}, after={})

    async def forget(self, row: Row, *columns: str) -> None:
        """Take the earlier values of a row's columns out of every event about it. They read null there."""
        kept = column_values(row, columns)
        earlier = await Event.filter(entity_id=row.id)
        for event in (*earlier, *(event for event in self.events if event.entity_id == row.id)):
            for columns_of in filter(None, (event.before, event.stored_after)):
                columns_of.update(
                    {
                        name: None
                        for name, value in kept.items()
                        if name in columns_of and columns_of[name] != value
                    }
                )
        for event in earlier:
            await event.save(update_fields=["before", "stored_after"])

    async def derive(self, derived: Sequence[Derived]) -> None:
        """Store columns that follow from others: without a new version, and without an event for each row.

        For a row that this change created they are in its own event. The last event of the stream names the others.
        """
        for one in derived:
            one.row.update_from_dict(one.columns)
            await self._hold(one.row, one.columns)
        created = {event.entity_id: event for event in self.events if event.before is None}
        for one in derived:
            values = column_values(one.row, one.columns)
            if (event := created.get(one.row.id)) is not None:
                event.stored_after = {**(event.stored_after or {}), **values}
            elif one.named:
                self._consequences[one.row.id] = one.row.event_stream_id, values

    def _create_later(self, rows: Iterable[Row | Stream]) -> None:
        """Have new rows written before the next statement, as they are then."""
        for row in rows:
            row._saved_in_db = True
            self._created[type(row), row.id] = row
        hold(self._send_held)

    async def _hold(self, row: Row, columns: Iterable[str]) -> None:
        """Have columns of a row written before the next statement."""
        created = self._created.get((type(row), row.id))
        if created is row:
            return
        held, names = self._held.get(row.id, (row, set()))
        if created is not None or held is not row:
            await self._send_held()
            names = set()
        names.update(columns)
        self._held[row.id] = row, names
        hold(self._send_held)

    async def _send_held(self) -> None:
        await self._held_writes().send()

    def _held_writes(self) -> Writes:
        """Return the writes of the rows that are held; from now on they are not."""
        created, self._created = self._created, {}
        held, self._held = self._held, {}
        writes = Writes()
        for _, rows in groupby(created.values(), key=type):
            writes.insert(list(rows))
        writes.update(held.values())
        return writes

    def _assign(self, row: Row, columns: Mapping[str, Any]) -> None:
        self._overwritten.append((row, {name: getattr(row, name) for name in columns}))
        row.update_from_dict(dict(columns))

    def restore_rows(self) -> None:
        """Give the rows in memory back the values that they had before this change."""
        for row, columns in reversed(self._overwritten):
            row.update_from_dict(columns)

    def _record(
        self,
        row: Row,
        kind: EventType,
        cause: str | None,
        *,
        before: dict[str, Any] | None,
        after: dict[str, Any] | None,
    ) -> str:
        stream = self._streams[row.event_stream_id]
        stream.seq += 1
        stored_after = after
        if before is None and after is not None:
            stored_after = lean_columns(after, stream_id=stream.id, occurred_at=self._occurred_at)
        event = Event(
            stream_id=stream.id,
            seq=stream.seq,
            change_id=self.id,
            kind=kind,
            entity=type(row).__name__,
            entity_id=row.id,
            actor=self.actor,
            cause=cause or self.cause,
            occurred_at=self._occurred_at,
            before=before,
            stored_after=stored_after,
        )
        self.events.append(event)
        self.rows[row.id] = row
        return str(event.id)

    def last_writes(self) -> tuple[Writes, Sequence[str]]:
        """Return what is still to be written: held rows, events, streams. And the streams that have grown."""
        last = {event.stream_id: event for event in self.events}
        for row_id, (stream_id, values) in self._consequences.items():
            last[stream_id].consequences = {**(last[stream_id].consequences or {}), row_id: values}
        grown = sorted(last)
        for stream_id in grown:
            self._streams[stream_id].occurred_at = self._occurred_at
        older = [self._streams[stream_id] for stream_id in grown if (Stream, stream_id) not in self._created]
        writes = self._held_writes()
        writes.insert(self.events)
        writes.update((stream, ("seq", "occurred_at")) for stream in older)
        return writes, grown


_noted: ContextVar[list[Change] | None] = ContextVar("committed_changes", default=None)


@contextmanager
def noting_commits() -> Iterator[list[Change]]:
    """Yield a list that gets every change that the block commits."""
    changes: list[Change] = []
    token = _noted.set(changes)
    try:
        yield changes
    finally:
        _noted.reset(token)


Follower = Callable[[Change, Sequence[Event]], Awaitable[None]]
"""Writes what follows from the events of a change, within the change: both are committed, or neither."""


class WorkQueue(Protocol):
    """Where lanes wait for a worker."""

    async def put(self, lanes: Sequence[str]) -> None:
        """Queue the lanes in the surrounding transaction."""


class EventLog:
    """The only way to change rows. Without a queue, work waits until a worker's next sweep.

    The followers see the events of every change before it ends.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        broadcast: Broadcast,
        queue: WorkQueue | None = None,
        followers: Sequence[Follower] = (),
    ) -> None:
        self.clock = clock
        self._broadcast = broadcast
        self._queue = queue
        self._followers = followers

    @asynccontextmanager
    async def change(self, *stream_ids: str, actor: str, cause: str = "request") -> AsyncIterator[Change]:
        """Open a transaction that owns the named streams: nothing else changes them until it ends.

        Read the rows that the decision depends on inside it. Watchers are woken after the commit. If the change
        fails, the rows in memory get their earlier values back, even if the commit may have succeeded without an
        answer: a later compare-and-set then fails if the database holds the new values.
        """
        change: Change | None = None
        try:
            async with transaction():
                streams = await _lock(stream_ids)
                change = Change(actor=actor, cause=cause, streams=streams, now=self.clock())
                yield change
                await self._follow(change)
                writes, grown = change.last_writes()
                self._broadcast.publish(grown, writes)
                await writes.send()
                if self._queue is not None and change.lanes:
                    await self._queue.put(sorted(change.lanes))
            if (noted := _noted.get()) is not None:
                noted.append(change)
        except BaseException:
            if change is not None:
                change.restore_rows()
            raise

    async def _follow(self, change: Change) -> None:
        """Hand the events to the followers, then the events that they wrote, until there are none."""
        handed = 0
        while events := change.events[handed:]:
            handed += len(events)
            for follow in self._followers:
                await follow(change, events)


async def _lock(stream_ids: Iterable[str]) -> dict[str, Stream]:
    """Lock the streams, roots first: always in id order, so that two changes never wait for each other."""
    wanted = sorted(set(stream_ids))
    found = {s.id: s for s in await Stream.filter(id__in=wanted).order_by("id").select_for_update()}
    if missing := [name for name in wanted if name not in found]:
        # Only the shared streams (catalog, access, intake) are created by their first user.
        await Stream.bulk_create([Stream(id=name) for name in missing], ignore_conflicts=True)
        return await _lock(wanted)
    return found


def column_values(row: Row, names: Iterable[str] | None = None) -> dict[str, Any]:
    """Return the row's columns in JSON form: decimals and instants as text, instants in UTC."""
    fields = type(row)._meta.fields_map
    wanted = type(row)._meta.fields_db_projection if names is None else names
    excluded = row.excluded_from_events | row.sort_keys.keys() | row.search_keys.keys()
    return {name: _plain(getattr(row, name), fields[name]) for name in wanted if name not in excluded}


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
