"""A CRM that fails over a real socket: what the client says must be what the CRM's own store shows."""

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.crm_in_cloud.transport import open_session
from services.crm.errors import (
    CrmError,
    CrmForbidden,
    CrmOutcomeUnknown,
    CrmRefused,
    CrmUnavailable,
    LoginRefused,
)
from services.crm.records import OpportunityDraft
from tests.support.recorded_answers import NOW, RecordedBudget, Stopwatch
from tests.support.sandbox_process import SandboxProcess

COMPANY_ID = 408101
REFERENCE = "TCK-F40-5155-01"
DRAFT = OpportunityDraft(
    company_id=COMPANY_ID, sale_id=845155, reference=REFERENCE, title="Formazione", amount=Decimal(4500)
)
A_CREATE = {"controller": "Opportunity", "action": "create"}


@pytest.fixture
async def session(sandbox: SandboxProcess) -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session(sandbox.settings) as session:
        yield session


@pytest.fixture
def crm(
    sandbox: SandboxProcess, session: aiohttp.ClientSession, budget: RecordedBudget, stopwatch: Stopwatch
) -> CrmInCloudClient:
    return CrmInCloudClient(
        sandbox.settings, session=session, budget=budget, clock=lambda: NOW, monotonic=stopwatch
    )


@pytest.fixture
async def impatient(
    sandbox: SandboxProcess, budget: RecordedBudget, stopwatch: Stopwatch
) -> AsyncIterator[CrmInCloudClient]:
    """A client that waits half a second for an answer."""
    settings = replace(sandbox.settings, auth_mode=AuthMode.KEY, time_limit=0.5)
    async with open_session(settings) as session:
        yield CrmInCloudClient(
            settings, session=session, budget=budget, clock=lambda: NOW, monotonic=stopwatch
        )


async def made(sandbox: SandboxProcess) -> list[int]:
    return [record["id"] for record in await sandbox.records("Opportunity") if record["code"] == REFERENCE]


@pytest.mark.parametrize(
    ("fault", "args", "error", "written_count"),
    [
        pytest.param("commit_then_drop", {}, CrmOutcomeUnknown, 1, id="done, then the line went dead"),
        pytest.param("drop_before", {}, CrmOutcomeUnknown, 0, id="the line went dead first"),
        pytest.param("truncated_body", {}, CrmOutcomeUnknown, 1, id="done, the answer broke off"),
        pytest.param("empty_body", {}, CrmOutcomeUnknown, 1, id="done, answered with nothing"),
        pytest.param("html_502", {"commit": True}, CrmOutcomeUnknown, 1, id="done, 502 by a proxy"),
        pytest.param("html_502", {}, CrmOutcomeUnknown, 0, id="not done, 502 by a proxy"),
        pytest.param("html_200", {"commit": True}, CrmOutcomeUnknown, 1, id="done, 200 with a page"),
        pytest.param("html_200", {}, CrmOutcomeUnknown, 0, id="not done, 200 with a page"),
        pytest.param("status", {"status": 503, "commit": True}, CrmOutcomeUnknown, 1, id="done, 503"),
        pytest.param("status", {"status": 400}, CrmRefused, 0, id="refused with 400"),
        pytest.param("status", {"status": 403}, CrmRefused, 0, id="refused with 403"),
        pytest.param("status", {"status": 429}, CrmUnavailable, 0, id="busy"),
        pytest.param("duplicate", {"status": 400}, CrmRefused, 0, id="refused as a duplicate"),
        pytest.param("duplicate", {"status": 500}, CrmOutcomeUnknown, 0, id="failed over a duplicate"),
    ],
)
async def test_a_create_is_sent_once_and_its_failure_is_named_truthfully(
    crm: CrmInCloudClient,
    sandbox: SandboxProcess,
    fault: str,
    args: dict[str, Any],
    error: type[CrmError],
    written_count: int,
) -> None:
    await sandbox.plan(fault, match=A_CREATE, args=args)

    with pytest.raises(error):
        await crm.create_opportunity(DRAFT)

    written = await made(sandbox)
    found = [one for one in await crm.get_opportunities(COMPANY_ID) if one.carries(REFERENCE)]
    assert len(written) == written_count
    assert [opportunity.id for opportunity in found] == written
    assert len(await sandbox.calls("CreateOrUpdate")) == 1


@pytest.mark.parametrize(
    ("fault", "written_count"),
    [
        pytest.param("commit_then_delay", 1, id="done, answered too late"),
        pytest.param("slow_drip", 1, id="done, answered drop by drop"),
        pytest.param("delay_then_commit", 0, id="not done yet"),
    ],
)
async def test_a_create_that_takes_too_long_may_or_may_not_have_been_carried_out(
    impatient: CrmInCloudClient, sandbox: SandboxProcess, fault: str, written_count: int
) -> None:
    await sandbox.plan(fault, match=A_CREATE, args={"seconds": 4})

    with pytest.raises(CrmOutcomeUnknown, match="TimeoutError"):
        await impatient.create_opportunity(DRAFT)

    assert len(await made(sandbox)) == written_count


