"""Requests to the whole web application in this process, without a socket."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.types import ASGIApp, Message

from schema import schema
from server.asgi import create_app
from server.limits import Limits
from server.metrics import Metrics
from services.events import EventLog
from services.operators import OperatorDraft, create_operator, create_token
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

    async def post(self, sent: Any, **headers: str) -> Response:
        body = sent if isinstance(sent, bytes) else orjson.dumps(sent)
        received: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            received.append(message)

        await self.app(self._scope(body, headers), receive, send)
        start, *parts = received
        names = {name.decode(): value.decode() for name, value in start["headers"]}
        return Response(start["status"], names, b"".join(one.get("body", b"") for one in parts))

    def count(self, executor: str, reason: str = "") -> int:
        """How many operations were answered so."""
        labels = {"executor": executor, "reason": reason}
        return int(self.metrics.registry.get_sample_value("hub_graphql_operations_total", labels) or 0)

    def _scope(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
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
            "path": "/graphql",
            "raw_path": b"/graphql",
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
            "server": ("hub.example", 80),
        }


NewClient = Callable[[Role], Awaitable[AsgiClient]]


def application(events: EventLog, metrics: Metrics) -> ASGIApp:
    """The application, with a clock that stands still."""
    return create_app(
        schema,
        make_context=lambda viewer, request_id: replace(
            context_for(), viewer=viewer, request_id=request_id, events=events
        ),
        events=events,
        clock=lambda: NOW,
        metrics=metrics,
        limits=Limits(requests_per_minute=1_000_000),
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
