"""Live updates: one reader for each watched stream, however many watch it.

A watcher starts with a snapshot, or with a replay of what it missed, and then hears every change in order. What
it hears is a projection of the log, so a snapshot and the changes after it can never contradict each other.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

import structlog

from services.events.broadcast import Broadcast
from services.events.log import LoggedEvent, read_stream

log = structlog.get_logger(__name__)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Projection(Protocol[T_co]):
    """What watchers of one stream are shown, folded from its events."""

    def apply(self, events: list[LoggedEvent]) -> T_co | None:
        """Take in the events of one transaction; return what to show, or None where nothing visible changed."""

    def snapshot(self) -> T_co:
        """Everything as it is now."""


class FollowState(StrEnum):
    """SNAPSHOT and CHANGE carry an item. LAGGED: the watcher was too slow, resume after the last cursor.
    EXPIRED: the log does not reach back to the cursor, begin again with a snapshot."""

    SNAPSHOT = "SNAPSHOT"
    CHANGE = "CHANGE"
    LAGGED = "LAGGED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True, slots=True)
class Follow(Generic[T]):
    """One thing a watcher hears. `seq` is the place in the log it stands for, `previous_seq` the one before it."""

    state: FollowState
    seq: int
    previous_seq: int | None
    occurred_at: datetime | None
    item: T | None


@dataclass(frozen=True, slots=True)
class _Shown(Generic[T]):
    seq: int
    occurred_at: datetime
    item: T


class _Feed(Generic[T]):
    """The one reader of one stream, and those who listen to it."""

    def __init__(
        self, stream_id: str, projection: Projection[T], broadcast: Broadcast, resync: float
    ) -> None:
        self.seq = 0
        self.projection = projection
        self.listeners: set[asyncio.Queue[_Shown[T] | None]] = set()
        self._stream_id = stream_id
        self._broadcast = broadcast
        self._resync = resync
        self._signal = broadcast.listen(stream_id)
        self._signal.set()
        self.caught_up = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            await self._wait()
            try:
                await self._take_in()
                self.caught_up.set()
            except Exception:
                log.exception("feed_read_failed", stream=self._stream_id)
                await asyncio.sleep(min(self._resync, 1))

    async def _wait(self) -> None:
        # A wake-up can be lost together with a process; reading the log now and then makes up for it.
        with suppress(TimeoutError):
            await asyncio.wait_for(self._signal.wait(), self._resync)
        self._signal.clear()

    async def _take_in(self) -> None:
        """Each transaction is shown as soon as it is folded in: what went well is not lost to one that does not."""
        for group in _transactions(await read_stream(self._stream_id, after=self.seq)):
            item = self.projection.apply(group)
            self.seq = group[-1].seq
            if item is not None:
                self._fan_out(_Shown(self.seq, group[-1].occurred_at, item))

    def _fan_out(self, shown: _Shown[T]) -> None:
        for queue in list(self.listeners):
            try:
                queue.put_nowait(shown)
            except asyncio.QueueFull:
                self.listeners.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)

    def close(self) -> None:
        self._reader.cancel()
        self._broadcast.stop_listening(self._stream_id, self._signal)


class Feeds(Generic[T]):
    """The feeds of one projection. `resync` is in seconds, `patience` in changes that a watcher may be behind."""

    def __init__(
        self,
        broadcast: Broadcast,
        projection: Callable[[], Projection[T]],
        *,
        resync: float = 5.0,
        patience: int = 500,
    ) -> None:
        self._broadcast = broadcast
        self._projection = projection
        self._resync = resync
        self._patience = patience
        self._feeds: dict[str, _Feed[T]] = {}

    async def follow(self, stream_id: str, *, after: int | None = None) -> AsyncIterator[Follow[T]]:
        """Hear a stream for as long as you iterate; close the iterator to stop."""
        feed = self._open(stream_id)
        queue: asyncio.Queue[_Shown[T] | None] = asyncio.Queue(self._patience)
        feed.listeners.add(queue)
        try:
            await feed.caught_up.wait()
            last = after
            for follow in await self._beginning(stream_id, feed, after):
                yield follow
                last = follow.seq
                if follow.state is FollowState.EXPIRED:
                    return
            async for follow in _live(queue, last or 0):
                yield follow
        finally:
            self._leave(stream_id, feed, queue)

    async def _beginning(self, stream_id: str, feed: _Feed[T], after: int | None) -> list[Follow[T]]:
        if after is None:
            return [Follow(FollowState.SNAPSHOT, feed.seq, None, None, feed.projection.snapshot())]
        if after > feed.seq:
            return [Follow(FollowState.EXPIRED, after, None, None, None)]
        return await self._replay(stream_id, after, until=feed.seq)

    async def _replay(self, stream_id: str, after: int, *, until: int) -> list[Follow[T]]:
        projection = self._projection()
        missed: list[Follow[T]] = []
        last = after
        for group in _transactions(await read_stream(stream_id, until=until)):
            item = projection.apply(group)
            seq = group[-1].seq
            if item is not None and seq > after:
                missed.append(Follow(FollowState.CHANGE, seq, last, group[-1].occurred_at, item))
                last = seq
        return missed

    def _open(self, stream_id: str) -> _Feed[T]:
        if stream_id not in self._feeds:
            self._feeds[stream_id] = _Feed(stream_id, self._projection(), self._broadcast, self._resync)
        return self._feeds[stream_id]

    def _leave(self, stream_id: str, feed: _Feed[T], queue: asyncio.Queue[_Shown[T] | None]) -> None:
        feed.listeners.discard(queue)
        if not feed.listeners and self._feeds.get(stream_id) is feed:
            del self._feeds[stream_id]
            feed.close()


async def _live(queue: asyncio.Queue[_Shown[T] | None], last: int) -> AsyncIterator[Follow[T]]:
    """What comes after `last`, until the watcher falls too far behind."""
    while (shown := await queue.get()) is not None:
        if shown.seq > last:
            yield Follow(FollowState.CHANGE, shown.seq, last, shown.occurred_at, shown.item)
            last = shown.seq
    yield Follow(FollowState.LAGGED, last, last, None, None)


def _transactions(events: list[LoggedEvent]) -> list[list[LoggedEvent]]:
    """The events as they were committed: nobody is shown half a transaction."""
    return [list(group) for _, group in groupby(events, attrgetter("change_id"))]
