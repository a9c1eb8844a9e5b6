"""Opens a hub: everything that one process runs on, connected once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from models.database import close_database, migrate, open_database, shared_client
from models.statistics import renew_statistics
from server.clock import guarded_clock
from server.right_of_way import RightOfWay
from server.settings import Settings
from server.wiring.crm_access import crm_client
from server.wiring.effects import creations_of, engine_of, forecaster_of, poller_of
from server.wiring.foundation import Foundation, calendar_of, followers_of_changes
from services.actions import Engine, Forecaster, LocalQueue, Queue, SharedQueue, Workers
from services.actions.engine.timing import always
from services.catalog import store as catalog_store
from services.crm.crm_in_cloud.profile import TenantProfile
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.crm_in_cloud.transport import open_session
from services.crm.errors import CrmError, WrongTenant
from services.crm.protocol import Crm, Priority
from services.crm_tenant import Binding, find_profile
from services.events import Broadcast, EventLog, Feeds, SharedBroadcast
from services.intake.imports import Intake
from services.intake.polling import Poller
from services.kpis import DayKeeper, KeptCells
from services.live import Pulse, Watching
from services.planning.calendar import WorkCalendar
from services.planning.catalog.loader import load_catalog
from services.previews import Previews
from services.reconciliation import Reconciler
from services.tickets.facts import FactsKeeper

IDENTITY_SECONDS = 5.0
"""The seconds that a start waits for the CRM's identity."""

BOARD_SECONDS = 0.25
"""The seconds from one item to the next for those who watch figures, at least."""

STATISTICS_SECONDS = 6 * 3600.0
"""The seconds from one renewal of the database's statistics to the next."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Everything that one process runs on, connected once."""

    settings: Settings
    clock: Callable[[], datetime]
    calendar: WorkCalendar
    events: EventLog
    facts: FactsKeeper
    days: DayKeeper
    crm: Crm
    profile: TenantProfile | None
    binding: Binding
    intake: Intake
    previews: Previews
    watching: Watching
    pulse: Pulse
    board: Pulse
    kept_cells: KeptCells
    engine: Engine
    workers: Workers
    poller: Poller
    reconciler: Reconciler
    forecaster: Forecaster
    right_of_way: RightOfWay


@asynccontextmanager
async def open_hub(settings: Settings) -> AsyncIterator[Hub]:
    """Open the database, bring its schema and catalog up to date, and connect the parts. Nothing runs yet."""
    catalog = load_catalog(settings.catalog_folder)
    tenant = settings.tenant()
    await open_database(settings.database_url)
    try:
        await migrate()
        async with connect_hub(settings, tenant) as hub:
            await catalog_store.store_catalog(catalog, events=hub.events)
            await _update_facts(hub)
            await _check_identity(hub.crm)
            yield hub
    finally:
        await close_database()


async def _update_facts(hub: Hub) -> None:
    """Compute the facts of tickets again that another version or another calendar has stored."""
    count = 0
    async for _ in hub.facts.rebuild(hub.events, outdated=True):
        count += 1
    if count:
        log.info("facts_rebuilt", count=count)


async def _check_identity(crm: Crm) -> None:
    """Check the CRM's identity before anything begins. An unreachable CRM is checked before the first call to it."""
    try:
        async with asyncio.timeout(IDENTITY_SECONDS):
            await crm.with_priority(Priority.INTERACTIVE).meet()
    except WrongTenant:
        raise
    except (CrmError, TimeoutError) as error:
        log.warning(
            "crm_not_met",
            why=str(error) or "no answer yet",
            meaning="nothing else is sent before it has answered",
        )


@asynccontextmanager
async def connect_hub(
    settings: Settings, tenant: CrmSettings, *, clock: Callable[[], datetime] | None = None
) -> AsyncIterator[Hub]:
    """Connect the parts over an open and current database. A given `clock` is trusted."""
    async with (
        open_session(tenant) as session,
        _open_notifications() as (broadcast, queue),
        guarded_clock() as guarded,
    ):
        steady_since = guarded.steady_since if clock is None else always
        clock = clock or guarded
        profile = await find_profile(tenant)
        binding = Binding(clock=clock)
        await binding.check_address(tenant.base_url)
        calendar = calendar_of(settings)
        facts = FactsKeeper(calendar)
        ground = Foundation(
            settings=settings,
            tenant=tenant,
            profile=profile,
            binding=binding,
            crm=crm_client(settings, tenant, profile, session, clock, binding),
            events=EventLog(
                clock=clock, broadcast=broadcast, queue=queue, followers=followers_of_changes(facts)
            ),
            facts=facts,
            calendar=calendar,
            steady_since=steady_since,
        )
        yield _assemble(ground, broadcast, queue)


@asynccontextmanager
async def _open_notifications() -> AsyncIterator[tuple[Broadcast, Queue]]:
    """Open the notifications of this process, shared with others if the database allows several."""
    client = shared_client()
    if client is None:
        yield Broadcast(), LocalQueue()
    else:
        broadcast = SharedBroadcast(client)
        async with broadcast.listening():
            yield broadcast, SharedQueue(client)


def _assemble(ground: Foundation, broadcast: Broadcast, queue: Queue) -> Hub:
    settings, crm, calendar, clock = ground.settings, ground.crm, ground.calendar, ground.events.clock
    creations = creations_of(ground, Priority.ACTION)
    engine = engine_of(ground, creations)
    intake = Intake(
        crm=crm, events=ground.events, calendar=calendar, sub_type_id=ground.tenant.intake_sub_type_id
    )
    forecaster, right_of_way = forecaster_of(ground, creations), RightOfWay()
    return Hub(
        settings=settings,
        clock=clock,
        calendar=calendar,
        events=ground.events,
        facts=ground.facts,
        days=DayKeeper(ground.events, calendar),
        crm=crm,
        profile=ground.profile,
        binding=ground.binding,
        intake=intake,
        previews=Previews(
            crm, forecaster=forecaster, calendar=calendar, clock=clock, lag_bound=ground.lag_bound
        ),
        watching=Watching(
            Feeds(broadcast, today=ground.today, give_way=right_of_way.give_way), ground.environment
        ),
        pulse=Pulse(broadcast, today=ground.today),
        board=Pulse(broadcast, today=ground.today, shortest=BOARD_SECONDS),
        kept_cells=KeptCells(),
        engine=engine,
        workers=Workers(
            engine, queue=queue, sweep=settings.sweep_seconds, heartbeat=settings.heartbeat_seconds
        ),
        poller=poller_of(ground, intake),
        reconciler=Reconciler(crm, calendar=calendar, clock=clock, lag_bound=ground.lag_bound),
        forecaster=forecaster,
        right_of_way=right_of_way,
    )


@asynccontextmanager
async def working_in_background(hub: Hub) -> AsyncIterator[None]:
    """Run actions, poll for sales, keep days of figures and renew the database's statistics in the background.

    On leaving, finish running calls within the CRM's time limit; a polling round is left to the next process.
    """
    task = asyncio.create_task(hub.workers.run())
    others = [asyncio.create_task(_keep_statistics()), asyncio.create_task(hub.days.run())]
    if hub.settings.poll_seconds:
        others.append(asyncio.create_task(hub.poller.run()))
    try:
        yield
    finally:
        hub.workers.stop()
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        with suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(hub.settings.crm.time_limit + 1):
                await task


async def _keep_statistics() -> None:
    while True:
        try:
            await renew_statistics()
        except Exception:
            log.exception("statistics_not_renewed")
        await asyncio.sleep(STATISTICS_SECONDS)
