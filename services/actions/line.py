"""A line to stand in, within one process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count


class OutOfPatience(Exception):
    """The turn did not come in time."""


Rank = tuple[int, str]


class Line:
    """One at a time has the turn. Of those who wait it is next the one of the lowest rank, and of these the first."""

    def __init__(self) -> None:
        self._taken = False
        self._waiting: list[tuple[Rank, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @asynccontextmanager
    async def turn(self, rank: Rank, *, until: float | None = None) -> AsyncIterator[None]:
        """Wait for the turn; leave the line by OutOfPatience where it has not come at that time of the event loop."""
        try:
            async with asyncio.timeout_at(until):
                await self._wait(rank)
        except TimeoutError:
            raise OutOfPatience from None
        try:
            yield
        finally:
            self._call_next()

    async def _wait(self, rank: Rank) -> None:
        if not self._taken:
            self._taken = True
            return
        called = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (rank, next(self._numbers), called))
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():
                # Called and cancelled in the same moment.
                self._call_next()
            raise

    def _call_next(self) -> None:
        while self._waiting:
            _, _, called = heappop(self._waiting)
            if not called.done():
                called.set_result(None)
                return
        self._taken = False
