"""As many calls are predicted as are made, also where the tenant's search makes a look-up take many."""

import asyncio
from datetime import timedelta

import pytest

from models import Opportunity
from services.actions.budget.lookup_costs import known_costs
from services.activities.generation import generate_activities
from services.crm_tenant import store_profile
from services.opportunities.sync import sync_opportunities
from tests.support.crm_lookups import examine
from tests.support.hub import VALDARNO, hub_over, run_to_the_end

UNSEARCHABLE = {"searchable_fields": {"Opportunity": [], "Activity": []}, "search_rows": "slim"}


@pytest.fixture
def time_limit():
    """So long that no call is given up on a busy machine: what it was for would be looked up once more."""
    return 60.0


@pytest.fixture
async def press(giulia, children):
    """Press the button of the synchronisation, and for so many opportunities that of their activities."""

    async def press(hub, count=2):
        asked = {"actor": giulia.id, "events": hub.events}
        opportunities = await Opportunity.all().order_by("id").limit(count)
        activities = [await generate_activities(one.id, **asked) for one in opportunities]
        return [await sync_opportunities(**asked), *activities]

    return press


async def stock(sandbox, others):
    """What the CRM holds of another company."""
    for number in range(others):
        crm_id = await sandbox.add("Opportunity", title=f"Altro {number}", crossId=VALDARNO)
        await sandbox.add("Activity", subject=f"Altro {number}", companyId=VALDARNO, opportunityId=crm_id)


async def carry_out(hub, actions):
    for action in actions:
        await run_to_the_end(hub, action)


async def watch(hub, sandbox, actions):
    """Carry the actions out, and ask repeatedly how many calls are left.

    For each time: how many were when the question was put, how many were said to be, how many when it was answered.
    """
    await hub.crm.meet()
    work = asyncio.create_task(carry_out(hub, actions))
    seen = []
    while not work.done():
        before = len(await sandbox.calls(""))
        predicted = sum((await hub.forecaster.look()).calls.values())
        seen.append((before, predicted, len(await sandbox.calls(""))))
        await asyncio.sleep(0.05)
    await work
    made = len(await sandbox.calls(""))
    return [(made - before, predicted, made - after) for before, predicted, after in seen]


async def calls_of(hub, sandbox, actions):
    """How many calls the actions were going to take, and how many they took."""
    await hub.crm.meet()
    predicted = (await hub.forecaster.look()).calls
    before = len(await sandbox.calls(""))
    await carry_out(hub, actions)
    assert predicted.keys() == {action.id for action in actions}
    return sum(predicted.values()), len(await sandbox.calls("")) - before


async def test_as_many_calls_are_predicted_as_are_made(hub, sandbox, press, monkeypatch):
    monkeypatch.setattr("services.actions.forecast.forecaster.FRESH", timedelta(0))
    predicted, made = await calls_of(hub, sandbox, await press(hub, 4))
    again_predicted, again_made = await calls_of(hub, sandbox, await press(hub, 4))

    assert predicted == made > 20
    assert again_predicted == again_made == 6


@pytest.mark.parametrize(
    ("switches", "examined", "others", "presses_before"),
    [
        pytest.param(UNSEARCHABLE, True, 25, 0, id="unsearchable, as the doctor found"),
        pytest.param(UNSEARCHABLE, False, 2, 2, id="unsearchable, as was learned"),
        pytest.param({"search_rows": "ids"}, False, 2, 2, id="ids alone, as was learned"),
    ],
)
async def test_the_calls_of_any_look_up_are_predicted(
    hub_url, sandbox, press, monkeypatch, time_limit, switches, examined, others, presses_before
):
    monkeypatch.setattr("services.actions.forecast.forecaster.FRESH", timedelta(0))
    await stock(sandbox, others)
    await sandbox.switch(**switches)
    if examined:
        await store_profile((await examine(sandbox.settings)).profile, sandbox.settings)
    async with hub_over(hub_url, sandbox, time_limit=time_limit) as hub:
        for _ in range(presses_before):
            await carry_out(hub, await press(hub))

        seen = await watch(hub, sandbox, await press(hub))

    expect_predicted(seen)


def expect_predicted(seen):
    first_left = seen[0][0]
    assert first_left > 15
    for left_before, predicted, left_after in seen:
        assert left_after - 0.1 * first_left - 1 <= predicted <= left_before + 0.1 * first_left + 1


async def test_a_forecast_that_is_read_slowly_counts_no_look_up_twice(
    hub_url, sandbox, press, monkeypatch, time_limit
):
    async def known_costs_later(reads):
        await asyncio.sleep(0.06)
        return await known_costs(reads)

    monkeypatch.setattr("services.actions.forecast.forecaster.FRESH", timedelta(0))
    monkeypatch.setattr("services.actions.forecast.forecaster.known_costs", known_costs_later)
    await stock(sandbox, 25)
    await sandbox.switch(**UNSEARCHABLE)
    await store_profile((await examine(sandbox.settings)).profile, sandbox.settings)
    async with hub_over(hub_url, sandbox, time_limit=time_limit) as hub:
        seen = await watch(hub, sandbox, await press(hub))

    expect_predicted(seen)
