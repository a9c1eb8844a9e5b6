"""uvicorn's protocols with our limits, and clear answers to what goes wrong.

A request's head has limited time, an address a limited number of connections, and a socket with a silent client is
closed so that the client reconnects.
"""

from asyncio import TimerHandle, Transport
from contextlib import ExitStack
from http import HTTPStatus
from urllib.parse import urlsplit

import httptools
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import State

from server.limits import ConnectionSlots, Limits

TRY_AGAIN_LATER = 1013
"""Clients reconnect after this close code, as after 1012; after 1011 they never do."""


class Unacceptable(Exception):
    """A request that is well formed, but that no server has to take."""


class StrictHttpProtocol(HttpToolsProtocol):
    """Limits the time and the size of a head, and takes what the parser lets pass only if HTTP/1.1 says so.

    An upgraded connection belongs to a socket: no timer of ours runs on it.
    """

    limits = Limits()
    seats = ConnectionSlots(limits.connections_per_address)
    _head_timer: TimerHandle | None = None
    _refused = False
    _in_head = False
    _fruitless = 0
    """Bytes since the parser last came to the end of a head, a message or a piece of a body."""

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
        self._unset_keepalive_if_required()
        self._fruitless += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._refuse(HTTPStatus.BAD_REQUEST)
        else:
            if self._fruitless > self.limits.head_bytes:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            elif self._is_answering:
                self._stop_waiting()
            elif self._head_timer is None:
                self._expect_head()

    def on_message_begin(self) -> None:
        if len(self.pipeline) >= self.limits.requests_ahead:
            raise Unacceptable
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # What follows a body in pieces is no header: who reads the headers has read them by then.
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head, self._fruitless = False, 0
        version = self.parser.get_http_version()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if version not in ("1.0", "1.1") or hosts > 1 or (version == "1.1" and not hosts):
            raise Unacceptable
        if self.parser.should_upgrade():
            if self._is_answering or self.parser.get_method() == b"CONNECT":
                raise Unacceptable
            if not self._should_upgrade():
                return
        if not self.url.startswith(b"/"):
            self._take_absolute_form()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._fruitless = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._fruitless = 0
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._stop_waiting()
        self._seat.close()
        super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._seat.close()
        super().connection_lost(exc)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _upgrade(self, rest: bytes) -> None:
        """Become a socket, or read the request anew without the wish for another protocol, which nobody has to grant.

        The parser takes the bytes after any such wish for the other protocol's, so the request would lose its body.
        """
        if self._should_upgrade():
            self.handle_websocket_upgrade()
            return
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        kept = [b"%b: %b" % header for header in self.headers if header[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.data_received(
            b"\r\n".join([b"%b %b HTTP/%b" % (method, self.url, version), *kept, b"", b""]) + rest
        )

    def _take_absolute_form(self) -> None:
        """Take a whole address as its path, on the host that the address names."""
        address = urlsplit(self.url)
        self.url = (address.path or b"/") + (b"?" + address.query if address.query else b"")
        if address.netloc:
            self.headers[:] = [header for header in self.headers if header[0] != b"host"]
            self.headers.append((b"host", address.netloc))

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(self.limits.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._head_timer = None
        if not self.transport.is_closing():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _refuse(self, status: HTTPStatus) -> None:
        """Refuse what is being received. An answer that is under way would be mixed with ours: it ends here."""
        self._refused = True
        self._stop_waiting()
        if self._is_answering:
            self.transport.abort()
            return
        self.transport.write(STATUS_LINE[status] + b"connection: close\r\ncontent-length: 0\r\n\r\n")
        self._linger()

    def _linger(self) -> None:
        """Finish sending and let the client finish: closing over unread bytes would lose our answer."""
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.loop.call_later(self.limits.linger_seconds, self.transport.close)


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
