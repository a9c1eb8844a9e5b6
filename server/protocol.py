"""uvicorn's HTTP protocol, with a limit on how long a request's head may take, and a name for one that is too large."""

import asyncio
import sys
from asyncio import TimerHandle, Transport
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from server.limits import Limits


class PatientProtocol(H11Protocol):
    """Waits for a head, but not for ever. An upgraded connection is a socket's: no timer of ours runs on it."""

    limits = Limits()
    _head_timer: TimerHandle | None = None
    _refused = False

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

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
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        # Called while h11's error is being handled, and only that error knows that it was the size.
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
        """Say that we are done, and let the other side finish: closing over unread bytes would lose our answer."""
        self._refused = True
        if self.transport.can_write_eof():
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(self.limits.linger_seconds, self.transport.close)
