"""The one place that chooses implementations and connects the parts."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from time import monotonic
from zoneinfo import ZoneInfo

import structlog
from aiohttp import ClientSession

from models.database import close_database, migrate, open_database, shared_client
from models.postgres import server_time
from server.clock import guarded_clock
from server.settings import Settings
from services.actions import (
    Alike,
    CallLimiter,
    CallRate,
    Costs,
    CreateKind,
    Engine,
    Forecaster,
    LocalQueue,
    Queue,
    SecondLook,
    SharedQueue,
    Timing,
    Workers,
)
from services.actions.engine.timing import always
from services.activities.following import follow_milestones
from services.activities.generation import ActivityCreation
from services.activities.mirror import ActivityUpdate
from services.activities.verification import ActivityCheck
from services.catalog import store as catalog_store
from services.crm.breaker import Breaker
from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.gateway import Gateway, Hear
from services.crm.crm_in_cloud.identity import TenantGuard
from services.crm.crm_in_cloud.profile import (
    ACTIVITY,
    OPPORTUNITY,
    Strategy,
    TenantProfile,
    polls_by_id,
    strategy_of,
)
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.crm_in_cloud.tokens import OwnTokens, SharedTokens, TokenStore
from services.crm.crm_in_cloud.transport import open_session
from services.crm.errors import CrmError, WrongTenant
from services.crm.protocol import SLOT_LIFETIME, Crm, Priority
from services.crm_tenant import Binding, find_profile
from services.events import Broadcast, EventLog, Feeds, Follower, SharedBroadcast
from services.intake.imports import Intake
from services.intake.manual_entry import SaleCreation
from services.intake.polling import Poller, PollSettings
from services.live import Pulse, Watching
from services.opportunities.generation import OpportunityCreation
from services.opportunities.repairs import OpportunityRecreation
from services.opportunities.sync import CompanySync
from services.planning.actions.preview import CALLS_OF_AN_UPDATE
from services.planning.calendar import WorkCalendar
from services.planning.catalog.loader import load_catalog
from services.previews import Previews
from services.reads import Environment
from services.reconciliation import Reconciler
from services.tickets.facts import FactsKeeper
from services.vocabulary import ItemKind

IDENTITY_SECONDS = 5.0
"""The seconds that a start waits for the CRM's identity."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Hub:
    """Everything that one process runs on, connected once."""

    settings: Settings
    clock: Callable[[], datetime]
    calendar: WorkCalendar
    events: EventLog
    facts: FactsKeeper
    crm: Crm
    profile: TenantProfile | None
    binding: Binding
    intake: Intake
    previews: Previews
    watching: Watching
    pulse: Pulse
    engine: Engine
    workers: Workers
    poller: Poller
    reconciler: Reconciler
    forecaster: Forecaster


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
        ground = _Foundation(
            settings=settings,
            tenant=tenant,
            profile=profile,
            binding=binding,
            crm=_client(settings, tenant, profile, session, clock, binding),
            events=EventLog(
                clock=clock, broadcast=broadcast, queue=queue, followers=followers_of_changes(facts)
            ),
            facts=facts,
            calendar=calendar,
            steady_since=steady_since,
        )
        yield _assemble(ground, broadcast, queue)


@asynccontextmanager
async def open_gateway(
    settings: Settings,
    tenant: CrmSettings,
    *,
    clock: Callable[[], datetime],
    hear: Hear,
    guard: TenantGuard,
    tokens: TokenStore | None = None,
) -> AsyncIterator[Gateway]:
    """Open a gateway to the CRM for a caller who waits, over an open database and beside any running hub.

    It uses the token that all processes share, unless it is given `tokens` of its own.
    """
    async with open_session(tenant) as session:
        gateway = Gateway(
            tenant,
            session=session,
            budget=_call_budget(settings, clock),
            clock=clock,
            monotonic=monotonic,
            tokens=tokens or _token_store(tenant),
            hear=hear,
            guard=guard,
        )
        yield gateway.with_priority(Priority.INTERACTIVE)


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


