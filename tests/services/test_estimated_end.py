"""What is foretold is what happens: the real budget, the real engine, and a CRM behind a socket."""

import asyncio
from datetime import timedelta

import pytest

from models import Action, ActionItem, Opportunity
from server.wiring import working_in_background
from services.actions import CallRate
from services.activities import generate_activities
from services.opportunities import generate_opportunities
from services.opportunity_sync import sync_opportunities
from services.vocabulary import ActionStatus
from tests.hub import enlarge, hub_over, run_to_the_end, sell, take_in
from tests.patient_time import answering_after, let_time_wait

LINES = (10, 10, 24)
"""So many that a tenth outweighs the look-ups: each goes on being counted until its lane has made something."""

RATE = CallRate(40)


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


async def foretell(hub, time):
    """When each action is going to end: at every instant for which all lanes wait, until nothing is left to do."""
    seen = []
    while lanes := await ActionItem.filter(open_key__not_isnull=True).distinct().values_list("lane"):
        if time.is_awaited_by_all(len(lanes)):
            seen.append(await hub.lookout.look())
            time.move_on()
        await asyncio.sleep(0.005)
    return seen


def seconds_off(outlook, ended_at):
    return {
        action_id: abs((foretold - ended_at[action_id]).total_seconds())
        for action_id, foretold in outlook.ends_at.items()
    }


@pytest.mark.parametrize(
    "latency",
    [
        pytest.param(0.5, id="the budget decides"),
        pytest.param(5.0, id="a slow CRM decides"),
    ],
)
async def test_the_estimated_end_of_each_action_is_true_within_a_tenth(
    hub_url, sandbox, pressed, monkeypatch, latency
):
    monkeypatch.setattr("services.actions.outlook.FRESH", timedelta(0))
    monkeypatch.setattr("services.actions.outlook.USUAL_LATENCY", latency)
    time = let_time_wait(monkeypatch)
    alone = {"crm_calls_per_minute": RATE.calls, "poll_seconds": 0, "time_limit": 60}
    async with hub_over(hub_url, sandbox, clock=time, **alone) as hub:
        await hub.crm.who_am_i()
        monkeypatch.setattr("services.crm.door.exchange", answering_after(latency, time))
        first = await hub.lookout.look()
        async with working_in_background(hub), asyncio.timeout(300):
            later = await foretell(hub, time)
        ended_at = dict(await Action.filter(status=ActionStatus.COMPLETED).values_list("id", "finished_at"))

    assert first.calls.keys() == ended_at.keys() == {action.id for action in pressed}
    one_call = RATE.interval + latency
    assert max(seconds_off(first, ended_at).values()) < one_call
    for outlook in later:
        for action_id, seconds in seconds_off(outlook, ended_at).items():
            whole = (ended_at[action_id] - first.at).total_seconds()
            assert seconds < 0.1 * whole + one_call


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
