"""The one place that chooses implementations and puts the parts together."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import partial
from time import monotonic
from zoneinfo import ZoneInfo

from aiohttp import ClientSession

from models.database import close_database, migrate, open_database, shared_client
from models.postgres import server_time
from server.settings import Settings
from services import activities, catalog_store, opportunities, shadows, sync_plan, ticket_creation
from services.actions import (
    Alike,
    CallLimiter,
    CallRate,
    Costs,
    CreateKind,
    Engine,
    LocalQueue,
    Lookout,
    Queue,
    SecondLook,
    SharedQueue,
    Timing,
    Workers,
    second_look,
)
from services.activities import ActivityCreation
from services.activity_check import ActivityCheck
from services.catalog.loader import load_catalog
from services.crm.breaker import Breaker
from services.crm.client import CrmInCloudClient
from services.crm.door import Door, Hear
from services.crm.profile import ACTIVITY, OPPORTUNITY, Strategy, TenantProfile, polls_by_id, strategy_of
from services.crm.protocol import SLOT_LIFETIME, Crm, Priority
from services.crm.settings import CrmSettings
from services.crm.tokens import OwnTokens, SharedTokens, TokenStore
from services.crm.transport import open_session
from services.events import Broadcast, EventLog, Feeds, SharedBroadcast
from services.intake import Intake
from services.opportunities import OpportunityCreation
from services.opportunity_repairs import OpportunityRecreation
from services.opportunity_sync import CompanySync
from services.planning.calendar import WorkCalendar
from services.polling import Poller, Rhythm
from services.previews import Previews
from services.progress import ProgressProjection, TreeProgress
from services.reconciliation import Reconciler
from services.shadows import ActivityUpdate
from services.tenants import find_profile
from services.ticket_creation import SaleCreation


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Everything that one process runs on, put together once."""

    settings: Settings
    clock: Callable[[], datetime]
    calendar: WorkCalendar
    events: EventLog
    crm: Crm
    profile: TenantProfile | None
    intake: Intake
    previews: Previews
    progress: Feeds[TreeProgress]
    engine: Engine
    workers: Workers
    poller: Poller
    reconciler: Reconciler
    lookout: Lookout


@asynccontextmanager
async def open_hub(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Hub]:
    """Open the database, bring its schema and catalog up to date, and connect the parts. Nothing works yet."""
    catalog = load_catalog(settings.catalog_folder)
    tenant = settings.crm.tenant()
    await open_database(settings.database_url)
    try:
        await migrate()
        async with connect_hub(settings, tenant, clock=clock) as hub:
            await catalog_store.store_catalog(catalog, events=hub.events)
            yield hub
    finally:
        await close_database()


@asynccontextmanager
async def connect_hub(
    settings: Settings, tenant: CrmSettings, *, clock: Callable[[], datetime]
) -> AsyncIterator[Hub]:
    """Connect the parts over a database that is open and up to date."""
    async with open_session(tenant) as session, _meeting_others() as (broadcast, queue):
        profile = await find_profile(tenant)
        ground = _Ground(
            settings=settings,
            tenant=tenant,
            profile=profile,
            crm=_client(settings, tenant, profile, session, clock),
            events=EventLog(clock=clock, broadcast=broadcast, queue=queue),
            calendar=WorkCalendar(ZoneInfo(settings.calendar_zone), settings.calendar_country),
        )
        yield _put_together(ground, broadcast, queue)


@asynccontextmanager
async def open_door(
    settings: Settings, tenant: CrmSettings, *, clock: Callable[[], datetime], hear: Hear
) -> AsyncIterator[Door]:
    """A way to the CRM for somebody who waits, over an open database and beside any hub that works on it."""
    async with open_session(tenant) as session:
        door = Door(
            tenant,
            session=session,
            budget=_call_budget(settings, clock),
            clock=clock,
            monotonic=monotonic,
            tokens=_token_store(tenant),
            hear=hear,
        )
        yield door.with_priority(Priority.INTERACTIVE)


@asynccontextmanager
async def _meeting_others() -> AsyncIterator[tuple[Broadcast, Queue]]:
    """How this process wakes and is woken: by others as well, where the database lets several work on it."""
    client = shared_client()
    if client is None:
        yield Broadcast(), LocalQueue()
    else:
        broadcast = SharedBroadcast(client)
        async with broadcast.listening():
            yield broadcast, SharedQueue(client)


def _client(
    settings: Settings,
    tenant: CrmSettings,
    profile: TenantProfile | None,
    session: ClientSession,
    clock: Callable[[], datetime],
) -> Crm:
    return CrmInCloudClient(
        tenant,
        session=session,
        budget=_call_budget(settings, clock),
        clock=clock,
        monotonic=monotonic,
        tokens=_token_store(tenant),
        circuit=_circuit(settings, clock),
        strategy=strategy_of(profile, tenant),
    )


def call_rate(settings: Settings) -> CallRate:
    """As many calls a minute as are set, so far apart that none too many arrive, whatever holds one of them up."""
    return CallRate(settings.crm_calls_per_minute, jitter=SLOT_LIFETIME + settings.crm.connect_limit)


def _call_budget(settings: Settings, clock: Callable[[], datetime]) -> CallLimiter:
    return CallLimiter(call_rate(settings), clock=_shared_clock(clock))


def _circuit(settings: Settings, clock: Callable[[], datetime]) -> Breaker:
    return Breaker(
        failures=settings.breaker_failures, seconds=settings.breaker_seconds, clock=_shared_clock(clock)
    )


