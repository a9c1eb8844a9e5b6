"""A database belongs to one tenant of the CRM. Another one is asked nothing and sent nothing."""

from dataclasses import replace

import pytest

from models import ActionItem, CrmActivity, CrmLogin
from server.rebinding import rebind_database
from server.settings import Settings
from services.activities.generation import generate_activities
from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.errors import CrmUnavailable, WrongTenant
from services.crm_tenant import bound_to
from services.vocabulary import ItemState
from tests.support.crm_lookups import now
from tests.support.hub import crm_variables, hub_over, settings_for

GETTING_IN = ("Login", "Auth/Me")
STRANGER = 77


def with_mode(sandbox, mode: AuthMode):
    return {"crm": crm_variables(replace(sandbox.settings, auth_mode=mode))}


async def calls_beside_getting_in(sandbox) -> list[str]:
    return [call["path"] for call in await sandbox.calls("") if not call["path"].endswith(GETTING_IN)]


@pytest.mark.parametrize("mode", list(AuthMode))
@pytest.mark.parametrize("customer", ["shown", "hidden"])
async def test_another_tenant_is_asked_nothing(hub_url, sandbox, mode, customer):
    await sandbox.switch(customer=customer)
    async with hub_over(hub_url, sandbox, **with_mode(sandbox, mode)) as hub:
        await hub.crm.get_company(408101)
        await CrmLogin.all().delete()
    await sandbox.switch(customer="shown", customer_id=STRANGER)
    before = await calls_beside_getting_in(sandbox)

    async with hub_over(hub_url, sandbox, **with_mode(sandbox, mode)) as hub:
        with pytest.raises(WrongTenant, match=f"customer {STRANGER} at this machine: nothing was sent there"):
            await hub.crm.get_company(408101)

    assert await calls_beside_getting_in(sandbox) == before


async def test_a_tenant_that_says_nothing_of_itself_is_known_by_its_user(hub_url, sandbox):
    await sandbox.switch(customer="hidden")

    async with hub_over(hub_url, sandbox) as hub:
        await hub.crm.meet()

        assert str(await bound_to()) == "user 2001 at this machine"


async def test_a_key_that_may_no_longer_ask_for_the_tenant_is_no_other_tenant(hub_url, sandbox):
    async with hub_over(hub_url, sandbox, **with_mode(sandbox, AuthMode.KEY)) as hub:
        await hub.crm.meet()
    await sandbox.switch(key_scope=[])
    before = await calls_beside_getting_in(sandbox)

    async with hub_over(hub_url, sandbox, **with_mode(sandbox, AuthMode.KEY)) as hub:
        with pytest.raises(CrmUnavailable, match="does not say which tenant") as declined:
            await hub.crm.get_company(408101)

        assert not isinstance(declined.value, WrongTenant)
        assert hub.binding.stranger is None
    assert await calls_beside_getting_in(sandbox) == before


async def test_work_in_progress_waits_when_a_new_login_leads_to_another_tenant(
    hub, sandbox, giulia, opportunity
):
    await generate_activities(opportunity.id, actor=giulia.id, events=hub.events)
    await hub.crm.meet()
    await sandbox.switch(customer_id=STRANGER)
    await sandbox.revoke_tokens()
    before = len(await sandbox.calls("Activity"))

    [lane] = await hub.engine.due_lanes()
    await hub.engine.run_lane(lane)

    items = await ActionItem.filter(open_key__not_isnull=True)
    assert {item.state for item in items} == {ItemState.PENDING}
    assert any("lead to customer 77" in (item.explanation or "") for item in items)
    assert hub.binding.stranger is not None
    # One call was made with the old token, which is no longer accepted.
    refused = (await sandbox.calls("Activity"))[before:]
    assert [call["status"] for call in refused] == [401]
    assert await CrmActivity.filter(milestone_id__isnull=False).count() == 0


async def test_another_address_is_reported_before_any_password_goes_there(hub_url, sandbox):
    async with hub_over(hub_url, sandbox) as hub:
        await hub.crm.meet()
    elsewhere = crm_variables(replace(sandbox.settings, base_url="http://crm.invalid"))

    with pytest.raises(WrongTenant, match=r"lead to a CRM at crm\.invalid: nothing was sent there"):
        async with hub_over(hub_url, sandbox, crm=elsewhere):
            pass


async def test_a_crm_that_cannot_be_reached_is_met_before_the_first_call_to_it(hub_url, sandbox):
    await sandbox.plan("status", match={"action": "login"}, args={"status": 503}, times=1)
    async with hub_over(hub_url, sandbox) as hub:
        with pytest.raises(CrmUnavailable):
            await hub.crm.meet()
        before = await bound_to()

        await hub.crm.get_company(408101)

        assert before is None
        assert await bound_to() is not None


async def test_only_the_command_binds_to_another_tenant(hub_url, sandbox):
    settings: Settings = settings_for(hub_url, sandbox)
    async with hub_over(hub_url, sandbox) as hub:
        await hub.crm.meet()
        before = await bound_to()
        await sandbox.switch(customer_id=STRANGER)
        await sandbox.revoke_tokens()

        said = await rebind_database(settings, clock=now)
        again = await rebind_database(settings, clock=now)

    assert said == (
        f"The database belongs to customer {STRANGER} at this machine from now on. It belonged to {before} before."
    )
    assert again == f"The database belongs to customer {STRANGER} at this machine already."
    async with hub_over(hub_url, sandbox) as hub:
        assert await hub.crm.get_company(408101) is not None
