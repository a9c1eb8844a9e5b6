"""A look at the sandbox's tenant, and a client that follows what was proven."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.doctor.examination import Examination, ObservedAnswers
from services.crm.crm_in_cloud.doctor.probe import Probe
from services.crm.crm_in_cloud.gateway import Gateway
from services.crm.crm_in_cloud.profile import TenantProfile, strategy_of
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.crm_in_cloud.transport import open_session
from services.crm.protocol import CallBudget
from tests.support.recorded_answers import RecordedBudget


def now() -> datetime:
    return datetime.now(UTC)


async def examine(
    settings: CrmSettings, *, budget: CallBudget | None = None, **changes: object
) -> Examination:
    """What the probe sees with these settings."""
    settings = replace(settings, **changes)  # type: ignore[arg-type]
    received = ObservedAnswers(now)
    async with open_session(settings) as session:
        gateway = Gateway(
            settings,
            session=session,
            budget=budget or RecordedBudget(),
            clock=now,
            monotonic=time.monotonic,
            on_answer=received,
        )
        sub_type_ids = (settings.intake_sub_type_id, settings.shadow_sub_type_id)
        return await Probe(
            gateway, observed=received, settings=settings, sub_type_ids=sub_type_ids, at=now()
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
