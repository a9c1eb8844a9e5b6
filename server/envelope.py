"""What surrounds every request: its id, the headers of every answer, one line of log, and the last resort."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.identity import new_id
from server.metrics import Metrics
from server.refused import Refused, as_graphql

log = structlog.get_logger(__name__)

HEADERS = {
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "same-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Envelope:
    """Gives every request an id, every answer our headers, and the log a line of it.

    What nobody expected ends here: the caller learns the id, the log has the rest under it.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, monotonic: Callable[[], float]) -> None:
        self._app = app
        self._metrics = metrics
        self._monotonic = monotonic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        request_id = new_id("req")
        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "websocket":
                with self._metrics.open_sockets.track_inprogress():
                    await self._app(scope, receive, send)
            else:
                await self._answer(scope, receive, _Sealed(send, request_id))

    async def _answer(self, scope: Scope, receive: Receive, send: "_Sealed") -> None:
        began = self._monotonic()
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            send.status = send.status or 499  # As proxies write where nobody was left to answer.
        except Exception:
            log.exception("request_failed")
            if not send.status:
                await as_graphql(_internal_error(send.request_id))(scope, receive, send)
        finally:
            seconds = self._monotonic() - began
            route = getattr(scope.get("route"), "path", "unknown")
            self._metrics.count_request(scope["method"], route, send.status, seconds)
            # The path alone: a query may hold a sign-in code.
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=send.status,
                ms=round(seconds * 1000, 1),
            )


@dataclass
class _Sealed:
    """Sends on, with our headers on every answer that has none of its own of that name."""

    send: Send
    request_id: str
    status: int = field(default=0, init=False)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["x-request-id"] = self.request_id
        await self.send(message)


def _internal_error(request_id: str) -> Refused:
    return Refused(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "INTERNAL_ERROR",
        f"Something is wrong here; it is logged as {request_id}.",
    )
