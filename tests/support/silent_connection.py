"""A line to a server that goes silent: as where a machine lost its power, or a balancer forgot its connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Line:
    """Hands on what comes over its port, both ways."""

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self._target = host, port
        self._silent = asyncio.Event()

    def fall_silent(self) -> None:
        """From here on every connection that is open swallows what it is sent; none is closed, and new ones work."""
        silent, self._silent = self._silent, asyncio.Event()
        silent.set()

    async def connect(self, near: asyncio.StreamReader, near_back: asyncio.StreamWriter) -> None:
        silent = self._silent
        far, far_back = await asyncio.open_connection(*self._target)
        try:
            await asyncio.gather(_hand_on(near, far_back, silent), _hand_on(far, near_back, silent))
        finally:
            for side in (near_back, far_back):
                side.close()


async def _hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, silent: asyncio.Event) -> None:
    with suppress(ConnectionError):
        while words := await source.read(65536):
            if not silent.is_set():
                target.write(words)
                await target.drain()
    if not silent.is_set():
        target.close()


@asynccontextmanager
async def line_to(host: str, port: int) -> AsyncIterator[Line]:
    line = Line(host, port)
    async with await asyncio.start_server(line.connect, "127.0.0.1", 0) as server:
        line.port = server.sockets[0].getsockname()[1]
        yield line
