"""graphql-transport-ws, with strangers in mind.

Strawberry's handler trusts the shape of messages and knows no callers. Ours checks every message's shape first, lets
nobody begin an operation whose token does not hold at that moment, and closes a socket whose token has ended.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack, aclosing
from typing import Any, Protocol, cast

from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from models.identity import new_id
from server.auth import Doorkeeper, secret_of_init
from server.limits import Limits, RequestBudget, Seats
from services.operators import Viewer

UNAUTHORIZED = (4401, "Unauthorized")
FORBIDDEN = (4403, "Forbidden")
TOO_MANY_SOCKETS = (4429, "Too many sockets")

_NULL = type(None)
_PAYLOADS: dict[str, dict[str, tuple[type, ...]]] = {
    "connection_init": {"payload": (dict, _NULL)},
    "ping": {"payload": (dict, _NULL)},
    "pong": {"payload": (dict, _NULL)},
    "complete": {"id": (str,)},
    "subscribe": {"id": (str,), "payload": (dict,)},
}
_OPERATION: dict[str, tuple[type, ...]] = {
    "query": (str,),
    "operationName": (str, _NULL),
    "variables": (dict, _NULL),
    "extensions": (dict, _NULL),
}


def is_well_formed(message: object) -> bool:
    """Does the message have the shape that the protocol gives its type?

    >>> is_well_formed({"type": "ping"}), is_well_formed(["ping"]), is_well_formed({"type": "complete", "id": 1})
    (True, False, False)
    """
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    shape = _PAYLOADS.get(message["type"])
    if shape is None or not _fits(message, shape):
        return False
    return message["type"] != "subscribe" or (message["id"] != "" and _fits(message["payload"], _OPERATION))


def _fits(values: dict[str, object], shape: dict[str, tuple[type, ...]]) -> bool:
    return all(isinstance(values.get(name), types) for name, types in shape.items())


MakeContext = Callable[[Viewer, str], Any]
"""From the caller and the request's id to what resolvers see."""


class OpeningView(Protocol):
    """What a socket needs from the view that opened it."""

    make_context: MakeContext
    doorkeeper: Doorkeeper
    budget: RequestBudget
    limits: Limits
    seats_of_tokens: Seats


def is_request_error(result: ExecutionResult) -> bool:
    """Was the request itself declined, so that nothing was executed? Strawberry names some such errors, not all."""
    return (
        result.data is None
        and bool(result.errors)
        and all(error.path is None for error in result.errors or ())
    )


class SocketAdapter(ASGIWebSocketAdapter):
    ws: WebSocket

    async def send_json(self, message: Any) -> None:
        try:
            # Bytes would leave as a binary frame, which the protocol does not know.
            await self.ws.send_text(cast(bytes, self.view.encode_json(message)).decode())
        except WebSocketDisconnect as error:
            raise WebSocketDisconnected from error


class SocketHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """One open socket."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._opener = cast(OpeningView, self.view)
        self._socket: WebSocket = cast(SocketAdapter, self.websocket).ws
        self._secret: str | None = None
        self._viewer: Viewer | None = None
        self._watch: asyncio.Task[None] | None = None
        self._seat = ExitStack()

    async def handle(self) -> None:
        with self._seat:
            await super().handle()

    async def shutdown(self) -> None:
        if self._watch:
            self._watch.cancel()
        await super().shutdown()

    async def handle_message(self, message: Message) -> None:
        if not is_well_formed(message):
            await self.handle_invalid_message("Invalid message")
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        payload = message.get("payload") or {}
        self._secret = secret_of_init(payload) or self._opener.doorkeeper.shown_by(self._socket)
        if self._secret is None:
            await self._close(UNAUTHORIZED)
        elif await self._is_still_welcome() and await self._has_a_seat():
            await super().handle_connection_init({"type": "connection_init", "payload": {}})
            self._watch = self._watch or asyncio.create_task(self._close_when_unwelcome())

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if self.connection_acknowledged:
            if not await self._is_still_welcome():
                return
            if self._opener.budget.seconds_to_wait(cast(Viewer, self._viewer).token_id):
                await self._decline(
                    message["id"], "RATE_LIMITED", "This token has used up its requests for now."
                )
                return
        await super().handle_subscribe(message)

    async def _is_still_welcome(self) -> bool:
        """Ask again who is calling; a socket whose answer has changed is closed."""
        viewer = await self._opener.doorkeeper.viewer_of(self._secret)
        if viewer is None or (self._viewer is not None and viewer.role != self._viewer.role):
            await self._close(FORBIDDEN)
            return False
        self._viewer = viewer
        self.context = self._opener.make_context(viewer, new_id("req"))
        return True

    async def _has_a_seat(self) -> bool:
        if self.connection_init_received:
            return True
        free = self._seat.enter_context(
            self._opener.seats_of_tokens.take(cast(Viewer, self._viewer).token_id)
        )
        if not free:
            await self._close(TOO_MANY_SOCKETS)
        return free

    async def _close_when_unwelcome(self) -> None:
        welcome = True
        while welcome:
            await asyncio.sleep(self._seconds_to_next_check())
            welcome = await self._is_still_welcome()

    def _seconds_to_next_check(self) -> float:
        viewer = cast(Viewer, self._viewer)
        regular = self._opener.limits.recheck_seconds
        if viewer.expires_at is None:
            return regular
        left = (viewer.expires_at - self._opener.doorkeeper.clock()).total_seconds()
        return max(0.0, min(regular, left))

    async def _decline(self, operation_id: str, code: str, sentence: str) -> None:
        error = {"message": sentence, "extensions": {"code": code}}
        await self.send_message(cast(Message, {"id": operation_id, "type": "error", "payload": [error]}))

    async def _close(self, reason: tuple[int, str]) -> None:
        await self.websocket.close(*reason)

    async def _send_result_stream(self, operation: Any, result_source: Any) -> None:
        async with aclosing(_naming_request_errors(result_source)) as results:
            await super()._send_result_stream(operation, results)

    @staticmethod
    def _get_pre_execution_close_reason(error: object) -> None:
        """A bad operation answers `error` for its id and leaves the socket to the others on it."""
        return


async def _naming_request_errors(results: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
    async for result in results:
        declined = isinstance(result, ExecutionResult) and is_request_error(result)
        yield PreExecutionError(data=None, errors=result.errors) if declined else result
