"""A look at the sandbox's tenant, and a client that follows what was proven."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from services.crm.client import CrmInCloudClient
from services.crm.door import Door
from services.crm.examination import Examination, Heard
from services.crm.probe import Probe
from services.crm.profile import TenantProfile, strategy_of
from services.crm.protocol import CallBudget
from services.crm.settings import CrmSettings
from services.crm.transport import open_session
from tests.services.crm.recorded import RecordedBudget


def now() -> datetime:
    return datetime.now(UTC)


async def examine(
    settings: CrmSettings, *, budget: CallBudget | None = None, **changes: object
) -> Examination:
    """What the probe sees with these settings."""
    settings = replace(settings, **changes)  # type: ignore[arg-type]
    heard = Heard(now)
    async with open_session(settings) as session:
        door = Door(
            settings,
            session=session,
            budget=budget or RecordedBudget(),
            clock=now,
            monotonic=time.monotonic,
            hear=heard,
        )
        sub_type_ids = (settings.intake_sub_type_id, settings.shadow_sub_type_id)
        return await Probe(
            door, heard=heard, settings=settings, sub_type_ids=sub_type_ids, at=now()
        ).examine()


@asynccontextmanager
async def client_following(
    profile: TenantProfile | None, settings: CrmSettings
) -> AsyncIterator[CrmInCloudClient]:
    async with open_session(settings) as session:
        yield CrmInCloudClient(
            settings,
            session=session,
            budget=RecordedBudget(),
            clock=now,
            monotonic=time.monotonic,
            strategy=strategy_of(profile, settings),
        )
