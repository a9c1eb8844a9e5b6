"""A whole hub for tests: the real parts, over the test's own database, against the sandbox behind its socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
from pydantic import SecretStr

from models import Action, ActionItem, Operator, Opportunity, Service, Task, Ticket, TicketLine
from models.database import close_database, open_database
from models.identity import new_id
from server.settings import CrmVariables, Settings
from server.wiring import Hub, connect_hub
from services.activities import generation as activities
from services.crm.crm_in_cloud.settings import CrmSettings
from services.events import EventLog
from services.opportunities import generation as opportunities, sync as opportunity_sync
from services.tickets import workflow as milestones
from services.vocabulary import ItemKind
from tests.support.databases import dump as dump
from tests.support.reasons import items_without_reason
from tests.support.sandbox_process import SandboxProcess

ACTIVITY_OF_THE_STORY = 845155
INTAKE_SUB_TYPE = 63705
BREMBATE, VALDARNO = 408101, 408102

Clock = Callable[[], datetime]


class SteppedClock:
    """Time that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += timedelta(**duration)


def crm_variables(tenant: CrmSettings, *, time_limit: float = 6.0) -> CrmVariables:
    return CrmVariables(
        base_url=tenant.base_url,
        auth_mode=tenant.auth_mode,
        username=tenant.username,
        password=SecretStr(tenant.password),
        api_key=SecretStr(tenant.api_key),
        application=tenant.application,
        intake_sub_type_id=tenant.intake_sub_type_id,
        shadow_sub_type_id=tenant.shadow_sub_type_id,
        activity_type=tenant.activity_type,
        open_state=tenant.open_state,
        completed_state=tenant.completed_state,
        opportunity_phase_id=tenant.opportunity_phase_id,
        time_limit=time_limit,
    )


def settings_for(
    database: str, sandbox: SandboxProcess, *, time_limit: float = 6.0, **changes: object
) -> Settings:
    """Like the shipped ones, but with windows and pauses that fit a test."""
    values: dict[str, object] = {
        "database_url": database,
        "crm": crm_variables(sandbox.settings, time_limit=time_limit),
        "crm_calls_per_minute": 100_000,
        "settle_seconds": 0.2,
        "lag_bound_seconds": 0.2,
        "second_look_seconds": 0,
        "breaker_seconds": 0.2,
        "sweep_seconds": 0.1,
        "backoff_seconds": 0.05,
    }
    return Settings.model_validate({**values, **changes})


@asynccontextmanager
async def hub_over(
    database: str, sandbox: SandboxProcess, *, clock: Clock | None = None, **changes: object
) -> AsyncIterator[Hub]:
    """A hub as the program opens it, without the look whether schema and catalog are up to date: they have to be.

    Whatever a test does with it, each item that did not simply do its work must say why.
    """
    settings = settings_for(database, sandbox, **changes)
    await open_database(database)
    try:
        async with connect_hub(settings, settings.tenant(), clock=clock) as hub:
            yield hub
            assert await items_without_reason(database) == []
    finally:
        await close_database()


async def add_operator(
    events: EventLog, name: str, *, crm_user_id: int | None = None, **values: object
) -> Operator:
    async with events.change("access", actor="system:test") as change:
        operator = Operator(
            name=name,
            email=f"{name.lower()}@example.it",
            role=values.pop("role", "OPERATOR"),
            crm_user_id=crm_user_id,
            created_at=datetime.now(UTC),
            **values,
        )
        return await change.create(operator, kind="OPERATOR_SAVED")


async def make_responsible(operator: Operator, *service_codes: str) -> None:
    await Service.filter(code__in=service_codes).update(responsible_id=operator.id)


async def run_to_the_end(hub: Hub, action: Action) -> list[ActionItem]:
    """Carry out everything that is open, and return the action's items."""
    for _ in range(200):
        waits = [await hub.engine.run_lane(lane) for lane in await hub.engine.due_lanes()]
        if not await ActionItem.filter(open_key__not_isnull=True).exists():
            return await ActionItem.filter(action_id=action.id).order_by("position")
        await asyncio.sleep(min([wait for wait in waits if wait], default=0.05))
    raise AssertionError("The action did not come to an end.")


async def sell(sandbox: SandboxProcess, subject: str, description: str = "", **values: object) -> int:
    """A sale that Giulia writes into the CRM; returns the activity's id."""
    ordinary = {"subTypeId": INTAKE_SUB_TYPE, "companyId": BREMBATE, "ownerId": 2002}
    return await sandbox.add("Activity", subject=subject, description=description, **{**ordinary, **values})


async def edit_record(sandbox: SandboxProcess, resource: str, record_id: int, **values: object) -> None:
    """Somebody changes a record in the CRM by hand."""
    address = f"{sandbox.control}/control/records/{resource}/{record_id}"
    async with aiohttp.ClientSession() as session, session.patch(address, json=values) as response:
        assert response.status == 200, await response.text()


async def take_in(hub: Hub, crm_activity_id: int = ACTIVITY_OF_THE_STORY, *, actor: str) -> Ticket:
    """The parent ticket of a sale that leaves nothing open."""
    imported = await hub.intake.import_activity(crm_activity_id, actor=actor)
    return await Ticket.get(id=imported.ticket_id)


async def enlarge(parent: Ticket, lines: int) -> None:
    """Sell so much more of the last line's service that the ticket has so many lines."""
    last = await TicketLine.filter(ticket_id=parent.id).order_by("-position").first()
    assert last is not None
    columns = {name: getattr(last, name) for name in TicketLine._meta.fields_db_projection}
    positions = range(last.position + 1, lines + 1)
    await TicketLine.bulk_create(
        [TicketLine(**columns | {"id": new_id("tln"), "position": position}) for position in positions]
    )


async def complete_all(hub: Hub, ticket_id: str, *, actor: str) -> None:
    for task in await Task.filter(ticket_id=ticket_id).order_by("id"):
        await milestones.complete_task(task.id, actor=actor, events=hub.events)


async def generate(hub: Hub, ticket_id: str, *, actor: str, **choice: object) -> list[ActionItem]:
    action = await opportunities.generate_opportunities(
        ticket_id,
        actor=actor,
        events=hub.events,
        **choice,  # type: ignore[arg-type]
    )
    return await run_to_the_end(hub, action)


async def synchronise(hub: Hub, *, actor: str, **scope: str) -> list[ActionItem]:
    """What the synchronisation came upon, without the items that stand for whole companies."""
    action = await opportunity_sync.sync_opportunities(actor=actor, events=hub.events, **scope)
    items = await run_to_the_end(hub, action)
    return [item for item in items if item.kind == ItemKind.SYNC_OPPORTUNITY]


async def show_milestones(hub: Hub, opportunity: Opportunity, *, actor: str) -> list[ActionItem]:
    action = await activities.generate_activities(opportunity.id, actor=actor, events=hub.events)
    return await run_to_the_end(hub, action)