def _client(
    settings: Settings,
    tenant: CrmSettings,
    profile: TenantProfile | None,
    session: ClientSession,
    clock: Callable[[], datetime],
    guard: TenantGuard,
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
        guard=guard,
    )


def calendar_of(settings: Settings) -> WorkCalendar:
    return WorkCalendar(ZoneInfo(settings.calendar_zone), settings.calendar_country)


def followers_of_changes(facts: FactsKeeper) -> tuple[Follower, ...]:
    """Return what follows from a change of rows, whichever process makes the change."""
    return (follow_milestones, facts.follow)


def call_rate(settings: Settings) -> CallRate:
    """Return the configured calls a minute, spaced so that delays never bunch too many together."""
    return CallRate(settings.crm_calls_per_minute, jitter=SLOT_LIFETIME + settings.crm.connect_limit)


def _call_budget(settings: Settings, clock: Callable[[], datetime]) -> CallLimiter:
    return CallLimiter(call_rate(settings), clock=_shared_clock(clock))


def _circuit(settings: Settings, clock: Callable[[], datetime]) -> Breaker:
    return Breaker(failures=settings.breaker_failures, seconds=settings.breaker_seconds, clock=clock)


def _shared_clock(clock: Callable[[], datetime]) -> Callable[[], Awaitable[datetime]]:
    """Return the time of the database server, which is the same for all users of the call budget (decision 0032)."""
    if client := shared_client():
        return partial(server_time, client)

    async def own() -> datetime:
        return clock()

    return own


def _token_store(tenant: CrmSettings) -> TokenStore:
    client = shared_client()
    return SharedTokens(client, tenant) if client else OwnTokens()


@dataclass(frozen=True, kw_only=True)
class _Foundation:
    """What every part is built on."""

    settings: Settings
    tenant: CrmSettings
    profile: TenantProfile | None
    binding: Binding
    crm: Crm
    events: EventLog
    facts: FactsKeeper
    calendar: WorkCalendar
    steady_since: Callable[[], datetime]

    @property
    def strategy(self) -> Strategy:
        return strategy_of(self.profile, self.tenant)

    @property
    def lag_bound(self) -> float:
        return self.strategy.lag_bound(self.settings.lag_bound_seconds)

    def today(self) -> date:
        return self.calendar.today(self.events.clock())

    def environment(self) -> Environment:
        return Environment(today=self.today(), calendar=self.calendar)

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
        """Return the expected costs of looking up a company's opportunities or an opportunity's activities."""
        likely = self.strategy.likely_calls
        return Costs(
            [
                Alike(
                    (ItemKind.CREATE_OPPORTUNITY, ItemKind.RECREATE_OPPORTUNITY),
                    likely(OPPORTUNITY, "crossId"),
                ),
                # A synchronisation reads the company itself as well.
                Alike((ItemKind.SYNC_COMPANY,), 1 + likely(OPPORTUNITY, "crossId")),
                Alike(
                    (ItemKind.CREATE_ACTIVITY, ItemKind.CHECK_ACTIVITIES), likely(ACTIVITY, "opportunityId")
                ),
                Alike((ItemKind.UPDATE_ACTIVITY,), CALLS_OF_AN_UPDATE),
            ]
        )


