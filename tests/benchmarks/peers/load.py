"""Clients over HTTP that ask again as soon as they are answered.

An answer may take less than a millisecond, and the database has the same core: they time finely, and do little else.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

WAIT = 60.0
"""Seconds after which a server counts as stuck."""

Request = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Load:
    """Seconds that it took, milliseconds of each answer, and the last body."""

    seconds: float
    times: Sequence[float]
    body: bytes


@dataclass
class _Client(asyncio.Protocol):
    """One connection: a request, its answer, the next request, until the time is up."""

    request: Request
    until: float
    done: asyncio.Future[None]
    times: list[float] = field(default_factory=list)
    body: bytes = b""
    _got: bytearray = field(default_factory=bytearray)
    _ends_at: int | None = None
    """Where the answer ends. None: not known yet. -1: with the last chunk."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._got.clear()
        self._ends_at = None
        self._asked = time.perf_counter()
        self._transport.write(self.request())

    def data_received(self, data: bytes) -> None:
        self._got += data
        if self._ends_at is None and (head := self._got.find(b"\r\n\r\n")) >= 0:
            self._head = head + 4
            self._ends_at = _end_of(bytes(self._got[:head]).lower(), self._head)
        if self._ends_at is None:
            return
        if self._got.endswith(b"\r\n0\r\n\r\n") if self._ends_at < 0 else len(self._got) >= self._ends_at:
            self._answered()

    def _answered(self) -> None:
        now = time.perf_counter()
        self.times.append((now - self._asked) * 1000)
        body = self._got[self._head :]
        if not self._got.startswith(b"HTTP/1.1 200") or b'"errors":' in body:
            self._end(AssertionError(bytes(self._got[:2000]).decode()))
        elif now < self.until:
            self._ask()
        else:
            self.body = _unchunked(bytes(body)) if self._ends_at == -1 else bytes(body)
            self._end(None)

    def _end(self, failure: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(failure) if failure else self.done.set_result(None)
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end(ConnectionResetError("The server closed the connection."))


def _end_of(head: bytes, begins_at: int) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name == b"content-length":
            return begins_at + int(value)
    assert b"chunked" in head, head
    return -1


def _unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        whole, body = whole + rest[:length], rest[length + 2 :]
    return whole


async def put_load(port: int, requests: Sequence[Request], seconds: float) -> Load:
    """Let a client for each of the `requests` ask this port for so long. Zero seconds are one request of each."""
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    clients = [_Client(request, began + seconds, loop.create_future()) for request in requests]
    async with asyncio.timeout(seconds + WAIT):
        for client in clients:
            await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
        await asyncio.gather(*(client.done for client in clients))
    ended = time.perf_counter()
    return Load(ended - began, [one for client in clients for one in client.times], clients[0].body)
