"""A whole hub for tests: the real parts, over the test's own database, against the sandbox behind its socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr

from models import Action, ActionItem, Operator, Service
from server.settings import CrmVariables, Settings
from server.wiring import Hub, open_hub, utc_now
from services.crm.settings import CrmSettings
from services.events import EventLog
from tests.services.crm.sandbox_process import SandboxProcess

ACTIVITY_OF_THE_STORY = 845155


def crm_variables(tenant: CrmSettings) -> CrmVariables:
    return CrmVariables(
        base_url=tenant.base_url,
        auth_mode=tenant.auth_mode,
        username=tenant.username,
        password=SecretStr(tenant.password),
        api_key=SecretStr(tenant.api_key),
        intake_sub_type_id=tenant.intake_sub_type_id,
        shadow_sub_type_id=tenant.shadow_sub_type_id,
        activity_type=tenant.activity_type,
        open_state=tenant.open_state,
        completed_state=tenant.completed_state,
        opportunity_phase_id=tenant.opportunity_phase_id,
        time_limit=2.0,
    )


def settings_for(database: Path, sandbox: SandboxProcess, **changes: object) -> Settings:
    """Like the shipped ones, but with windows and pauses that fit a test."""
    values: dict[str, object] = {
        "database_url": f"sqlite://{database}",
        "crm": crm_variables(sandbox.settings),
        "crm_calls_per_minute": 100_000,
        "settle_seconds": 0.2,
        "lag_bound_seconds": 0.2,
        "sweep_seconds": 0.1,
        "backoff_seconds": 0.05,
    }
    return Settings.model_validate({**values, **changes})


@asynccontextmanager
async def hub_over(database: Path, sandbox: SandboxProcess, **changes: object) -> AsyncIterator[Hub]:
    clock = changes.pop("clock", utc_now)
    async with open_hub(settings_for(database, sandbox, **changes), clock=clock) as hub:  # type: ignore[arg-type]
        yield hub


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
