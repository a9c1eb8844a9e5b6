"""Follows a stream for a watcher: whole rows as the watcher selected them, with the events that touched them."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Protocol

from models import Event, Operator
from models.identity import Row
from services.events import Commit, Feeds, Follow, FollowState, Once
from services.live.rows import RowIds, Rows, Wanted, parts_of, read_wanted
from services.reads import Environment, Reads, reading

PART = 500
"""How many rows a part of a snapshot has at most."""

AT_ONCE = 500
"""How many rows one read transaction reads at most."""


class Scope(Protocol):
    """What watchers of a stream see. It is the same object for all of them."""

    def with_each(self, stream_id: str) -> RowIds:
        """Return the rows to show with every item, whatever happened."""

    async def all_rows(self, stream_id: str, types: Collection[type[Row]], reads: Reads) -> RowIds:
        """Return all rows of these types that the stream is about."""

    async def touched(self, commits: Sequence[Commit], reads: Reads) -> Sequence[RowIds]:
        """Return for each of the commits which rows to show with it."""


@dataclass(frozen=True, slots=True)
class LiveItem:
    """One item for a watcher. Its rows are at least as new as `seq`.

    `commit` is what it is about, if anything, and `operator` the row of the commit's actor, if that is a person.
    `touches`: the commit touched rows that the watcher may see, selected or not.
    `more`: another part of the same snapshot follows. `settled`: nothing else that was read with it follows.
    `shared` keeps what is made of the item for all who get this very item.
    """

    state: FollowState
    seq: int
    previous_seq: int | None
    cursor: str
    today: date
    commit: Commit | None = None
    operator: Any = None
    rows: Rows = field(default_factory=dict)
    events: Sequence[Any] = ()
    touches: bool = False
    more: bool = False
    settled: bool = True
    shared: Once = field(default_factory=Once, compare=False)

    @property
    def occurred_at(self) -> datetime | None:
        return self.commit.occurred_at if self.commit else None

    @property
    def actor(self) -> str | None:
        return self.commit.actor if self.commit else None

    async def told_after(self, seq: int | None) -> "LiveItem":
        """Return the item for those to whom nothing was told after `seq`: the same one for all of them."""
        if seq == self.previous_seq:
            return self

        async def make() -> LiveItem:
            return replace(self, previous_seq=seq, shared=Once())

        return await self.shared.once(("told after", seq), make)

    @property
    def removed_ids(self) -> list[str]:
        events = self.commit.events if self.commit else ()
        return [event.entity_id for event in events if event.after is None]


class Watching:
    """Serves watchers. Each log is read once for all of them, and rows once for all who want the same."""

    def __init__(self, feeds: Feeds, environment: Callable[[], Environment]) -> None:
        self._feeds = feeds
        self._environment = environment

    async def follow(
        self, stream_id: str, scope: Scope, wanted: Wanted, *, after: str | None = None, part: int = PART
    ) -> AsyncGenerator[LiveItem]:
        """Follow a stream for as long as you iterate; close the iterator to stop.

        `after` is a cursor, and `part` how many rows a part of a snapshot has at most.
        """
        each = scope.with_each(stream_id)
        async with aclosing(self._feeds.follow(stream_id, after=after)) as follows:
            async for follow in follows:
                if follow.state is FollowState.SNAPSHOT:
                    async for item in self._snapshot(stream_id, scope, wanted, follow, part):
                        yield item
                        del item
                else:
                    for item in await self._items(scope, wanted, follow, each):
                        yield item
                        del item
                # Whoever waits keeps nothing of what was: it is shared by many, and may be large.
                del follow

    async def _items(self, scope: Scope, wanted: Wanted, follow: Follow, each: RowIds) -> Sequence[LiveItem]:
        """Return the items of a message. Who was at the same place gets the same ones."""
        key = (scope, wanted, _previous_seq(follow))
        if follow.state is FollowState.CHANGE:
            changes = partial(self._changes, scope, wanted, follow, each)
            return await follow.batch.once(("changes", *key), changes)
        return await follow.batch.once(("state", *key), partial(self._state, wanted, follow, each))

    async def _snapshot(
        self, stream_id: str, scope: Scope, wanted: Wanted, follow: Follow, size: int
    ) -> AsyncIterator[LiveItem]:
        """Yield all rows in parts. Each is read later than the place: what changes meanwhile is still to come.

        Those who came together share the parts.
        """
        each, key = scope.with_each(stream_id), (scope, wanted, size)
        ids = await follow.batch.once(("ids", *key), partial(_all_rows, scope, stream_id, wanted))
        parts = list(parts_of(ids, size)) or [{}]
        for number, part in enumerate(parts):
            last = number == len(parts) - 1
            make = partial(self._part, wanted, follow, {**each, **part}, first=not number, last=last)
            yield await follow.batch.once(("part", *key, number), make)

    async def _part(
        self, wanted: Wanted, follow: Follow, ids: RowIds, *, first: bool, last: bool
    ) -> LiveItem:
        rows, previous = await self._read(wanted, ids), None if first else follow.place.seq
        return self._item(follow, previous_seq=previous, rows=rows, more=not last, settled=last)

    async def _state(self, wanted: Wanted, follow: Follow, each: RowIds) -> list[LiveItem]:
        return [self._item(follow, rows=await self._read(wanted, each))]

    async def _changes(self, scope: Scope, wanted: Wanted, follow: Follow, each: RowIds) -> list[LiveItem]:
        batch, count = follow.batch, len(follow.commits)
        touched = await batch.once((scope,), partial(_touched, scope, batch.commits))
        events = _events_and_actors(batch.commits)
        found = await batch.once(
            (scope, wanted), partial(self._read, wanted, _together(each, *touched, events))
        )
        items: list[LiveItem] = []
        previous = _previous_seq(follow)
        for commit, ids in zip(follow.commits, touched[-count:], strict=True):
            rows = _among(found, _together(each, ids))
            item = self._change(commit, previous, found, rows, commit is follow.commits[-1])
            items.append(replace(item, touches=any(ids.values())))
            previous = commit.place.seq
        return items

    def _change(
        self, commit: Commit, previous_seq: int | None, found: Rows, rows: Rows, settled: bool
    ) -> LiveItem:
        events = found.get(Event, {})
        return LiveItem(
            FollowState.CHANGE,
            commit.place.seq,
            previous_seq,
            commit.place.cursor,
            self._environment().today,
            commit=commit,
            operator=found.get(Operator, {}).get(commit.actor),
            rows=rows,
            events=[events[event.id] for event in commit.events if event.id in events],
            settled=settled,
        )

    def _item(self, follow: Follow, **rest: Any) -> LiveItem:
        place = follow.place
        place_of_item = {
            "previous_seq": _previous_seq(follow),
            "cursor": place.cursor,
            "today": self._environment().today,
        }
        return LiveItem(follow.state, place.seq, **{**place_of_item, **rest})

    async def _read(self, wanted: Wanted, ids: RowIds) -> Rows:
        found: dict[type[Row], dict[str, Any]] = {}
        for part in parts_of({model: ids.get(model, ()) for model in wanted.types}, AT_ONCE):
            async with reading() as reads:
                for model, rows in (await read_wanted(wanted, part, self._environment(), reads)).items():
                    found.setdefault(model, {}).update(rows)
        return found


def _together(*several: RowIds) -> RowIds:
    ids: dict[type[Row], dict[str, None]] = {}
    for some in several:
        for model, row_ids in some.items():
            ids.setdefault(model, {}).update(dict.fromkeys(row_ids))
    return ids


def _events_and_actors(commits: Sequence[Commit]) -> RowIds:
    events = [event.id for commit in commits for event in commit.events]
    return {Event: events, Operator: [commit.actor for commit in commits]}


def _previous_seq(follow: Follow) -> int | None:
    return follow.previous.seq if follow.previous else None


async def _all_rows(scope: Scope, stream_id: str, wanted: Wanted) -> RowIds:
    async with reading() as reads:
        return await scope.all_rows(stream_id, wanted.types, reads)


async def _touched(scope: Scope, commits: Sequence[Commit]) -> Sequence[RowIds]:
    async with reading() as reads:
        return await scope.touched(commits, reads)


def _among(found: Rows, ids: RowIds) -> Rows:
    return {
        model: {row_id: found[model][row_id] for row_id in some if row_id in found[model]}
        for model, some in ids.items()
        if model in found
    }
