"""A line to stand in, within one process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from heapq import heapify, heappush
from itertools import count


class OutOfPatience(Exception):
    """The turn did not come in time."""


Rank = tuple[int, str]


@dataclass(order=True)
class _Place:
    rank: Rank
    number: int
    comes_first: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class Line:
    """First is whoever has the lowest rank, and of these whoever came first; until somebody of a lower rank comes."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._numbers = count()

    @asynccontextmanager
    async def place(
        self, rank: Rank, *, until: float | None = None
    ) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Stand in the line, with a way to wait until one comes first.

        That raises OutOfPatience where it is not so at the time `until` of the event loop.
        """
        place = _Place(rank, next(self._numbers))
        heappush(self._places, place)
        self._tell_the_first()

        async def come_first() -> None:
            try:
                async with asyncio.timeout_at(until):
                    while self._places[0] is not place:
                        place.comes_first.clear()
                        await place.comes_first.wait()
            except TimeoutError:
                raise OutOfPatience from None

        try:
            yield come_first
        finally:
            self._places.remove(place)
            heapify(self._places)
            self._tell_the_first()

    def _tell_the_first(self) -> None:
        if self._places:
            self._places[0].comes_first.set()
