"""One process of the hub: what it serves, and how long it runs."""

import asyncio
import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp
from tortoise.connection import get_connection

from models.database import WRITES, shared_client
from models.postgres import missing_supports
from resolvers.context import Context
from schema import schema
from server.asgi import create_app
from server.limits import Limits
from server.rest import routes
from server.serve import uvicorn_config
from server.settings import BadSettings, Settings
from server.wiring import Hub, open_hub, working_in_background
from services.crm.profile import unknown_numbers
from services.operators import Viewer

log = structlog.get_logger(__name__)

Announce = Callable[[Hub, str], object]


def application_of(hub: Hub) -> ASGIApp:
    """The web application over a hub."""

    def make_context(viewer: Viewer, request_id: str) -> Context:
        return Context(
            viewer=viewer,
            request_id=request_id,
            clock=hub.clock,
            calendar=hub.calendar,
            events=hub.events,
            crm=hub.crm,
            intake=hub.intake,
            previews=hub.previews,
            progress=hub.progress,
            reconciler=hub.reconciler,
            lookout=hub.lookout,
        )

    return create_app(
        schema,
        make_context=make_context,
        events=hub.events,
        clock=hub.clock,
        public_url=hub.settings.public_url,
        rest_routes=routes(hub.events),
        checks={"database": _database_answers},
        limits=Limits(requests_per_minute=hub.settings.requests_per_minute),
        graphiql=hub.settings.graphiql,
    )


async def _database_answers() -> None:
    await get_connection(WRITES).execute_query("SELECT 1")


def tell_of_profile(hub: Hub) -> None:
    """Say in the log what is known of the tenant, or how to find out."""
    if hub.profile is None:
        log.warning(
            "no_tenant_profile",
            meaning="every search of the CRM is tried and believed",
            risk="where one does not show what is there, a lost answer leads to a double that nobody notices",
            run="python -m server doctor",
        )
    else:
        log.info("tenant_profile", probed_at=f"{hub.profile.probed_at:%Y-%m-%d %H:%M}")
        if unknown := unknown_numbers(hub.profile, hub.settings.crm.tenant()):
            log.warning("tenant_lacks_numbers", unknown=unknown, run="python -m server doctor")


async def tell_of_durability() -> None:
    """Say in the log where the database may forget what was answered."""
    client = shared_client()
    if client and (off := await missing_supports(client)):
        log.warning("database_may_forget", switched_off=off, meaning="a power cut may undo what was promised")


async def serve(settings: Settings, *, announce: Announce) -> None:
    """API and workers in one process, until SIGTERM or SIGINT; `announce` hears the address once it listens."""
    async with open_hub(settings) as hub, working_in_background(hub):
        tell_of_profile(hub)
        await tell_of_durability()
        config = uvicorn_config(application_of(hub), host=settings.host, port=settings.port)
        server = _Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it.
            await asyncio.sleep(0.01)
        # What is loaded by now stays for good; a collection need not look at it for every answer.
        gc.collect()
        gc.freeze()
        if server.started:
            port = server.servers[0].sockets[0].getsockname()[1]
            result = announce(hub, settings.address_at(port))
            if asyncio.iscoroutine(result):
                await result
        await serving


async def work(settings: Settings, *, announce: Callable[[], object]) -> None:
    """Workers without the API, until SIGTERM or SIGINT; `announce` is called once they work."""
    if settings.database_url.startswith("sqlite://"):
        raise BadSettings("Workers of their own need PostgreSQL; on SQLite `serve` does all the work itself.")
    stopped = asyncio.Event()
    with _signals_heard(lambda _: stopped.set()):
        async with open_hub(settings) as hub, working_in_background(hub):
            tell_of_profile(hub)
            await tell_of_durability()
            announce()
            await stopped.wait()


class _Server(uvicorn.Server):
    """uvicorn, which raises the signal that stopped it once more: SIGTERM would end us before we have tidied up."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with _signals_heard(lambda number: self.handle_exit(number, None)):
            yield


@contextmanager
def _signals_heard(hear: Callable[[signal.Signals], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, hear, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
