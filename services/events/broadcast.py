"""Wakes the listeners of this process when a stream has grown.

A wake-up carries no data: the listener reads the log.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import partial

from models.row_writes import Writes
from models.transaction import after_commit

ANY = ""
"""The topic of those who are woken whenever any stream has grown."""


class Broadcast:
    """Wakes the listeners of this process."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def listen(self, topic: str) -> asyncio.Event:
        """Return an event that is set whenever the topic is woken. Return it with `stop_listening`."""
        signal = asyncio.Event()
        self._waiting[topic].add(signal)
        return signal

    def stop_listening(self, topic: str, signal: asyncio.Event) -> None:
        self._waiting[topic].discard(signal)
        if not self._waiting[topic]:
            del self._waiting[topic]

    def publish(self, topics: Sequence[str], writes: Writes) -> None:
        """Wake the listeners of the topics after the surrounding transaction, which sends `writes`, has committed."""
        for topic in topics:
            after_commit(partial(self.wake, topic))

    def wake(self, topic: str) -> None:
        for signal in (*self._waiting.get(topic, ()), *self._waiting.get(ANY, ())):
            signal.set()

    def wake_all(self) -> None:
        """Wake all listeners, because wake-ups may have been missed."""
        for topic in self._waiting:
            self.wake(topic)