def _assemble(ground: _Foundation, broadcast: Broadcast, queue: Queue) -> Hub:
    settings, crm, calendar, clock = ground.settings, ground.crm, ground.calendar, ground.events.clock
    creations = _creations(ground, Priority.ACTION)
    engine = _engine(ground, creations)
    intake = Intake(
        crm=crm, events=ground.events, calendar=calendar, sub_type_id=ground.tenant.intake_sub_type_id
    )
    forecaster = _forecaster(ground, creations)
    return Hub(
        settings=settings,
        clock=clock,
        calendar=calendar,
        events=ground.events,
        facts=ground.facts,
        crm=crm,
        profile=ground.profile,
        binding=ground.binding,
        intake=intake,
        previews=Previews(
            crm, forecaster=forecaster, calendar=calendar, clock=clock, lag_bound=ground.lag_bound
        ),
        watching=Watching(Feeds(broadcast, today=ground.today), ground.environment),
        pulse=Pulse(broadcast, today=ground.today),
        engine=engine,
        workers=Workers(
            engine, queue=queue, sweep=settings.sweep_seconds, heartbeat=settings.heartbeat_seconds
        ),
        poller=_poller(ground, intake),
        reconciler=Reconciler(crm, calendar=calendar, clock=clock, lag_bound=ground.lag_bound),
        forecaster=forecaster,
    )


def _engine(ground: _Foundation, creations: Mapping[str, CreateKind]) -> Engine:
    settings, crm = ground.settings, ground.crm.with_priority(Priority.ACTION)
    return Engine(
        kinds={
            **creations,
            ItemKind.SYNC_COMPANY: CompanySync(crm, calendar=ground.calendar, lag_bound=ground.lag_bound),
            ItemKind.UPDATE_ACTIVITY: ActivityUpdate(crm),
            ItemKind.CHECK_ACTIVITIES: ActivityCheck(
                crm,
                calendar=ground.calendar,
                clock=ground.events.clock,
                lag_bound=ground.lag_bound,
                steady_since=ground.steady_since,
            ),
            ItemKind.SECOND_LOOK: SecondLook(
                _creations(ground, Priority.BACKGROUND),
                delay=ground.timing.second_look_after,
                clock=ground.events.clock,
            ),
        },
        events=ground.events,
        timing=ground.timing,
        costs=ground.costs,
        circuit=_circuit(settings, ground.events.clock),
        steady_since=ground.steady_since,
    )


def _creations(ground: _Foundation, priority: Priority) -> dict[str, CreateKind]:
    """Return all kinds that create records in the CRM."""
    crm, sub_type_id = ground.crm.with_priority(priority), ground.tenant.intake_sub_type_id
    return {
        ItemKind.CREATE_OPPORTUNITY: OpportunityCreation(crm),
        ItemKind.RECREATE_OPPORTUNITY: OpportunityRecreation(
            crm,
            clock=ground.events.clock,
            lag_bound=ground.lag_bound,
            steady_since=ground.steady_since,
        ),
        ItemKind.CREATE_ACTIVITY: ActivityCreation(crm),
        ItemKind.CREATE_SALE: SaleCreation(crm, calendar=ground.calendar, sub_type_id=sub_type_id),
    }


def _forecaster(ground: _Foundation, creations: Mapping[str, CreateKind]) -> Forecaster:
    return Forecaster(
        call_rate(ground.settings),
        creates=creations.keys(),
        costs=ground.costs,
        timing=ground.timing,
        clock=_shared_clock(ground.events.clock),
    )


def _poller(ground: _Foundation, intake: Intake) -> Poller:
    settings = ground.settings
    day, zone = settings.poll_since, ZoneInfo(settings.calendar_zone)
    return Poller(
        crm=ground.crm,
        intake=intake,
        sub_type_id=ground.tenant.intake_sub_type_id,
        settings=PollSettings(
            interval=settings.poll_seconds,
            overlap=max(settings.poll_overlap_seconds, ground.lag_bound),
            since=datetime.combine(day, time.min, zone).astimezone(UTC) if day else None,
        ),
        clock=ground.events.clock,
        circuit=_circuit(settings, ground.events.clock),
        by_id=polls_by_id(ground.strategy.verdicts),
    )


@asynccontextmanager
async def working_in_background(hub: Hub) -> AsyncIterator[None]:
    """Run actions and poll for sales in the background.

    On leaving, finish running calls within the CRM's time limit; a polling round is left to the next process.
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
