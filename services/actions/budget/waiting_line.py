"""A priority queue to wait in, within one process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from heapq import heapify, heappush
from itertools import count


class WaitTimeout(Exception):
    """The waiter did not reach the front in time."""


Rank = tuple[int, str]


@dataclass(order=True)
class _Place:
    rank: Rank
    number: int
    is_first: asyncio.Event = field(default_factory=asyncio.Event, compare=False)


class PriorityWaitQueue:
    """The lowest rank comes first, and among equal ranks the earliest. A newcomer of a lower rank overtakes."""

    def __init__(self) -> None:
        self._places: list[_Place] = []
        self._numbers = count()

    @asynccontextmanager
    async def place(
        self, rank: Rank, *, until: float | None = None
    ) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Join the queue, and yield a function that waits until this place is first.

        That function raises WaitTimeout if the event loop's clock reaches `until` first.
        """
        place = _Place(rank, next(self._numbers))
        heappush(self._places, place)
        self._wake_first()

        async def wait_for_front() -> None:
            try:
                async with asyncio.timeout_at(until):
                    while self._places[0] is not place:
                        place.is_first.clear()
                        await place.is_first.wait()
            except TimeoutError:
                raise WaitTimeout from None

        try:
            yield wait_for_front
        finally:
            self._places.remove(place)
            heapify(self._places)
            self._wake_first()

    def _wake_first(self) -> None:
        if self._places:
            self._places[0].is_first.set()
