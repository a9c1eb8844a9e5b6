"""The HTTP application: its routes, and the middleware in front of them."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import prometheus_client
import strawberry
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from server.auth import Authenticator
from server.envelope import RequestMiddleware
from server.gate import Gate
from server.graphql import GraphQLView, PostOnly
from server.health import Check, answer_alive, answer_readiness
from server.http_refusals import Refused, Wording, as_graphql, as_problem
from server.known_texts import KnownTexts, read_operations
from server.limits import Limits, RequestBudget
from server.metrics import Metrics
from server.pages import SIGN_IN_COMMAND, SIGN_IN_PAGE, Pages
from server.right_of_way import RightOfWay
from server.sockets import MakeContext
from server.static import Assets
from services.events.log import EventLog

CONSOLE = Path(__file__).parent.parent / "console" / "dist"
ASSETS = "/assets/"

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def create_app(
    schema: strawberry.Schema,
    *,
    make_context: MakeContext,
    events: EventLog,
    clock: Callable[[], datetime],
    public_url: str | None = None,
    rest_routes: Sequence[Route] = (),
    checks: Mapping[str, Check] | None = None,
    metrics: Metrics | None = None,
    limits: Limits | None = None,
    right_of_way: RightOfWay | None = None,
    graphiql: bool = True,
    demo: bool = False,
    console: Path = CONSOLE,
    sign_in_command: str = SIGN_IN_COMMAND,
    lifespan: Lifespan | None = None,
) -> Starlette:
    """Return the whole HTTP application.

    `rest_routes` stand behind the same gate as GraphQL: their endpoints find the caller in `request.state.viewer`, the
    request's id in `request.state.request_id`, and a body that was read and is small. `checks` decide readiness: each
    raises when what it checks is not there. `sign_in_command` makes a sign-in link. In a `demo` the console shows its
    bar. Without `public_url`, our origin is the host of the request.
    """
    limits, metrics = limits or Limits(), metrics or Metrics()
    doorkeeper = Authenticator(clock, public_url)
    budget = RequestBudget(limits.requests_per_minute, time.monotonic)

    def gate(wording: Wording, *, certain: bool = True) -> Middleware:
        return Middleware(
            Gate, doorkeeper=doorkeeper, limits=limits, budget=budget, wording=wording, certain=certain
        )

    view = GraphQLView(
        schema,
        make_context=make_context,
        doorkeeper=doorkeeper,
        budget=budget,
        limits=limits,
        metrics=metrics,
        right_of_way=right_of_way or RightOfWay(),
        texts=KnownTexts(read_operations(console / "operations.json")),
    )
    pages = Pages(doorkeeper, events, console, sign_in_command, graphiql, demo)
    routes: list[BaseRoute] = [
        Route("/graphql", view, middleware=[Middleware(PostOnly), gate(as_graphql, certain=False)]),
        WebSocketRoute("/graphql", view),
        *(Route(r.path, r.endpoint, methods=r.methods, middleware=[gate(as_problem)]) for r in rest_routes),
        Route("/metrics", _showing(metrics), middleware=[gate(as_problem)]),
        Route("/healthz", answer_alive),
        Route("/readyz", answer_readiness(checks or {})),
        *_page_routes(pages),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(RequestMiddleware, metrics=metrics, monotonic=time.monotonic),
            Middleware(GZipMiddleware, minimum_size=1024, compresslevel=5),
        ],
        exception_handlers={HTTPException: _page_or_problem(pages)},
        lifespan=lifespan,
    )


def _page_or_problem(pages: Pages) -> Callable[[Request, Exception], Response]:
    """Answer a request that no route takes: an unknown path, or a method that the path does not have.

    To a browser that opens a page, every unknown path is a page of the console.
    """

    def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        if status is HTTPStatus.NOT_FOUND and _opens_a_page(request):
            return pages.shell(request)
        return as_problem(
            Refused(status, status.name, f"{status.description or status.phrase}.", error.headers)
        )

    return answer


def _opens_a_page(request: Request) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and "text/html" in request.headers.get("accept", "")
        and not request.url.path.startswith(ASSETS)
    )


def _page_routes(pages: Pages) -> Iterator[Route]:
    """Yield the pages for browsers. No gate is in front: a caller without a session is led to the sign-in page."""
    yield Route("/", pages.page)
    yield Route(SIGN_IN_PAGE, pages.page)
    yield Route("/sign-in", pages.sign_in, methods=["POST"])
    yield Route("/sign-out", pages.sign_out, methods=["POST"])
    yield Route(ASSETS + "{name}", Assets(pages.console / "assets"))
    if pages.has_graphiql:
        yield Route("/graphiql", pages.graphiql)


def _showing(metrics: Metrics) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        figures = prometheus_client.generate_latest(metrics.registry)
        return Response(figures, media_type=prometheus_client.CONTENT_TYPE_LATEST)

    return show
