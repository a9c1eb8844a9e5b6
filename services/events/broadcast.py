"""Tells this process that a stream has grown. A wake-up carries nothing: whoever hears it reads the log."""

import asyncio
from collections import defaultdict


class Broadcast:
    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def listen(self, stream_id: str) -> asyncio.Event:
        """An event that is set whenever the stream may have grown; hand it back with `stop_listening`."""
        signal = asyncio.Event()
        self._waiting[stream_id].add(signal)
        return signal

    def stop_listening(self, stream_id: str, signal: asyncio.Event) -> None:
        self._waiting[stream_id].discard(signal)
        if not self._waiting[stream_id]:
            del self._waiting[stream_id]

    def wake(self, stream_id: str) -> None:
        for signal in self._waiting.get(stream_id, ()):
            signal.set()
