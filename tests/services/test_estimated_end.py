"""What is foretold is what happens: the real budget, the real engine, and a CRM behind a socket."""

import asyncio
from datetime import timedelta

import pytest

from models import Action, Opportunity
from server.wiring import working_in_background
from services.actions import CallRate
from services.activities import generate_activities
from services.opportunities import generate_opportunities
from services.opportunity_sync import sync_opportunities
from services.vocabulary import ActionStatus
from tests.hub import enlarge, hub_over, run_to_the_end, sell, take_in

LINES = (4, 4, 8, 16)
RATE = CallRate(40, window=8.0, jitter=0.2)
"""An eighth of the usual minute: the budget, not the machine, decides how long it takes."""


@pytest.fixture
async def pressed(hub, sandbox, giulia):
    """Actions of few and of many opportunities, at which nobody works yet."""
    parents = []
    for lines in LINES:
        parent = await take_in(hub, await sell(sandbox, "Start Office Digital"), actor=giulia.id)
        await enlarge(parent, lines)
        parents.append(parent)
    asked = {"override_reason": "Firma in arrivo", "actor": giulia.id, "events": hub.events}
    return [await generate_opportunities(parent.id, **asked) for parent in parents]


async def foretell(hub):
    """Time and again until nothing runs, when each action is going to end."""
    seen = []
    while await Action.filter(status=ActionStatus.RUNNING).exists():
        seen.append(await hub.lookout.look())
        await asyncio.sleep(0.5)
    return seen


async def test_the_estimated_end_of_each_action_is_true_within_a_tenth(
    hub_url, sandbox, pressed, monkeypatch
):
    monkeypatch.setattr("server.wiring.CallRate", lambda _: RATE)
    monkeypatch.setattr("services.actions.outlook.USUAL_LATENCY", 0.05)
    async with hub_over(hub_url, sandbox, crm_calls_per_minute=40) as hub:
        await hub.crm.who_am_i()
        first = await hub.lookout.look()
        async with working_in_background(hub), asyncio.timeout(60):
            later = await foretell(hub)
        ended_at = dict(await Action.filter(status=ActionStatus.COMPLETED).values_list("id", "finished_at"))

    assert first.calls.keys() == ended_at.keys() == {action.id for action in pressed}
    for outlook in (first, *later):
        for action_id, foretold in outlook.ends_at.items():
            whole = (ended_at[action_id] - first.at).total_seconds()
            assert abs((foretold - ended_at[action_id]).total_seconds()) < 0.1 * whole + RATE.interval


@pytest.fixture
def press(hub, giulia, children):
    """Press the button of the synchronisation, and for every opportunity that of its activities."""

    async def press():
        asked = {"actor": giulia.id, "events": hub.events}
        opportunities = await Opportunity.all().order_by("id")
        activities = [await generate_activities(one.id, **asked) for one in opportunities]
        return [await sync_opportunities(**asked), *activities]

    return press


async def calls_of(hub, sandbox, actions):
    """How many calls the actions were going to take, and how many they took."""
    await hub.crm.who_am_i()
    foretold = (await hub.lookout.look()).calls
    before = len(await sandbox.calls(""))
    for action in actions:
        await run_to_the_end(hub, action)
    assert foretold.keys() == {action.id for action in actions}
    return sum(foretold.values()), len(await sandbox.calls("")) - before


async def test_as_many_calls_are_foretold_as_are_made(hub, sandbox, press, monkeypatch):
    monkeypatch.setattr("services.actions.outlook.FRESH", timedelta(0))
    foretold, made = await calls_of(hub, sandbox, await press())
    again_foretold, again_made = await calls_of(hub, sandbox, await press())

    assert foretold == made > 20
    assert again_foretold == again_made == 5
