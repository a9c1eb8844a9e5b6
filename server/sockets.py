"""graphql-transport-ws for untrusted clients.

Strawberry's handler trusts the shape of messages and does not know callers. Ours first checks the shape of every
message, starts no operation without a token that is valid at that moment, and closes a socket whose token has
ended.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import ExitStack, aclosing, suppress
from functools import partial
from typing import Any, Protocol, cast

import orjson
import structlog
from graphql import GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
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
from schema.compiled import SelectedRows
from schema.streams import ReadyResult
from server.auth import Authenticator, secret_of_init
from server.limits import ConnectionSlots, Limits, RequestBudget
from server.protocol import FramedText
from server.token_watch import FORBIDDEN, TRY_AGAIN, Close, Guest, TokenWatch
from services.operators import Viewer

log = structlog.get_logger(__name__)

UNAUTHORIZED = (4401, "Unauthorized")
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
    "query": (str, _NULL),
    "operationName": (str, _NULL),
    "variables": (dict, _NULL),
    "extensions": (dict, _NULL),
}


def is_well_formed(message: object) -> bool:
    """Return whether the message has the shape that the protocol gives its type.

    >>> is_well_formed({"type": "ping"}), is_well_formed(["ping"]), is_well_formed({"type": "complete", "id": 1})
    (True, False, False)
    """
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        return False
    shape = _PAYLOADS.get(message["type"])
    if shape is None or not _fits(message, shape):
        return False
    return message["type"] != "subscribe" or (message["id"] != "" and _is_operation(message["payload"]))


def _is_operation(payload: dict[str, Any]) -> bool:
    if not _fits(payload, _OPERATION):
        return False
    return payload.get("query") is not None or "persistedQuery" in (payload.get("extensions") or {})


def _fits(values: dict[str, object], shape: dict[str, tuple[type, ...]]) -> bool:
    return all(isinstance(values.get(name), types) for name, types in shape.items())


MakeContext = Callable[[Viewer, str], Any]
"""Makes the resolvers' context from the caller and the request's id."""


class OpeningView(Protocol):
    """What a socket needs from the view that opened it."""

    make_context: MakeContext
    finishes_rows: SelectedRows
    doorkeeper: Authenticator
    budget: RequestBudget
    limits: Limits
    seats_of_tokens: ConnectionSlots
    tokens: TokenWatch

    def look_up(
        self, over: str, text: str | None, extensions: Mapping[str, Any] | None
    ) -> str | GraphQLError | None: ...


def is_request_error(result: ExecutionResult) -> bool:
    """Return whether the request was declined before execution. Strawberry marks only some such errors."""
    return (
        result.data is None
        and bool(result.errors)
        and all(error.path is None for error in result.errors or ())
    )


def next_message(result: ReadyResult, operation_id: str) -> FramedText:
    """Return the message that carries a result to an operation."""
    head = b'{"id":' + orjson.dumps(operation_id) + b',"type":"next","payload":'
    return FramedText.of(head + result.json + b"}")


class SocketAdapter(ASGIWebSocketAdapter):
    ws: WebSocket

    async def send_json(self, message: Any) -> None:
        # Bytes would be sent as a binary frame, which the protocol does not have.
        await self._send(cast(bytes, self.view.encode_json(message)).decode())

    async def send_ready(self, result: ReadyResult, operation_id: str) -> None:
        """Send an item, whose message is written once for all operations with the same id."""
        await self._send(result.once(operation_id, partial(next_message, result, operation_id)))

    async def _send(self, text: str) -> None:
        if self.ws.application_state is WebSocketState.DISCONNECTED:
            raise WebSocketDisconnected
        try:
            await self.ws.send_text(text)
        except WebSocketDisconnect as error:
            raise WebSocketDisconnected from error

    async def close(self, code: int, reason: str) -> None:
        # Two tasks may close at once: the reader, and the one that watches the token.
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            with suppress(WebSocketDisconnect):
                await self.ws.close(code=code, reason=reason)


class SocketHandler(BaseGraphQLTransportWSHandler[Any, None]):
    """One open socket."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._opener = cast(OpeningView, self.view)
        self._socket: WebSocket = cast(SocketAdapter, self.websocket).ws
        self._guest: Guest | None = None
        self._held = ExitStack()
        self._closing: asyncio.Task[None] | None = None

    async def handle(self) -> None:
        with self._held:
            await super().handle()

    async def handle_message(self, message: Message) -> None:
        if not is_well_formed(message):
            await self.handle_invalid_message("Invalid message")
            return
        await super().handle_message(message)

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        payload = message.get("payload") or {}
        secret = secret_of_init(payload) or self._opener.doorkeeper.shown_by(self._socket)
        if secret is None:
            await self._close(UNAUTHORIZED)
        elif self._guest is not None or await self._let_in(secret):
            await super().handle_connection_init({"type": "connection_init", "payload": {}})

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        if self.connection_acknowledged:
            guest = cast(Guest, self._guest)
            if not await self._opener.tokens.is_welcome(guest):
                return
            self.context = self._opener.make_context(guest.viewer, new_id("req"))
            self.context.finishes_rows = self._opener.finishes_rows
            if self._opener.budget.seconds_to_wait(guest.viewer.token_id):
                await self._decline(
                    message["id"], "RATE_LIMITED", "This token has used up its requests for now."
                )
                return
            # Of a message that is well-formed; Strawberry's type knows no extensions.
            payload = cast(dict[str, Any], message["payload"])
            text = self._opener.look_up("socket", payload.get("query"), payload.get("extensions"))
            if not isinstance(text, str):
                assert text is not None, "a well-formed message has a text or a hash"
                await self._decline(message["id"], str((text.extensions or {})["code"]), text.message)
                return
            message["payload"]["query"] = text
        await super().handle_subscribe(message)

    async def handle_task_exception(self, error: Exception) -> None:
        """A client that hung up during its answer is not an error."""
        if not isinstance(error, WebSocketDisconnected):
            log.error("socket_operation_failed", exc_info=error)

    async def _let_in(self, secret: str) -> bool:
        """Find out who the caller is, take a seat and begin to watch over the token; or close the socket."""
        try:
            viewer = await self._authenticate_twice(secret)
        except Exception:
            log.warning("socket_caller_unknown", exc_info=True)
            await self._close(TRY_AGAIN)
            return False
        if viewer is None:
            await self._close(FORBIDDEN)
        elif not self._held.enter_context(self._opener.seats_of_tokens.take(viewer.token_id)):
            await self._close(TOO_MANY_SOCKETS)
        else:
            self._guest = Guest(viewer, self._show_out)
            self._held.enter_context(self._opener.tokens.over(self._guest))
        return self._guest is not None

    async def _authenticate_twice(self, secret: str) -> Viewer | None:
        """Return the caller. One failed read of the database decides nothing."""
        try:
            return await self._opener.doorkeeper.viewer_of(secret)
        except Exception:
            log.info("socket_caller_looked_up_again", exc_info=True)
            await asyncio.sleep(self._opener.limits.look_again_seconds)
            return await self._opener.doorkeeper.viewer_of(secret)

    def _show_out(self, reason: Close) -> None:
        # A client that reads nothing keeps its closing waiting, and nobody else's.
        self._closing = asyncio.create_task(self._close(reason))

    async def _decline(self, operation_id: str, code: str, sentence: str) -> None:
        error = {"message": sentence, "extensions": {"code": code}}
        await self.send_message(cast(Message, {"id": operation_id, "type": "error", "payload": [error]}))

    async def _close(self, reason: Close) -> None:
        await self.websocket.close(*reason)

    async def _send_result_stream(self, operation: Any, result_source: Any) -> None:
        async with aclosing(self._unsent(operation, result_source)) as results:
            await super()._send_result_stream(operation, results)

    async def _unsent(self, operation: Any, results: AsyncGenerator[Any, None]) -> AsyncGenerator[Any, None]:
        """Send the results that are ready for that, and yield the others."""
        async for result in results:
            if isinstance(result, ReadyResult):
                if not operation.completed:
                    await cast(SocketAdapter, self.websocket).send_ready(result, operation.id)
            elif isinstance(result, ExecutionResult) and is_request_error(result):
                yield PreExecutionError(data=None, errors=result.errors)
            else:
                yield result

    @staticmethod
    def _get_pre_execution_close_reason(error: object) -> None:
        """A bad operation answers `error` for its id and leaves the socket open for the others."""
        return
