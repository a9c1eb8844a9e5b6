"""GraphQL over HTTP, and the start of GraphQL over a socket.

Strawberry does the work. Here it gets our JSON, our wording of errors, the media type of GraphQL over HTTP if the
client asks for it, and a context with the caller.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

import orjson
import strawberry
from cross_web import AsyncHTTPRequestAdapter, HTTPException
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse, GraphQLRequestData
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types import ExecutionResult

from schema.compiled import UNKNOWN_CALLER, Answered, CompiledReads, Missed, Question, SelectedRows
from schema.errors import UNAVAILABLE
from server.auth import Authenticator
from server.graphql_bodies import sent_in
from server.http_refusals import RETRY_AFTER, Refused, as_graphql, unauthenticated
from server.known_texts import KnownTexts
from server.limits import ConnectionSlots, Limits, RequestBudget
from server.metrics import Metrics
from server.right_of_way import RightOfWay
from server.sockets import MakeContext, SocketAdapter, SocketHandler, is_request_error
from server.token_watch import TokenWatch

RESPONSE_JSON = "application/graphql-response+json"
JSON = "application/json"


class GraphQLView(GraphQL[Any, None]):
    """Answers POSTed operations. The gate in front has read the body and knows the caller."""

    graphql_transport_ws_handler_class = SocketHandler
    websocket_adapter_class = SocketAdapter

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        make_context: MakeContext,
        doorkeeper: Authenticator,
        budget: RequestBudget,
        limits: Limits,
        metrics: Metrics,
        right_of_way: RightOfWay,
        texts: KnownTexts,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=limits.init_seconds),
            max_subscriptions_per_connection=limits.operations_per_socket,
            allowed_origins=(doorkeeper.public_url,) if doorkeeper.public_url else (),
        )
        self.make_context = make_context
        self.doorkeeper = doorkeeper
        self.budget = budget
        self.limits = limits
        self.compiled = CompiledReads(schema)
        self.texts = texts
        self.metrics = metrics
        self.finishes_rows = SelectedRows(metrics.count_selection)
        self.right_of_way = right_of_way
        self.tokens = TokenWatch(doorkeeper, limits)
        self.seats_of_tokens = ConnectionSlots(limits.sockets_per_token)
        self.seats_of_addresses = ConnectionSlots(limits.sockets_per_address)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_socket(WebSocket(scope, receive, send))
            return
        try:
            with self.right_of_way.answering():
                response = await self._respond(Request(scope, receive))
        except HTTPException as error:
            # Strawberry answers what it declines before execution as plain text.
            response = as_graphql(Refused(HTTPStatus(error.status_code), "BAD_REQUEST", error.reason))
        except Refused as refused:
            response = as_graphql(refused)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        """Answer a query by one statement. Whatever needs more is executed field by field.

        If nobody has looked at the caller's token yet, this statement does. Nothing else begins before it.
        """
        secret, request_id = request.state.secret, request.state.request_id
        context = self.make_context(request.state.viewer, request_id)
        question = self._question(request, await request.body())
        found = await self._read(question, context, certain=secret is None)
        if secret is not None and isinstance(found, Missed):
            viewer = await self.doorkeeper.viewer_of(secret)
            if viewer is None:
                raise unauthenticated()
            context = self.make_context(viewer, request_id)
            if found is UNKNOWN_CALLER:
                found = await self._read(question, context, certain=True)
        answers = self.compiled.answers
        while isinstance(found, Missed) and found.place and await answers.kept_by_others(found.place):
            found = await self._read(question, context, certain=True)
        if isinstance(found, Answered):
            self.metrics.count_operation(found.by, "")
            return Response(found.json, media_type=_media_type(request))
        self.metrics.count_operation("executed", found.reason)
        if found.reason == "no_query":
            context.finishes_rows = self.finishes_rows
        if found.reads_end_at is not None:
            context.reads_end_at = found.reads_end_at
        if found.place is None:
            return await self.run(request, context=context)
        context.keep_answer = partial(self.compiled.keep, found.place, context)
        with answers.executing(found.place):
            return await self.run(request, context=context)

    def _question(self, request: Request, body: bytes) -> Question | Missed:
        sent = sent_in(body)
        if sent is None:
            return Missed("request")
        request.state.text = text = self.look_up("http", sent.text, sent.extensions)
        if not isinstance(text, str):
            return Missed("document")
        return Question(text, sent.operation_name, sent.variables)

    async def _read(self, question: Question | Missed, context: Any, *, certain: bool) -> Answered | Missed:
        if isinstance(question, Missed):
            return question
        return await self.compiled.answer(question, context, certain=certain)

    def look_up(
        self, over: str, text: str | None, extensions: Mapping[str, Any] | None
    ) -> str | GraphQLError | None:
        """Return the text that was asked, by itself or by its hash, or why it is refused; and count how it came."""
        found, how = self.texts.look_up(text, extensions)
        self.metrics.count_document(over, how)
        return found

    async def _serve_socket(self, socket: WebSocket) -> None:
        address = socket.client.host if socket.client else ""
        with self.seats_of_addresses.take(address) as free:
            if free:
                # A client that hung up at any moment needs no answer.
                with suppress(WebSocketDisconnect):
                    await self.run(socket)
            else:
                await self.reject_websocket(socket)

    async def create_websocket_response(self, request: WebSocket, subprotocol: str | None) -> WebSocket:
        try:
            return await super().create_websocket_response(request, subprotocol)
        except OSError as error:
            raise WebSocketDisconnect(code=1006) from error

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        return None  # Of a socket: the handler creates it as soon as it knows the caller.

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        response = await super().get_sub_response(request)
        response.media_type = _media_type(request)
        return response

    async def parse_http_body(
        self, request: AsyncHTTPRequestAdapter
    ) -> GraphQLRequestData | list[GraphQLRequestData]:
        body = self.parse_json(await request.get_body())
        if not isinstance(body, dict):
            raise HTTPException(400, "Send one JSON object with a query; batches are not taken.")
        if not isinstance(body.get("operationName"), str | None):
            raise HTTPException(400, "The operation's `operationName` must be a string or null.")
        return await super().parse_http_body(request)

    async def execute_operation(
        self,
        request: Request,
        request_adapter: AsyncHTTPRequestAdapter,
        request_data: GraphQLRequestData | list[GraphQLRequestData],
        context: Any,
        root_value: None,
        sub_response: Response,
    ) -> Any:
        assert isinstance(request_data, GraphQLRequestData), "batches were declined when the body was parsed"
        if not hasattr(request.state, "text"):
            request.state.text = self.look_up("http", request_data.query, request_data.extensions)
        text = request.state.text
        if isinstance(text, GraphQLError):
            result: Any = ExecutionResult(data=None, errors=[text])
        else:
            request_data.query = text
            result = await super().execute_operation(
                request, request_adapter, request_data, context, root_value, sub_response
            )
        declined = isinstance(result, ExecutionResult) and is_request_error(result)
        if declined and sub_response.media_type == RESPONSE_JSON:
            sub_response.status_code = HTTPStatus.BAD_REQUEST
        if isinstance(result, ExecutionResult) and is_unavailable(result):
            sub_response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
            sub_response.headers["retry-after"] = RETRY_AFTER
        return result

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        answer = await super().process_result(request, result)
        if is_request_error(result):
            answer.pop("data", None)
        return answer

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        status = sub_response.status_code or HTTPStatus.OK
        waiting = {name: value for name, value in sub_response.headers.items() if name == "retry-after"}
        return Response(self.encode_json(response_data), status, waiting, sub_response.media_type)

    def decode_json(self, data: str | bytes) -> object:
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)


def _media_type(request: Request | WebSocket) -> str:
    return RESPONSE_JSON if RESPONSE_JSON in request.headers.get("accept", "") else JSON


def is_unavailable(result: ExecutionResult) -> bool:
    """Return whether a part of the operation met a database that does not answer."""
    return any((error.extensions or {}).get("code") == UNAVAILABLE for error in result.errors or ())


class PostOnly:
    """Answers 405 to every other method, before the caller is authenticated."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "POST":
            refused = Refused(
                HTTPStatus.METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Send a POST.", {"Allow": "POST"}
            )
            await as_graphql(refused)(scope, receive, send)
            return
        await self._app(scope, receive, send)
