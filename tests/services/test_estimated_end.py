"""What is foretold is what happens: the real budget, the real engine, and a CRM behind a socket."""

import asyncio

import pytest

from models import Action
from server.wiring import working_in_background
from services.actions import CallRate
from services.opportunities import generate_opportunities
from services.vocabulary import ActionStatus
from tests.hub import enlarge, hub_over, sell, take_in

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
