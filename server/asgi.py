"""The application as a web server sees it: which path leads where, and what stands in front."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path

import prometheus_client
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from strawberry.schema import BaseSchema

from server.auth import Doorkeeper
from server.envelope import Envelope
from server.gate import Gate
from server.graphql import GraphQLView, PostOnly
from server.health import Check, answer_alive, answer_readiness
from server.limits import Limits, RequestBudget
from server.metrics import Metrics
from server.pages import Pages
from server.refused import Wording, as_graphql, as_problem
from server.sockets import MakeContext
from server.static import Assets
from services.events.log import EventLog

CONSOLE = Path(__file__).parent.parent / "console" / "dist"

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_app(
    schema: BaseSchema,
    *,
    make_context: MakeContext,
    events: EventLog,
    clock: Callable[[], datetime],
    public_url: str | None = None,
    rest_routes: Sequence[Route] = (),
    checks: Mapping[str, Check] | None = None,
    metrics: Metrics | None = None,
    limits: Limits | None = None,
    graphiql: bool = True,
    console: Path = CONSOLE,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The whole of what is served over HTTP.

    `rest_routes` are put behind the same gate as GraphQL: their endpoints find the caller in `request.state.viewer`,
    the request's id in `request.state.request_id`, and a body that was read and is small. `checks` say whether we
    are ready: each raises when what it looks at is not. Without `public_url`, our origin is the host we are called by.
    """
    limits, metrics = limits or Limits(), metrics or Metrics()
    doorkeeper = Doorkeeper(clock, public_url)
    budget = RequestBudget(limits.requests_per_minute, time.monotonic)

    def gate(wording: Wording) -> Middleware:
        return Middleware(Gate, doorkeeper=doorkeeper, limits=limits, budget=budget, wording=wording)

    view = GraphQLView(schema, make_context=make_context, doorkeeper=doorkeeper, budget=budget, limits=limits)
    routes: list[BaseRoute] = [
        Route("/graphql", view, middleware=[Middleware(PostOnly), gate(as_graphql)]),
        WebSocketRoute("/graphql", view),
        *(Route(r.path, r.endpoint, methods=r.methods, middleware=[gate(as_problem)]) for r in rest_routes),
        Route("/metrics", _showing(metrics), middleware=[gate(as_problem)]),
        Route("/healthz", answer_alive),
        Route("/readyz", answer_readiness(checks or {})),
        *_pages(Pages(doorkeeper, events, console), console, graphiql=graphiql),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(Envelope, metrics=metrics, monotonic=time.monotonic),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
        ],
        lifespan=lifespan,
    )


def _pages(pages: Pages, console: Path, *, graphiql: bool) -> Iterator[Route]:
    """What browsers open. Nothing stands in front: whoever shows no session sees how to sign in."""
    yield Route("/sign-in", pages.sign_in)
    yield Route("/sign-out", pages.sign_out, methods=["POST"])
    yield Route("/assets/{name}", Assets(console / "assets"))
    yield Route("/", pages.home)
    if graphiql:
        yield Route("/graphiql", pages.graphiql)


def _showing(metrics: Metrics) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        figures = prometheus_client.generate_latest(metrics.registry)
        return Response(figures, media_type=prometheus_client.CONTENT_TYPE_LATEST)

    return show
