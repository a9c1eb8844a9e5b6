"""A whole server on a socket of its own, over a schema that is small enough to read."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from models import Operator
from schema.limits import EXTENSIONS
from schema.streams import LiveSchema
from server.asgi import create_app
from server.limits import Limits
from server.serve import uvicorn_config
from services.events.broadcast import Broadcast
from services.events.log import EventLog
from services.operators import OperatorDraft, Viewer, create_operator, create_sign_in_code, create_token
from services.vocabulary import Role


@dataclass
class Context:
    viewer: Viewer
    request_id: str


@strawberry.type
class Query:
    @strawberry.field
    def who(self, info: strawberry.Info) -> str:
        return info.context.viewer.name

    @strawberry.field
    def request_id(self, info: strawberry.Info) -> str:
        return info.context.request_id

    @strawberry.field
    def lost(self) -> str | None:
        raise ConnectionResetError("The database is gone.")

    @strawberry.field
    def echo(self, text: str) -> str:
        return text


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, info: strawberry.Info, seconds: float = 0.01) -> AsyncIterator[int]:
        number = 0
        while True:
            yield number
            number += 1
            await asyncio.sleep(seconds)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def write(self) -> str:
        return "written"


SCHEMA = LiveSchema(
    Query,
    Mutation,
    Subscription,
    extensions=EXTENSIONS,
)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **much: float) -> None:
        self.now += timedelta(**much)


@dataclass
class Served:
    """A running server, and the ways in which tests talk to it."""

    port: int
    http: aiohttp.ClientSession
    events: EventLog
    operator: Operator
    token: str
    token_id: str

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, query: str = "{ who }", **options: Any) -> Any:
        options = {"json": {"query": query}, "headers": self.bearer, **options}
        return self.http.post("/graphql", **options)

    async def sign_in(self, *, origin: str | None = None) -> str:
        """The cookie that a fresh link buys."""
        code = await create_sign_in_code(self.operator.id, actor="test", events=self.events)
        async with self.follow(code.secret, headers={"Origin": origin or self.address}) as answer:
            return answer.cookies["hub_session"].value

    def follow(self, code: str, **options: Any) -> Any:
        """Press the button of the page that a sign-in link opens."""
        options = {"headers": {"Origin": self.address}, "allow_redirects": False, **options}
        return self.http.post("/sign-in", params={"code": code}, **options)

    def sign_in_by(self, token: str) -> Any:
        """Paste a token into the sign-in page."""
        headers = {"Origin": self.address, "Authorization": f"Bearer {token}"}
        return self.http.post("/sign-in", headers=headers)

    @asynccontextmanager
    async def raw(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A bare connection, for what no client library would send."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    @asynccontextmanager
    async def socket(
        self, *, init: Any = None, **options: Any
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A WebSocket; with `init`, one that was let in by that payload."""
        async with self.http.ws_connect("/graphql", protocols=("graphql-transport-ws",), **options) as ws:
            if init is not None:
                await ws.send_json({"type": "connection_init", "payload": init})
                assert await ws.receive_json(timeout=60) == {"type": "connection_ack"}
            yield ws


async def who_acts(request: Request) -> JSONResponse:
    return JSONResponse({"viewer": request.state.viewer.name, "body": (await request.body()).decode()})


async def break_down(request: Request) -> JSONResponse:
    raise RuntimeError("canary-in-an-exception")


REST = [Route("/acts", who_acts, methods=["POST"]), Route("/breaks", break_down)]
NOT_BUILT = Path(__file__).parent / "no-console"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def events(db, clock) -> EventLog:
    return EventLog(clock=clock, broadcast=Broadcast())


@pytest.fixture
async def serve(events, clock) -> AsyncIterator[Callable[..., Awaitable[Served]]]:
    """Start a server with the given limits and options."""
    operator = await create_operator(
        OperatorDraft(name="Giulia Ferri", email="giulia@studio.example", role=Role.OPERATOR),
        actor="test",
        events=events,
    )
    token = await create_token(operator.id, Role.OPERATOR, "test", None, actor="test", events=events)
    running: list[Callable[[], Awaitable[None]]] = []

    async def start(
        *, limits: Limits | None = None, schema: strawberry.Schema = SCHEMA, **options: Any
    ) -> Served:
        app = create_app(
            schema,
            **{
                "make_context": Context,
                "events": events,
                "clock": clock,
                "rest_routes": REST,
                "limits": limits,
                "console": NOT_BUILT,
                **options,
            },
        )
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        config = uvicorn_config(app, host="127.0.0.1", port=port, limits=limits)
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        # Not `serve()`, whose loop and whose end pause for a tenth of a second each.
        await server.startup(sockets=[listener])
        http = aiohttp.ClientSession(f"http://127.0.0.1:{port}", cookie_jar=aiohttp.DummyCookieJar())

        async def stop() -> None:
            await http.close()
            while server.server_state.connections:
                await asyncio.sleep(0.001)
            listener.close()
            await server.lifespan.shutdown()

        running.append(stop)
        return Served(port, http, events, operator, token.secret, token.id)

    yield start
    for stop in running:
        await stop()


@pytest.fixture
async def served(serve) -> Served:
    return await serve()
