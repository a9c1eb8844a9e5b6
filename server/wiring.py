"""The one place that chooses implementations and puts the parts together."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from models.database import close_database, migrate, open_database
from server.settings import Settings
from services import activities, catalog_store, opportunities, opportunity_sync
from services.actions import CallLimiter, CallRate, Engine, Timing, Workers
from services.activities import ActivityCreation, ActivityUpdate
from services.catalog.loader import load_catalog
from services.crm.client import CrmInCloudClient
from services.crm.protocol import Crm
from services.crm.settings import CrmSettings
from services.crm.transport import open_session
from services.events import Broadcast, EventLog, Feeds
from services.intake import Intake
from services.opportunities import OpportunityCreation
from services.opportunity_sync import CompanySync
from services.planning.calendar import WorkCalendar
from services.progress import ProgressProjection, TreeProgress


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
    intake: Intake
    progress: Feeds[TreeProgress]
    engine: Engine
    workers: Workers


@asynccontextmanager
async def open_hub(settings: Settings, *, clock: Callable[[], datetime] = utc_now) -> AsyncIterator[Hub]:
    """Open the database, bring its schema and catalog up to date, and connect the parts. Nothing works yet."""
    catalog = load_catalog()
    tenant = settings.crm.tenant()
    await open_database(settings.database_url)
    try:
        await migrate()
        async with open_session(tenant) as session:
            broadcast = Broadcast()
            events = EventLog(clock=clock, broadcast=broadcast)
            await catalog_store.store_catalog(catalog, events=events)
            crm = CrmInCloudClient(
                tenant,
                session=session,
                budget=CallLimiter(CallRate(settings.crm_calls_per_minute), clock=clock),
                clock=clock,
                monotonic=time.monotonic,
            )
            yield _put_together(settings, tenant, crm, events, broadcast)
    finally:
        await close_database()


def _put_together(
    settings: Settings, tenant: CrmSettings, crm: Crm, events: EventLog, broadcast: Broadcast
) -> Hub:
    calendar = WorkCalendar(ZoneInfo(settings.calendar_zone), settings.calendar_country)
    engine = Engine(
        kinds={
            opportunities.CREATE: OpportunityCreation(crm),
            opportunity_sync.SYNC: CompanySync(crm, calendar=calendar),
            activities.CREATE: ActivityCreation(crm),
            activities.UPDATE: ActivityUpdate(crm),
        },
        events=events,
        timing=Timing(
            time_limit=tenant.time_limit,
            settle=settings.settle_seconds,
            lag_bound=settings.lag_bound_seconds,
            backoff=settings.backoff_seconds,
        ),
    )
    return Hub(
        settings=settings,
        clock=events.clock,
        calendar=calendar,
        events=events,
        crm=crm,
        intake=Intake(crm=crm, events=events, calendar=calendar, sub_type_id=tenant.intake_sub_type_id),
        progress=Feeds(broadcast, ProgressProjection),
        engine=engine,
        workers=Workers(engine, broadcast=broadcast, sweep=settings.sweep_seconds),
    )


@asynccontextmanager
async def working(hub: Hub) -> AsyncIterator[None]:
    """Carry actions out in the background; on leaving, finish what is under way within the CRM's time limit."""
    task = asyncio.create_task(hub.workers.run())
    try:
        yield
    finally:
        hub.workers.stop()
        with suppress(TimeoutError, asyncio.CancelledError):
            await asyncio.wait_for(task, hub.settings.crm.time_limit + 1)
