"""The contract that our client relies on: held against the sandbox, and against the real CRM when it is configured.

The real CRM is only read, slowly and with a limit. It is reached with the variables with which the doctor reaches it:
CRM_BASE_URL, CRM_AUTH_MODE, the credentials of that mode, and CRM_INTAKE_SUB_TYPE_ID.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from server.settings import CrmVariables
from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.profile import FILTERS, key_of
from services.crm.crm_in_cloud.settings import AuthMode, CrmSettings
from services.crm.crm_in_cloud.transport import open_session
from services.crm.errors import CrmUnavailable
from services.crm.protocol import CallBudget, Crm, Priority
from services.crm.records import ActivityChanges, ActivityDetails, ActivityRecord, OpportunityDraft, SaleDraft
from services.vocabulary import OpportunityStatus
from tests.support.crm_lookups import examine
from tests.support.recorded_answers import RecordedBudget
from tests.support.sandbox_process import SandboxProcess

COMPANY_ID = 408101
REFERENCE = "TCK-F40-5155-01"
NOBODYS_ID = 2_000_000_000


class SparingBudget:
    """Forty calls a minute, as the most careful clients make, and two hundred at the very most."""

    def __init__(self) -> None:
        self._left = 200

    async def take(self, priority: Priority) -> float:
        if self._left == 0:
            raise CrmUnavailable("These tests have asked the CRM enough.")
        self._left -= 1
        await asyncio.sleep(1.5)
        return 0.0

    async def pause(self, seconds: float) -> None:
        """The call that was too much fails its test; the next one waits."""
        await asyncio.sleep(seconds)


def real_settings() -> CrmSettings:
    if "CRM_BASE_URL" not in os.environ:
        pytest.skip("CRM_BASE_URL is not set")
    return CrmVariables().access()


async def connected(settings: CrmSettings, budget: CallBudget) -> AsyncIterator[CrmInCloudClient]:
    async with open_session(settings) as session:
        yield CrmInCloudClient(
            settings,
            session=session,
            budget=budget,
            clock=lambda: datetime.now(UTC),
            monotonic=time.monotonic,
        )


@pytest.fixture(params=["sandbox", "real"])
def tenant(request: pytest.FixtureRequest) -> CrmSettings:
    """The CRM that is read: first the sandbox, then the real one."""
    if request.param == "real":
        return real_settings()
    sandbox: SandboxProcess = request.getfixturevalue("sandbox")
    return sandbox.settings


@pytest.fixture
async def read_only(tenant: CrmSettings, request: pytest.FixtureRequest) -> AsyncIterator[Crm]:
    real = "real" in request.node.callspec.id
    async for client in connected(tenant, SparingBudget() if real else RecordedBudget()):
        yield client


@pytest.fixture
async def crm(sandbox: SandboxProcess) -> AsyncIterator[Crm]:
    """A client that may write, so never to the real CRM."""
    async for client in connected(sandbox.settings, RecordedBudget()):
        yield client


async def recent_sales(crm: Crm, tenant: CrmSettings) -> list[ActivityRecord]:
    since = datetime.now(UTC) - timedelta(days=30)
    sales = await crm.list_activities(tenant.intake_sub_type_id, modified_since=since)
    if not sales:
        pytest.skip("this tenant has sold nothing in thirty days")
    return sales


# Reading


async def test_a_look_at_the_tenant_proves_what_it_can(
    tenant: CrmSettings, request: pytest.FixtureRequest
) -> None:
    real = "real" in request.node.callspec.id

    found = await examine(tenant, budget=SparingBudget() if real else RecordedBudget())

    assert found.broken_off is None
    assert set(found.profile.filters) == {key_of(*one) for one in FILTERS}


async def test_the_crm_knows_who_we_are(read_only: Crm) -> None:
    await read_only.meet()


async def test_an_unknown_id_is_none(read_only: Crm) -> None:
    assert await read_only.get_activity(NOBODYS_ID) is None
    assert await read_only.get_opportunity(NOBODYS_ID) is None
    assert await read_only.get_company(NOBODYS_ID) is None


async def test_the_sales_are_of_their_sub_type_and_in_the_order_of_their_ids(
    read_only: Crm, tenant: CrmSettings
) -> None:
    sales = await recent_sales(read_only, tenant)

    assert {sale.sub_type_id for sale in sales} == {tenant.intake_sub_type_id}
    assert [sale.id for sale in sales] == sorted({sale.id for sale in sales})


async def test_a_sale_reads_the_same_alone_and_among_others(read_only: Crm, tenant: CrmSettings) -> None:
    listed = (await recent_sales(read_only, tenant))[-1]

    alone = await read_only.get_activity(listed.id)

    assert alone is not None
    assert (alone.subject, alone.company_id, alone.owner_id) == (
        listed.subject,
        listed.company_id,
        listed.owner_id,
    )


async def test_the_company_of_a_sale_has_a_name(read_only: Crm, tenant: CrmSettings) -> None:
    sales = await recent_sales(read_only, tenant)
    company_id = next(sale.company_id for sale in reversed(sales) if sale.company_id)

    company = await read_only.get_company(company_id)

    assert company is not None
    assert company.name


async def test_the_opportunities_of_a_company_are_its_own(read_only: Crm, tenant: CrmSettings) -> None:
    sales = await recent_sales(read_only, tenant)
    company_id = next(sale.company_id for sale in reversed(sales) if sale.company_id)

    opportunities = await read_only.get_opportunities(company_id)

    assert {opportunity.company_id for opportunity in opportunities} <= {company_id}


# Writing, whatever the unknowns of the CRM turn out to be


@pytest.mark.parametrize(
    "switches",
    [
        pytest.param({}, id="as the evidence favours"),
        pytest.param({"server_zone": "Europe/Rome"}, id="dates of Rome"),
        pytest.param({"answered_dates": "zoneless"}, id="dates of UTC without a zone"),
        pytest.param({"answered_dates": "zoneless", "server_zone": "Europe/Rome"}, id="dates of Rome without a zone"),
        pytest.param({"searchable_fields": {"Activity": [], "Opportunity": []}}, id="nothing is searchable"),
        pytest.param({"opportunity_code": "dropped"}, id="codes are dropped"),
        pytest.param({"opportunity_code_duplicates": "refused"}, id="codes are unique"),
        pytest.param({"unknown_properties": "refused"}, id="unknown properties are refused"),
        pytest.param({"missing_record_body": "empty"}, id="a 404 has no words"),
        pytest.param({"list_filter": "applied", "list_limit": "applied"}, id="lists are filtered"),
        pytest.param({"deletes": "soft"}, id="deletes are soft"),
    ],
)  # fmt: skip
async def test_what_is_written_is_found_and_changed(
    crm: Crm, sandbox: SandboxProcess, switches: dict[str, object]
) -> None:
    await sandbox.switch(**switches)
    draft = OpportunityDraft(
        company_id=COMPANY_ID,
        sale_id=845155,
        reference=REFERENCE,
        title="Formazione 4.0",
        amount=Decimal("4500.10"),
    )
    details = ActivityDetails(
        company_id=COMPANY_ID, reference="milestone:7", due_on=date(2026, 12, 23), description="Da firmare"
    )

    opportunity_id = await crm.create_opportunity(draft)
    activity_id = await crm.create_activity(opportunity_id, "Firma", details=details)
    await crm.update_activity(activity_id, ActivityChanges(reference="milestone:7", completed=True))

    opportunities = await crm.get_opportunities(COMPANY_ID)
    (opportunity,) = [one for one in opportunities if one.carries(REFERENCE)]
    (activity,) = await crm.get_activities(opportunity_id)
    assert (opportunity.id, opportunity.sale_id) == (opportunity_id, 845155)
    assert (opportunity.amount, opportunity.status) == (Decimal("4500.10"), OpportunityStatus.OPEN)
    assert (activity.id, activity.reference, activity.completed) == (activity_id, "milestone:7", True)
    assert activity.description == "[IH:milestone:7]\nDa firmare"
    assert activity.starts_at is not None
    assert activity.starts_at.astimezone(sandbox.settings.zone).date() == date(2026, 12, 23)


@pytest.mark.parametrize(
    "switches",
    [
        pytest.param({}, id="as the evidence favours"),
        pytest.param({"searchable_fields": {"Activity": []}}, id="nothing is searchable"),
        pytest.param({"unknown_properties": "refused"}, id="unknown properties are refused"),
    ],
)
async def test_a_sale_is_found_among_its_company_s_activities(
    crm: Crm, sandbox: SandboxProcess, switches: dict[str, object]
) -> None:
    await sandbox.switch(**switches)
    draft = SaleDraft(
        company_id=COMPANY_ID, reference="sale:7", subject="Start Office", sold_on=date(2026, 12, 21)
    )

    sale_id = await crm.create_sale(draft)

    found = await crm.get_company_activities(COMPANY_ID)
    assert [activity.id for activity in found if activity.reference == "sale:7"] == [sale_id]
    assert {activity.company_id for activity in found} == {COMPANY_ID}
    assert sale_id in {sale.id for sale in await crm.list_activities(sandbox.settings.intake_sub_type_id)}


@pytest.mark.parametrize("mode", list(AuthMode))
async def test_every_auth_mode_is_let_in(sandbox: SandboxProcess, mode: AuthMode) -> None:
    settings = replace(sandbox.settings, auth_mode=mode)

    async for crm in connected(settings, RecordedBudget()):
        assert await crm.get_company(COMPANY_ID) is not None


async def test_an_update_leaves_all_other_fields_alone(crm: Crm, sandbox: SandboxProcess) -> None:
    activity_id = await sandbox.add("Activity", subject="[IH:m:7] Firma", companyId=COMPANY_ID, priority=3)

    await crm.update_activity(activity_id, ActivityChanges(reference="m:7", due_on=date(2027, 1, 7)))

    (record,) = [record for record in await sandbox.records("Activity") if record["id"] == activity_id]
    assert record["activityDate"].startswith("2027-01-07")
    assert (record["subject"], record["companyId"], record["priority"]) == ("[IH:m:7] Firma", COMPANY_ID, 3)


async def test_a_long_list_is_read_to_its_end(crm: Crm, sandbox: SandboxProcess) -> None:
    opportunity_id = await sandbox.add("Opportunity", title="Formazione", crossId=COMPANY_ID)
    made = [
        await sandbox.add("Activity", subject=f"{number}", opportunityId=opportunity_id)
        for number in range(205)
    ]

    found = await crm.get_activities(opportunity_id)

    assert [activity.id for activity in found] == made


async def test_an_activity_that_was_deleted_is_no_longer_listed(crm: Crm, sandbox: SandboxProcess) -> None:
    opportunity_id = await sandbox.add("Opportunity", title="Formazione", crossId=COMPANY_ID)
    activity_id = await sandbox.add("Activity", subject="Firma", opportunityId=opportunity_id)
    await sandbox.delete("Activity", activity_id)

    assert await crm.get_activities(opportunity_id) == []
    assert await crm.get_activity(activity_id) is None
