"""Requests to the whole web application in this process, without a socket."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from starlette.types import ASGIApp, Message

from schema import schema
from server.asgi import create_app
from server.exports import export_routes
from server.limits import Limits
from server.metrics import Metrics
from services.events import EventLog
from services.operators import OperatorDraft, create_operator, create_token
from services.planning.calendar import WorkCalendar
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.factories import NOW, number


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [one["extensions"]["code"] for one in self.json.get("errors", ())]


@dataclass
class AsgiClient:
    """One caller of the application. It also reads the application's own counters."""

    app: ASGIApp
    metrics: Metrics
    secret: str

    async def ask(self, query: str, **variables: Any) -> Response:
        return await self.post({"query": query, "variables": variables})

    async def post(
        self,
        sent: Any,
        path: str = "/graphql",
        *,
        hold: Callable[[], Awaitable[Any]] | None = None,
        **headers: str,
    ) -> Response:
        """Post a body. The answer is not read before `hold` ends, if it is given."""
        body = sent if isinstance(sent, bytes) else orjson.dumps(sent)
        received: list[Message] = []
        arrived = False

        async def receive() -> Message:
            nonlocal arrived
            if arrived:
                # The caller stays connected.
                await asyncio.Event().wait()
            arrived = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if hold is not None and not received:
                await hold()
            received.append(message)

        sent_headers = {name.replace("_", "-"): value for name, value in headers.items()}
        await self.app(self._scope(body, path, sent_headers), receive, send)
        start, *parts = received
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Response(start["status"], names, b"".join(one.get("body", b"") for one in parts))

    def count(self, executor: str, reason: str = "") -> int:
        """How many operations were answered so."""
        labels = {"executor": executor, "reason": reason}
        return int(self.metrics.registry.get_sample_value("hub_graphql_operations_total", labels) or 0)

    def _scope(self, body: bytes, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        sent = {
            "host": "hub.example",
            "authorization": f"Bearer {self.secret}",
            "content-type": "application/json",
            "content-length": str(len(body)),
            **headers,
        }
        return {
            "type": "http",
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("hub.example", 80),
        }


NewClient = Callable[[Role], Awaitable[AsgiClient]]


def application(events: EventLog, metrics: Metrics) -> ASGIApp:
    """The application, with a clock that stands still."""
    limits = Limits(requests_per_minute=1_000_000)
    return create_app(
        schema,
        make_context=lambda viewer, request_id: replace(
            context_for(), viewer=viewer, request_id=request_id, events=events
        ),
        events=events,
        clock=lambda: NOW,
        rest_routes=export_routes(lambda: NOW, WorkCalendar(ZoneInfo("Europe/Rome")), limits),
        metrics=metrics,
        limits=limits,
    )


def client_maker(events: EventLog) -> NewClient:
    """Return what makes callers of one application, each with a role."""
    metrics = Metrics()
    app = application(events, metrics)

    async def make(role: Role) -> AsgiClient:
        n = number()
        draft = OperatorDraft(name=f"Operatore {n}", email=f"asgi{n}@studio.example", role=role)
        operator = await create_operator(draft, actor="test", events=events)
        token = await create_token(operator.id, role, "test", None, actor="test", events=events)
        return AsgiClient(app, metrics, token.secret)

    return make
