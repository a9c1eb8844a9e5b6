"""Requests go first: what is delivered to watchers waits for them, but never for long."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class RightOfWay:
    """Makes deliveries wait while requests are answered, at most `longest` seconds at a time.

    So deliveries go on, more slowly, however many requests there are.
    """

    def __init__(self, longest: float = 0.02) -> None:
        self._longest = longest
        self._answering = 0
        self._quiet = asyncio.Event()

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Answer a request inside the block."""
        self._answering += 1
        self._quiet.clear()
        try:
            yield
        finally:
            self._answering -= 1
            if not self._answering:
                self._quiet.set()

    async def give_way(self) -> None:
        """Wait until requests have had their turn."""
        await asyncio.sleep(0)
        if self._answering:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._longest):
                    await self._quiet.wait()
