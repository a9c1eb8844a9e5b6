"""Many watchers over real sockets: clients that only count what comes, and a bare server that only sends."""

import asyncio
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from struct import pack, unpack_from

import orjson
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
UNMASKED = b"\0\0\0\0"

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


class Watcher(asyncio.Protocol):
    """One socket. It answers pings, and keeps of its items their number and, if asked to, their texts."""

    def __init__(self, *messages: object, keep: bool = False) -> None:
        self.received = self.bytes = 0
        self.kept: list[bytes] = []
        self.begun = asyncio.get_running_loop().create_future()
        self._messages = messages
        self._keep = keep
        self._buffer = bytearray()
        self._accepted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.begun.done():
            self.begun.set_exception(ConnectionError("The socket was closed before its first item."))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._accepted:
            head, end, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._accepted, self._buffer = True, bytearray(rest)
            self._transport.write(b"".join(_frame(TEXT, orjson.dumps(one)) for one in self._messages))
        for opcode, payload in self._frames():
            if opcode == PING:
                self._transport.write(_frame(PONG, payload))
            elif opcode == CLOSE:
                self._transport.close()
            elif b'"connection_ack"' not in payload[:40]:
                self._take(payload)

    def _take(self, payload: bytes) -> None:
        self.received += 1
        self.bytes += len(payload)
        if self._keep:
            self.kept.append(payload)
        if not self.begun.done():
            self.begun.set_result(None)

    def _frames(self) -> Iterator[tuple[int, bytes]]:
        buffer, at = self._buffer, 0
        while len(buffer) - at >= 2:
            opcode, size, start = buffer[at] & 15, buffer[at + 1], at + 2
            if size >= 126:
                start += (wide := 2 if size == 126 else 8)
                if len(buffer) < start:
                    break
                (size,) = unpack_from(">H" if wide == 2 else ">Q", buffer, at + 2)
            if len(buffer) < start + size:
                break
            at = start + size
            yield opcode, bytes(buffer[start:at])
        del buffer[:at]

    def ask(self, port: int, path: str) -> None:
        key = b64encode(b"sixteen bytes...").decode()
        self._transport.write(HANDSHAKE.format(path=path, port=port, key=key).encode())

    def hang_up(self) -> None:
        self._transport.abort()


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    length = pack(">B", 128 | size) if size < 126 else pack(">BH", 128 | 126, size)
    return bytes([128 | opcode]) + length + UNMASKED + payload


async def open_watcher(port: int, watcher: Watcher, *, path: str = "/graphql", address: str) -> Watcher:
    """Open the watcher's socket from this address of the machine, and wait for its first item."""
    loop = asyncio.get_running_loop()
    await loop.create_connection(lambda: watcher, "127.0.0.1", port, local_addr=(address, 0))
    watcher.ask(port, path)
    await watcher.begun
    return watcher


def serve_bare() -> None:
    """Serve `/graphql`, where each socket gets what is posted to `/send`, and nothing else happens."""
    watching: set[WebSocket] = set()

    async def watch(socket: WebSocket) -> None:
        await socket.accept(subprotocol="graphql-transport-ws")
        await socket.send_text("begun")
        watching.add(socket)
        with suppress(WebSocketDisconnect):
            async for _ in socket.iter_text():
                pass
        watching.discard(socket)

    async def send(request: Request) -> Response:
        text = (await request.body()).decode()
        for socket in list(watching):
            await socket.send_text(text)
        return Response()

    async def serve() -> None:
        routes = [WebSocketRoute("/graphql", watch), Route("/send", send, methods=["POST"])]
        config = uvicorn.Config(
            Starlette(routes=routes),
            port=0,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            log_config=None,
            access_log=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
        await serving

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


if __name__ == "__main__":
    sys.exit(serve_bare())
