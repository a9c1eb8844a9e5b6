"""What is foretold is what happens: the real budget, the real engine, and a CRM behind a socket."""

import asyncio
from functools import partial

import pytest

from models import Action
from server.wiring import working
from services.actions import CallRate
from services.opportunities import generate_opportunities
from services.vocabulary import ActionStatus
from tests.hub import hub_over, sell, take_in

TICKETS = 5


@pytest.fixture
async def pressed(hub, sandbox, giulia):
    """Actions of four opportunities each, at which nobody works yet."""
    parents = [
        await take_in(hub, await sell(sandbox, "Start Office Digital"), actor=giulia.id)
        for _ in range(TICKETS)
    ]
    asked = {"override_reason": "Firma in arrivo", "actor": giulia.id, "events": hub.events}
    return [await generate_opportunities(parent.id, **asked) for parent in parents]


async def none_runs():
    while await Action.filter(status=ActionStatus.RUNNING).exists():
        await asyncio.sleep(0.05)


@pytest.mark.only_on("sqlite")
async def test_the_estimated_end_is_true_within_a_tenth(hub_path, sandbox, pressed, monkeypatch):
    # A tenth of the usual minute: the budget, not the machine, decides how long it takes.
    monkeypatch.setattr("server.wiring.CallRate", partial(CallRate, window=8.0, jitter=0.2))
    async with hub_over(hub_path, sandbox, crm_calls_per_minute=40) as hub:
        await hub.crm.who_am_i()
        outlook = await hub.lookout.look()
        async with working(hub), asyncio.timeout(60):
            await none_runs()
        ended_at = max(action.finished_at for action in await Action.filter(status=ActionStatus.COMPLETED))

    assert set(outlook.calls) == {action.id for action in pressed}
    foretold = max(outlook.ends_at.values()) - outlook.at
    happened = ended_at - outlook.at
    assert foretold.total_seconds() == pytest.approx(happened.total_seconds(), rel=0.1)
