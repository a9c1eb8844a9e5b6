"""A small forward proxy on this machine, which leads every host name to one CRM."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"


@dataclass
class ForwardProxy:
    """`crm` is the port that every plain request is forwarded to; a tunnel leads nowhere.

    `refusing` is the status with which it answers everything instead. `requests` are the request lines that it met,
    `heads` their heads as they came, and `tunnelled` the first bytes of each tunnel.
    """

    crm: int
    port: int = 0
    refusing: int | None = None
    requests: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    tunnelled: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(HEAD_END)
            line = head.partition(b"\r\n")[0].decode()
            self.heads.append(head)
            self.requests.append(line)
            if self.refusing is not None:
                writer.write(f"HTTP/1.1 {self.refusing} Refused\r\nContent-Length: 0\r\n\r\n".encode())
            elif line.startswith("CONNECT "):
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self.tunnelled.append(await reader.read(4096))
            else:
                await self._forward(head, reader, writer)
            await writer.drain()
        writer.close()

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_crm, to_crm = await asyncio.open_connection("127.0.0.1", self.crm)
        to_crm.write(_for_origin(head))
        sending = asyncio.create_task(pump(reader, to_crm))
        await pump(from_crm, writer)
        sending.cancel()
        to_crm.close()


def _for_origin(head: bytes) -> bytes:
    """The head as the CRM reads it: with a path for an address, and without what was meant for the proxy."""
    line, *fields = head.split(b"\r\n")
    method, address, version = line.split(b" ")
    path = b"/" + address.partition(b"://")[2].partition(b"/")[2]
    kept = [one for one in fields if not one.lower().startswith(b"proxy-authorization:")]
    return b"\r\n".join([b" ".join([method, path, version]), *kept])


async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while chunk := await source.read(65536):
            target.write(chunk)
            await target.drain()


@asynccontextmanager
async def forward_proxy(crm: int) -> AsyncIterator[ForwardProxy]:
    proxy = ForwardProxy(crm)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    async with server:
        yield proxy
