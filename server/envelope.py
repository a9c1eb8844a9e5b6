"""What every request gets: an id, headers on its answer, a log line, and the answer to an unexpected error."""

from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.availability import is_unavailable
from models.identity import new_id
from server.http_refusals import Refused, Wording, as_problem, unavailable
from server.metrics import Metrics

log = structlog.get_logger(__name__)

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class RequestMiddleware:
    """Gives every request an id, every answer our headers, and the log one line.

    An unexpected error ends here: the caller gets the id, and the log has the error under it.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, monotonic: Callable[[], float]) -> None:
        self._app = app
        self._metrics = metrics
        self._monotonic = monotonic
        # Bound once: a logger of its own for each line is a third of what the line costs.
        self._log = log.bind()

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
                await self._answer(scope, receive, _WithHeaders(send, request_id))

    async def _answer(self, scope: Scope, receive: Receive, send: "_WithHeaders") -> None:
        began = self._monotonic()
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            send.status = send.status or 499  # The status that proxies log if the client is gone.
        except Exception as error:
            if is_unavailable(error):
                log.exception("database_unavailable")
                refused = unavailable()
            else:
                log.exception("request_failed")
                refused = _internal_error(send.request_id)
            if not send.status:
                wording: Wording = scope["state"].get("wording", as_problem)
                await wording(refused)(scope, receive, send)
        finally:
            seconds = self._monotonic() - began
            route = getattr(scope.get("route"), "path", "unknown")
            self._metrics.count_request(scope["method"], route, send.status, seconds)
            # Only the path: a query may hold a sign-in code.
            self._log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=send.status,
                ms=round(seconds * 1000, 1),
            )


@dataclass
class _WithHeaders:
    """Forwards messages and adds each of our headers that an answer does not have."""

    send: Send
    request_id: str
    status: int = field(default=0, init=False)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            given = message["headers"]
            names = {name for name, _ in given}
            ours = (one for one in HEADERS if one[0] not in names)
            message["headers"] = [*given, *ours, (b"x-request-id", self.request_id.encode())]
        await self.send(message)


def _internal_error(request_id: str) -> Refused:
    return Refused(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "INTERNAL_ERROR",
        f"Something is wrong here; it is logged as {request_id}.",
    )
