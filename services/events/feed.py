"""Live updates: one reader for each watched stream, however many watch it.

A watcher starts with the present state, or with the commits that it missed, and then receives every commit in order.

A cursor is the id of the last event that an item includes. The id identifies its stream and its history too: an
event of another stream, or one that a restored database has lost, is not in this stream's log.
"""

import asyncio
import weakref
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

_QUIET_TURNS = 5
"""Turns of the event loop in which a watcher begins the next thing, if there is one."""


GiveWay = Callable[[], Awaitable[None]]


async def next_turn() -> None:
    """Let everything else that is ready go first."""
    await asyncio.sleep(0)


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

    async def made(self, within: float) -> None:
        """Wait until all is done and nothing new begins, but not longer than so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                quiet_turns = 0
                while quiet_turns < _QUIET_TURNS:
                    waiting = [task for task in self._tasks.values() if not task.done()]
                    await (asyncio.wait(waiting) if waiting else asyncio.sleep(0))
                    quiet_turns = 0 if waiting else quiet_turns + 1


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

    `patience` is how many batches a watcher may be behind. A batch is handed to the first watcher. Once what that
    one reads of it is there, or after `head_start`, the others get it: `at_once` before requests have their turn.
    """

    resync: float = 5.0
    alive: float = 15.0
    patience: int = 500
    head_start: float = 0.1
    at_once: int = 20


class _Feed:
    """The single reader of one stream, and its listeners.

    `followers` counts all who need the reader. `listeners` are those among them who receive each batch.
    """

    def __init__(
        self,
        stream_id: str,
        broadcast: Broadcast,
        rhythm: Rhythm,
        today: Callable[[], date],
        give_way: GiveWay,
    ) -> None:
        self.started = asyncio.Event()
        self.followers = 0
        self.listeners: set[asyncio.Queue[Batch | None]] = set()
        self._stream_id = stream_id
        self._broadcast = broadcast
        self._rhythm = rhythm
        self._today = today
        self._give_way = give_way
        self._place = BEGINNING
        self._heard_at = self._now()
        self._heard_on = today()
        self._next_opening: asyncio.Task[Follow] | None = None
        self._last_opened: weakref.ref[Batch] | None = None
        self._signal = broadcast.listen(stream_id)
        self._reader = asyncio.create_task(self._read())

    async def open(self) -> Follow:
        """Return where the log ends. Those who ask together share it: it is read after each of them asked."""
        if self._next_opening is None:
            self._next_opening = asyncio.ensure_future(self._open_together())
            self._next_opening.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._next_opening)

    async def _open_together(self) -> Follow:
        await asyncio.sleep(0)
        if self._last_opened and (last := self._last_opened()):
            # Whoever comes while others still read their snapshot shares the next one.
            await last.made(within=self._rhythm.head_start)
        self._next_opening = None
        opened = Follow(FollowState.SNAPSHOT, await last_place(self._stream_id))
        self._last_opened = weakref.ref(opened.batch)
        return opened

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
            await self._fan_out(Batch(commits))

    async def _wait(self) -> None:
        # A wake-up can be lost together with a process. Reading the log at intervals makes up for that.
        seconds = min(self._rhythm.resync, max(self._rhythm.alive - self._silence(), 0))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._signal.wait()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _silence(self) -> float:
        return self._now() - self._heard_at

    async def _fan_out(self, batch: Batch) -> None:
        """Hand the batch to all who listen now. Whoever comes later stands behind it already."""
        self._heard_at, self._heard_on = self._now(), self._today()
        for number, queue in enumerate(list(self.listeners)):
            self._hand_on(batch, queue)
            if number == 0:
                await batch.made(within=self._rhythm.head_start)
            elif number % self._rhythm.at_once == 0:
                await self._give_way()

    def _hand_on(self, batch: Batch, queue: asyncio.Queue[Batch | None]) -> None:
        if queue not in self.listeners or (not batch.commits and not queue.empty()):
            return
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
    """Follows streams. `today` is the calendar's day; when it changes, all watchers get an item.

    `give_way` is awaited between deliveries, so that what else the process has to do has its turn.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        *,
        today: Callable[[], date],
        rhythm: Rhythm | None = None,
        give_way: GiveWay = next_turn,
    ) -> None:
        self._broadcast = broadcast
        self._today = today
        self._give_way = give_way
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
                opened = await feed.open()
                place = opened.place
                yield opened
                del opened
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
                del follow
        finally:
            self._leave(stream_id, feed, queue)

    def _enter(self, stream_id: str) -> _Feed:
        if stream_id not in self._feeds:
            self._feeds[stream_id] = _Feed(
                stream_id, self._broadcast, self._rhythm, self._today, self._give_way
            )
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
            del follow
        if not batch.commits:
            yield Follow(FollowState.ALIVE, place, place, batch)
        del batch
    yield Follow(FollowState.LAGGED, place, place)


def _new(batch: Batch, place: Place) -> Iterator[Follow]:
    """Yield what of a batch comes after `place`, if anything does."""
    commits = tuple(one for one in batch.commits if one.place.seq > place.seq)
    if commits:
        yield Follow(FollowState.CHANGE, commits[-1].place, place, batch, commits)
