"""uvicorn's protocols with our limits, and clear answers to what goes wrong.

A request's head has limited time, an address a limited number of connections, and a socket with a silent client is
closed so that the client reconnects.
"""

import asyncio
import sys
from asyncio import TimerHandle, Transport
from contextlib import ExitStack
from http import HTTPStatus
from urllib.parse import urlsplit

import h11
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from server.limits import ConnectionSlots, Limits

TRY_AGAIN_LATER = 1013
"""Clients reconnect after this close code, as after 1012; after 1011 they never do."""


class SlowClientProtocol(H11Protocol):
    """Limits the wait for a head. An upgraded connection belongs to a socket: no timer of ours runs on it."""

    limits = Limits()
    seats = ConnectionSlots(limits.connections_per_address)
    _head_timer: TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._seat = ExitStack()
        address = self.client[0] if self.client else ""
        if self._seat.enter_context(self.seats.take(address)):
            self._expect_head()
        else:
            self._refused = True
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._head_timer is None:
            self._expect_head()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop_waiting()
        self._seat.close()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._seat.close()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        # This runs while h11's error is handled, and only that error says that the size was the problem.
        error = sys.exc_info()[1]
        if getattr(error, "error_status_hint", 400) == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
            self._refuse_head(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _expect_head(self) -> None:
        loop = asyncio.get_running_loop()
        self._head_timer = loop.call_later(self.limits.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._refuse_head(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse_head(self, status: HTTPStatus) -> None:
        head = h11.Response(
            status_code=status,
            headers=[("connection", "close"), ("content-length", "0")],
            reason=status.phrase,
        )
        for event in (head, h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self._linger()

    def _linger(self) -> None:
        """Finish sending and let the client finish: closing over unread bytes would lose our answer."""
        self._refused = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(self.limits.linger_seconds, self.transport.close)


class FramedText(str):
    """A text with its frame, which is the same for all sockets: a server's frames have no mask."""

    __slots__ = ("frame",)
    frame: bytes

    @classmethod
    def of(cls, text: bytes) -> "FramedText":
        framed = cls(text.decode())
        framed.frame = Frame(Opcode.TEXT, text).serialize(mask=False)
        return framed


class PatientSocketProtocol(WebSocketsSansIOProtocol):
    """Sends frames that are ready.

    It closes a silent socket with a code that means "reconnect": most often, the client's machine slept.
    """

    async def send(self, message: ASGISendEvent) -> None:
        text = message.get("text")
        if isinstance(text, FramedText) and self.conn.state is State.OPEN and not self.conn.extensions:
            await self.writable.wait()
            if not self.disconnected and not self.close_sent and self.conn.state is State.OPEN:
                self.transport.write(text.frame)
                return
        await super().send(message)

    def keepalive_timeout(self) -> None:
        self.pong_timer = self.pending_ping_payload = None
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.fail(TRY_AGAIN_LATER, "No answer to a ping")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()


class OriginForm:
    """Turns a request for an absolute address into one for its path, on the host that the address names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan" and not scope["path"].startswith("/"):
            address, path = urlsplit(scope["raw_path"].decode("ascii")), urlsplit(scope["path"])
            scope = {**scope, "path": path.path or "/", "raw_path": (address.path or "/").encode("ascii")}
            if address.netloc:
                MutableHeaders(scope=scope)["host"] = address.netloc
        await self._app(scope, receive, send)
