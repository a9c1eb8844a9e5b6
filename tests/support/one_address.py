"""One address in front of several hubs: each connection goes to the next of them, as behind a load balancer."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

from tests.support.forward_proxy import pump


@dataclass
class OneAddress:
    """`address` leads nowhere before `lead_to` says where. `connections` counts those to each hub."""

    address: str = ""
    connections: Counter[str] = field(default_factory=Counter)

    def lead_to(self, *hubs: str) -> None:
        self._next = cycle(hubs)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hub = next(self._next)
        self.connections[hub] += 1
        place = urlsplit(hub)
        from_hub, to_hub = await asyncio.open_connection(place.hostname, place.port)
        with closing(writer), closing(to_hub):
            ways = [asyncio.create_task(pump(reader, to_hub)), asyncio.create_task(pump(from_hub, writer))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()


@asynccontextmanager
async def one_address() -> AsyncIterator[OneAddress]:
    front = OneAddress()
    server = await asyncio.start_server(front.serve, "127.0.0.1", 0)
    front.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield front