async def test_a_read_whose_line_goes_dead_is_not_repeated_behind_our_back(
    crm: CrmInCloudClient, sandbox: SandboxProcess, budget: RecordedBudget
) -> None:
    await sandbox.plan("drop_before", match={"controller": "Company"})

    with pytest.raises(CrmUnavailable):
        await crm.get_company(COMPANY_ID)

    assert len(await sandbox.calls("Company")) == 1
    assert len(budget.taken) == len(await sandbox.calls("/"))


@pytest.mark.parametrize(("header", "pause"), [(7, 7.0), (None, 60.0)], ids=["with Retry-After", "without"])
async def test_a_spent_budget_pauses_everybody(
    crm: CrmInCloudClient, sandbox: SandboxProcess, header: int | None, pause: float
) -> None:
    await crm.get_company(COMPANY_ID)
    await sandbox.switch(calls_per_window=2, retry_after_seconds=header)

    with pytest.raises(CrmUnavailable) as busy:
        await crm.create_opportunity(DRAFT)

    assert busy.value.paused_until is not None
    assert busy.value.retry_after == pause
    assert await made(sandbox) == []


async def test_a_search_that_lags_hides_what_can_be_read_by_its_id(
    crm: CrmInCloudClient, sandbox: SandboxProcess
) -> None:
    await sandbox.switch(search_lag_seconds=3600)

    opportunity_id = await crm.create_opportunity(DRAFT)

    opportunity = await crm.get_opportunity(opportunity_id)
    assert opportunity is not None
    assert opportunity.carries(REFERENCE)
    assert opportunity_id not in {one.id for one in await crm.get_opportunities(COMPANY_ID)}


async def test_a_token_that_is_revoked_mid_run_costs_one_login_and_makes_one_record(
    crm: CrmInCloudClient, sandbox: SandboxProcess
) -> None:
    await crm.get_company(COMPANY_ID)
    await sandbox.revoke_tokens()

    opportunity_id = await crm.create_opportunity(DRAFT)

    assert await made(sandbox) == [opportunity_id]
    assert len(await sandbox.calls("Auth/Login")) == 2


async def test_a_token_is_renewed_before_the_crm_lets_it_expire(
    crm: CrmInCloudClient, sandbox: SandboxProcess, stopwatch: Stopwatch
) -> None:
    await crm.get_company(COMPANY_ID)
    stopwatch.advance(961)
    await crm.get_company(COMPANY_ID)

    assert len(await sandbox.calls("Auth/Login")) == 2
    assert [call["status"] for call in await sandbox.calls("Company")] == [200, 200]


async def test_tokens_that_never_hold_are_given_up_after_a_second_login(
    crm: CrmInCloudClient, sandbox: SandboxProcess
) -> None:
    await sandbox.plan("revoke_tokens", match={"controller": "Company"}, times=None)

    with pytest.raises(LoginRefused):
        await crm.get_company(COMPANY_ID)

    assert len(await sandbox.calls("Company")) == 2


@pytest.mark.parametrize(
    ("permission", "error"),
    [
        pytest.param("create", CrmForbidden, id="create"),
        pytest.param("read", LoginRefused, id="read, which the login needs as well"),
    ],
)
async def test_a_key_out_of_its_scope_is_refused(
    crm: CrmInCloudClient,
    sandbox: SandboxProcess,
    permission: str,
    error: type[CrmForbidden | LoginRefused],
) -> None:
    scope = [granted for granted in ("read", "create", "update", "delete") if granted != permission]
    await sandbox.switch(key_scope=scope)

    with pytest.raises(error) as refusal:
        await (crm.create_opportunity(DRAFT) if permission == "create" else crm.get_company(COMPANY_ID))

    assert refusal.value.status == 403


async def test_a_wrong_password_makes_nothing(
    sandbox: SandboxProcess, session: aiohttp.ClientSession, budget: RecordedBudget
) -> None:
    settings = replace(sandbox.settings, auth_mode=AuthMode.LOGIN, password="wrong")
    crm = CrmInCloudClient(
        settings, session=session, budget=budget, clock=lambda: NOW, monotonic=time.monotonic
    )

    with pytest.raises(LoginRefused):
        await crm.create_opportunity(DRAFT)

    assert await made(sandbox) == []


async def test_a_crm_that_is_not_there_is_unavailable(
    sandbox: SandboxProcess, session: aiohttp.ClientSession, budget: RecordedBudget, unused_tcp_port: int
) -> None:
    settings = replace(
        sandbox.settings, auth_mode=AuthMode.KEY, base_url=f"http://127.0.0.1:{unused_tcp_port}"
    )
    crm = CrmInCloudClient(
        settings, session=session, budget=budget, clock=lambda: NOW, monotonic=time.monotonic
    )

    with pytest.raises(CrmUnavailable, match="could not connect"):
        await crm.create_opportunity(DRAFT)
