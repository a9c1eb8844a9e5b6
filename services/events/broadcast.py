"""Tells this process that a stream has grown. A wake-up carries nothing: look for yourself."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from models.transaction import after_commit


class Broadcast:
    """Reaches those who listen in this process."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def listen(self, topic: str) -> asyncio.Event:
        """An event that is set whenever the topic is woken; hand it back with `stop_listening`."""
        signal = asyncio.Event()
        self._waiting[topic].add(signal)
        return signal

    def stop_listening(self, topic: str, signal: asyncio.Event) -> None:
        self._waiting[topic].discard(signal)
        if not self._waiting[topic]:
            del self._waiting[topic]

    async def publish(self, topics: Sequence[str]) -> None:
        """Wake those who listen to the topics once the surrounding transaction is on disk."""
        for topic in topics:
            after_commit(partial(self.wake, topic))

    def wake(self, topic: str) -> None:
        for signal in self._waiting.get(topic, ()):
            signal.set()

    def wake_all(self) -> None:
        """Wake everybody who listens, because something may have been missed."""
        for topic in self._waiting:
            self.wake(topic)
