"""Live updates: one reader for each watched stream, however many watch it.

A watcher starts with the present state, or with the commits that it missed, and then receives every commit in order.

A cursor is the id of the last event that an item includes. The id identifies its stream and its history too: an
event of another stream, or one that a restored database has lost, is not in this stream's log.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

import structlog

from services.events.broadcast import Broadcast
from services.events.reading import (
    BEGINNING,
    Commit,
    Place,
    commits_after,
    find_place,
    last_place,
    seen_at,
)

log = structlog.get_logger(__name__)

T = TypeVar("T")


class FollowState(StrEnum):
    """What a message means for the watcher.

    SNAPSHOT: the state at its place follows. CHANGE carries commits. ALIVE: nothing new, and the log was just read.
    LAGGED: the watcher was too slow and should resume after its last cursor. EXPIRED: the log does not contain the
    cursor, so the watcher must start with a snapshot.
    """

    SNAPSHOT = "SNAPSHOT"
    CHANGE = "CHANGE"
    ALIVE = "ALIVE"
    LAGGED = "LAGGED"
    EXPIRED = "EXPIRED"


@dataclass(eq=False)
class Once:
    """Does things once for all who ask for them, even if the first of them leaves meanwhile."""

    _tasks: dict[Hashable, asyncio.Task[Any]] = field(default_factory=dict, kw_only=True)

    async def once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        task: asyncio.Task[T] | None = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.ensure_future(make())
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
        return task.result() if task.done() else await asyncio.shield(task)


@dataclass(eq=False)
class Batch(Once):
    """Commits that were read together; none if the log was read and had nothing new."""

    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class Follow:
    """One message to a watcher, who resumes after the cursor of `place` and was at `previous` before.

    `commits` are those of the batch that are new to this watcher.
    """

    state: FollowState
    place: Place
    previous: Place | None = None
    batch: Batch = field(default_factory=Batch)
    commits: tuple[Commit, ...] = ()


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds: how often a log is read without a wake-up, and how long watchers get nothing.

    `patience` is how many batches a watcher may be behind.
    """

    resync: float = 5.0
    alive: float = 15.0
    patience: int = 500


class _Feed:
    """The single reader of one stream, and its listeners.

    `followers` counts all who need the reader. `listeners` are those among them who receive each batch.
    """

    def __init__(
        self, stream_id: str, broadcast: Broadcast, rhythm: Rhythm, today: Callable[[], date]
    ) -> None:
        self.started = asyncio.Event()
        self.followers = 0
        self.listeners: set[asyncio.Queue[Batch | None]] = set()
        self._stream_id = stream_id
        self._broadcast = broadcast
        self._rhythm = rhythm
        self._today = today
        self._place = BEGINNING
        self._heard_at = self._now()
        self._heard_on = today()
        self._signal = broadcast.listen(stream_id)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            try:
                await self._take_in()
            except Exception:
                log.exception("feed_read_failed", stream=self._stream_id)
                await asyncio.sleep(min(self._rhythm.resync, 1))
            else:
                await self._wait()

    async def _take_in(self) -> None:
        """Read what is new and hand it on; if nothing is, hand that on when it is time to."""
        self._signal.clear()
        if not self.started.is_set():
            self._place = await last_place(self._stream_id)
            self.started.set()
            return
        commits = await commits_after(self._stream_id, self._place.seq)
        if commits:
            self._place = commits[-1].place
        if commits or self._silence() >= self._rhythm.alive or self._today() != self._heard_on:
            self._fan_out(Batch(commits))

    async def _wait(self) -> None:
        # A wake-up can be lost together with a process. Reading the log at intervals makes up for that.
        seconds = min(self._rhythm.resync, max(self._rhythm.alive - self._silence(), 0))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._signal.wait(), seconds)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _silence(self) -> float:
        return self._now() - self._heard_at

    def _fan_out(self, batch: Batch) -> None:
        self._heard_at, self._heard_on = self._now(), self._today()
        for queue in list(self.listeners):
            if not batch.commits and not queue.empty():
                continue
            try:
                queue.put_nowait(batch)
            except asyncio.QueueFull:
                self.listeners.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)

    def close(self) -> None:
        self._reader.cancel()
        self._broadcast.stop_listening(self._stream_id, self._signal)


class Feeds:
    """Follows streams. `today` is the calendar's day; when it changes, all watchers get an item."""

    def __init__(
        self, broadcast: Broadcast, *, today: Callable[[], date], rhythm: Rhythm | None = None
    ) -> None:
        self._broadcast = broadcast
        self._today = today
        self._rhythm = rhythm or Rhythm()
        self._feeds: dict[str, _Feed] = {}

    async def follow(self, stream_id: str, *, after: str | None = None) -> AsyncGenerator[Follow]:
        """Follow a stream for as long as you iterate; close the iterator to stop. `after` is a cursor."""
        queue: asyncio.Queue[Batch | None] = asyncio.Queue(self._rhythm.patience)
        feed = self._enter(stream_id)
        try:
            # What is read below is at least as new as where the feed's reader stands, so nothing falls in between.
            await feed.started.wait()
            feed.listeners.add(queue)
            if after is None:
                place = await last_place(stream_id)
                yield Follow(FollowState.SNAPSHOT, place)
            elif (found := await find_place(stream_id, after)) is None:
                place = await last_place(stream_id)
                yield Follow(FollowState.EXPIRED, Place(place.seq, after))
                return
            else:
                place = found
                missed = Batch(await commits_after(stream_id, await seen_at(stream_id, place)))
                for follow in _new(missed, place):
                    yield follow
                    place = follow.place
            async for follow in _live(queue, place):
                yield follow
        finally:
            self._leave(stream_id, feed, queue)

    def _enter(self, stream_id: str) -> _Feed:
        if stream_id not in self._feeds:
            self._feeds[stream_id] = _Feed(stream_id, self._broadcast, self._rhythm, self._today)
        feed = self._feeds[stream_id]
        feed.followers += 1
        return feed

    def _leave(self, stream_id: str, feed: _Feed, queue: asyncio.Queue[Batch | None]) -> None:
        feed.listeners.discard(queue)
        feed.followers -= 1
        if not feed.followers:
            del self._feeds[stream_id]
            feed.close()


async def _live(queue: asyncio.Queue[Batch | None], place: Place) -> AsyncIterator[Follow]:
    """Yield what comes after `place`, until the watcher falls too far behind."""
    while (batch := await queue.get()) is not None:
        for follow in _new(batch, place):
            yield follow
            place = follow.place
        if not batch.commits:
            yield Follow(FollowState.ALIVE, place, place, batch)
    yield Follow(FollowState.LAGGED, place, place)


def _new(batch: Batch, place: Place) -> Iterator[Follow]:
    """Yield what of a batch comes after `place`, if anything does."""
    commits = tuple(one for one in batch.commits if one.place.seq > place.seq)
    if commits:
        yield Follow(FollowState.CHANGE, commits[-1].place, place, batch, commits)
