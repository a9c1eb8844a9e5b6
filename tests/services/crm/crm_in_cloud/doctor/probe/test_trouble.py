"""A CRM that refuses or breaks down ends the examination."""

from dataclasses import replace

import pytest

from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.errors import LoginRefused
from tests.support.crm_lookups import examine
from tests.support.sandbox_process import SandboxProcess


@pytest.mark.parametrize("mode", [AuthMode.LOGIN_AND_KEY, AuthMode.LOGIN, AuthMode.KEY])
async def test_wrong_credentials_end_the_look_after_one_try(sandbox: SandboxProcess, mode: AuthMode) -> None:
    found = await examine(sandbox.settings, auth_mode=mode, password="wrong", api_key="wrong")

    assert isinstance(found.broken_off, LoginRefused)
    assert len(await sandbox.calls("/api/")) == 1
    assert not found.complete


async def test_a_key_without_rights_is_refused_call_by_call_and_proves_nothing(
    sandbox: SandboxProcess,
) -> None:
    await sandbox.switch(key_scope=["create"])
    settings = replace(sandbox.settings, auth_mode=AuthMode.KEY)

    found = await examine(settings)

    assert found.broken_off is None
    assert {refusal.status for refusal in found.refused} == {403}
    assert not found.complete


@pytest.mark.parametrize("fault", ["html_200", "html_502", "drop_before"])
async def test_a_crm_that_breaks_down_in_the_middle_ends_the_look(
    stocked: SandboxProcess, fault: str
) -> None:
    await stocked.plan(fault, match={"action": "search", "controller": "Opportunity"})

    found = await examine(stocked.settings)

    assert found.broken_off is not None
    assert not found.complete
