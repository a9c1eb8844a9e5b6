"""Tells this process that a stream has grown, or that there is work. A wake-up carries nothing: look for yourself."""

import asyncio
from collections import defaultdict

WORK = "work"


class Broadcast:
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

    def wake(self, topic: str) -> None:
        for signal in self._waiting.get(topic, ()):
            signal.set()