def _shared_clock(clock: Callable[[], datetime]) -> Callable[[], Awaitable[datetime]]:
    """The clock that everybody who draws on the call budget agrees upon."""
    if client := shared_client():
        return partial(server_time, client)

    async def own() -> datetime:
        return clock()

    return own


def _token_store(tenant: CrmSettings) -> TokenStore:
    client = shared_client()
    return SharedTokens(client, tenant) if client else OwnTokens()


@dataclass(frozen=True, kw_only=True)
class _Ground:
    """What every part stands on."""

    settings: Settings
    tenant: CrmSettings
    profile: TenantProfile | None
    crm: Crm
    events: EventLog
    calendar: WorkCalendar

    @property
    def strategy(self) -> Strategy:
        return strategy_of(self.profile, self.tenant)

    @property
    def lag_bound(self) -> float:
        return self.strategy.lag_bound(self.settings.lag_bound_seconds)

    @property
    def timing(self) -> Timing:
        return Timing(
            time_limit=self.tenant.time_limit,
            settle=self.settings.settle_seconds,
            lag_bound=self.lag_bound,
            backoff=self.settings.backoff_seconds,
            second_look=self.settings.second_look_seconds,
        )

    @property
    def costs(self) -> Costs:
        """What to expect of those who look up the opportunities of a company, or the activities of an opportunity."""
        likely = self.strategy.likely_calls
        return Costs(
            [
                Alike(
                    (opportunities.CREATE, opportunities.RECREATE, sync_plan.SYNC),
                    likely(OPPORTUNITY, "crossId"),
                ),
                Alike((activities.CREATE, activities.CHECK), likely(ACTIVITY, "opportunityId")),
            ]
        )


def _put_together(ground: _Ground, broadcast: Broadcast, queue: Queue) -> Hub:
    settings, crm, calendar, clock = ground.settings, ground.crm, ground.calendar, ground.events.clock
    creations = _creations(ground, Priority.ACTION)
    engine = _engine(ground, creations)
    intake = Intake(
        crm=crm, events=ground.events, calendar=calendar, sub_type_id=ground.tenant.intake_sub_type_id
    )
    lookout = _lookout(ground, creations)
    return Hub(
        settings=settings,
        clock=clock,
        calendar=calendar,
        events=ground.events,
        crm=crm,
        profile=ground.profile,
        intake=intake,
        previews=Previews(crm, lookout=lookout, calendar=calendar, clock=clock, lag_bound=ground.lag_bound),
        progress=Feeds(broadcast, ProgressProjection),
        engine=engine,
        workers=Workers(
            engine, queue=queue, sweep=settings.sweep_seconds, heartbeat=settings.heartbeat_seconds
        ),
        poller=_poller(ground, intake),
        reconciler=Reconciler(crm, calendar=calendar, clock=clock, lag_bound=ground.lag_bound),
        lookout=lookout,
    )


def _engine(ground: _Ground, creations: Mapping[str, CreateKind]) -> Engine:
    at_work = ground.crm.with_priority(Priority.ACTION)
    return Engine(
        kinds={
            **creations,
            sync_plan.SYNC: CompanySync(at_work, calendar=ground.calendar, lag_bound=ground.lag_bound),
            shadows.UPDATE: ActivityUpdate(at_work),
            activities.CHECK: ActivityCheck(at_work, calendar=ground.calendar, lag_bound=ground.lag_bound),
            second_look.LOOK: SecondLook(
                _creations(ground, Priority.BACKGROUND),
                delay=ground.timing.looks_again_after,
                clock=ground.events.clock,
            ),
        },
        events=ground.events,
        timing=ground.timing,
        costs=ground.costs,
    )


def _creations(ground: _Ground, priority: Priority) -> dict[str, CreateKind]:
    """Everything that makes records in the CRM."""
    crm, sub_type_id = ground.crm.with_priority(priority), ground.tenant.intake_sub_type_id
    return {
        opportunities.CREATE: OpportunityCreation(crm),
        opportunities.RECREATE: OpportunityRecreation(crm),
        activities.CREATE: ActivityCreation(crm),
        ticket_creation.CREATE: SaleCreation(crm, calendar=ground.calendar, sub_type_id=sub_type_id),
    }


def _lookout(ground: _Ground, creations: Mapping[str, CreateKind]) -> Lookout:
    return Lookout(
        call_rate(ground.settings),
        creates=creations.keys(),
        costs=ground.costs,
        timing=ground.timing,
        clock=_shared_clock(ground.events.clock),
    )


def _poller(ground: _Ground, intake: Intake) -> Poller:
    settings = ground.settings
    day, zone = settings.poll_since, ZoneInfo(settings.calendar_zone)
    return Poller(
        crm=ground.crm,
        intake=intake,
        sub_type_id=ground.tenant.intake_sub_type_id,
        rhythm=Rhythm(
            interval=settings.poll_seconds,
            overlap=max(settings.poll_overlap_seconds, ground.lag_bound),
            since=datetime.combine(day, time.min, zone).astimezone(UTC) if day else None,
        ),
        clock=ground.events.clock,
        by_id=polls_by_id(ground.strategy.verdicts),
    )


@asynccontextmanager
async def working_in_background(hub: Hub) -> AsyncIterator[None]:
    """Carry actions out and hear of sales in the background.

    On leaving, finish what is under way within the CRM's time limit; a poller's round is left to the next one.
    """
    task = asyncio.create_task(hub.workers.run())
    polling = asyncio.create_task(hub.poller.run()) if hub.settings.poll_seconds else None
    try:
        yield
    finally:
        hub.workers.stop()
        if polling is not None:
            polling.cancel()
            await asyncio.gather(polling, return_exceptions=True)
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, hub.settings.crm.time_limit + 1)
