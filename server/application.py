"""Runs one process of the hub: what it serves, and how long."""

import asyncio
import gc
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from socket import socket

import structlog
import uvicorn
from starlette.routing import Route
from starlette.types import ASGIApp
from tortoise.connection import get_connection

from models.address import SqliteAddress, parse_address
from models.database import WRITES, shared_client
from models.fitness import is_open_to_others
from models.postgres import missing_supports
from models.transaction import transaction
from resolvers.context import Context
from schema import schema
from server.asgi import create_app
from server.exports import export_routes
from server.health import WriteCheck
from server.limits import Limits
from server.pages import SIGN_IN_COMMAND
from server.rest import routes
from server.sample import DATABASE_URL
from server.serve import listening, uvicorn_config
from server.settings import BadSettings, Settings
from server.wiring import Hub, open_hub, working_in_background
from services.crm.crm_in_cloud.profile import unknown_numbers
from services.operators import Viewer

log = structlog.get_logger(__name__)

Announce = Callable[[Hub, str], object]


def application_of(hub: Hub, *, demo: Sequence[Route] = ()) -> ASGIApp:
    """Return the web application of a hub. `demo` are the routes that a demo adds."""

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
            watching=hub.watching,
            pulse=hub.pulse,
            board=hub.board,
            kept_cells=hub.kept_cells,
            reconciler=hub.reconciler,
            forecaster=hub.forecaster,
            crm_pages=hub.settings.crm.pages,
        )

    limits = Limits(requests_per_minute=hub.settings.requests_per_minute)
    return create_app(
        schema,
        make_context=make_context,
        events=hub.events,
        clock=hub.clock,
        public_url=hub.settings.public_url,
        rest_routes=[*routes(hub.events), *export_routes(hub.clock, hub.calendar, limits), *demo],
        checks={"database": _database_answers, "writes": WriteCheck(database_writes, time.monotonic)},
        limits=limits,
        right_of_way=hub.right_of_way,
        graphiql=hub.settings.graphiql,
        demo=bool(demo),
        sign_in_command=sign_in_command(hub.settings),
    )


def sign_in_command(settings: Settings) -> str:
    """Return the command that makes a sign-in link for this hub. In a demo the plain one uses another database."""
    return SIGN_IN_COMMAND + (" --demo" if settings.database_url == DATABASE_URL else "")


async def _database_answers() -> None:
    await get_connection(WRITES).execute_query("SELECT 1")


async def database_writes() -> None:
    """Commit a write that changes nothing. The catalog's stream exists from the first start on."""
    async with transaction() as inside:
        await inside.execute_query("UPDATE stream SET seq = seq WHERE id = 'catalog'")


def log_profile(hub: Hub) -> None:
    """Log what is known about the tenant, or how to find out."""
    if hub.profile is None:
        log.warning(
            "no_tenant_profile",
            meaning="the result of every CRM search is trusted",
            risk="if a search misses records, a lost answer leads to an unnoticed duplicate",
            run="python -m server doctor",
        )
    else:
        log.info("tenant_profile", probed_at=f"{hub.profile.probed_at:%Y-%m-%d %H:%M}")
        if unknown := unknown_numbers(hub.profile, hub.settings.tenant()):
            log.warning("tenant_lacks_numbers", unknown=unknown, run="python -m server doctor")


def log_open_folder(database_url: str) -> None:
    """Log that other users of the machine may look into the folder of the database."""
    address = parse_address(database_url)
    if isinstance(address, SqliteAddress) and is_open_to_others(folder := Path(address.path).parent):
        log.warning("database_folder_open", folder=str(folder), advice=f"chmod 700 {folder}")


async def log_durability() -> None:
    """Log a database setting that could lose an answered write."""
    client = shared_client()
    if client and (off := await missing_supports(client)):
        log.warning("database_may_forget", switched_off=off, meaning="a power cut may lose answered changes")


async def serve(settings: Settings, *, announce: Announce, demo: Sequence[Route] = ()) -> None:
    """Run API and workers in one process until SIGTERM or SIGINT. `announce` gets the address once it listens."""
    # First, so that a busy port is reported before anything is opened or changed.
    with listening(settings.host, settings.port) as sockets:
        async with open_hub(settings) as hub, working_in_background(hub):
            await _serve(hub, application_of(hub, demo=demo), sockets, announce=announce)


async def _serve(hub: Hub, application: ASGIApp, sockets: list[socket], *, announce: Announce) -> None:
    log_profile(hub)
    await log_durability()
    settings = hub.settings
    log_open_folder(settings.database_url)
    server = _Server(uvicorn_config(application, host=settings.host, port=settings.port))
    serving = asyncio.create_task(server.serve(sockets))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it.
        await asyncio.sleep(0.01)
    # What is loaded by now stays loaded; garbage collections can skip it.
    gc.collect()
    gc.freeze()
    if server.started:
        result = announce(hub, settings.address_at(sockets[0].getsockname()[1]))
        if asyncio.iscoroutine(result):
            await result
    async with _stopping_at_another_tenant(hub, server.stop):
        await serving


async def work(settings: Settings, *, announce: Callable[[], object]) -> None:
    """Run workers without the API until SIGTERM or SIGINT. `announce` is called once they work."""
    if settings.database_url.startswith("sqlite://"):
        raise BadSettings("Workers of their own need PostgreSQL; on SQLite `serve` does all the work itself.")
    stopped = asyncio.Event()
    with _signals_handled(lambda _: stopped.set()):
        async with open_hub(settings) as hub, working_in_background(hub):
            log_profile(hub)
            await log_durability()
            announce()
            async with _stopping_at_another_tenant(hub, stopped.set):
                await stopped.wait()


@asynccontextmanager
async def _stopping_at_another_tenant(hub: Hub, stop: Callable[[], None]) -> AsyncIterator[None]:
    """Call `stop` as soon as another tenant of the CRM answers than the database's own, and raise that at the end."""

    async def watch() -> None:
        await hub.binding.broken()
        stop()

    watching = asyncio.create_task(watch())
    try:
        yield
    finally:
        watching.cancel()
    if hub.binding.stranger is not None:
        raise hub.binding.stranger


class _Server(uvicorn.Server):
    """uvicorn raises the signal that stopped it again: SIGTERM would end the process before its clean-up."""

    def stop(self) -> None:
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with _signals_handled(lambda number: self.handle_exit(number, None)):
            yield


@contextmanager
def _signals_handled(handle: Callable[[signal.Signals], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, handle, number)
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
