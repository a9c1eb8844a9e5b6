"""Polling as a part of the hub."""

import asyncio
from contextlib import suppress

import pytest

from models import PollMark
from server.wiring import working_in_background
from services.actions import CallLimiter
from tests.support.hub import add_operator, hub_over, sell
from tests.support.polling import poll, sources


async def test_a_working_hub_polls_at_its_interval(hub_url, sandbox):
    async with hub_over(hub_url, sandbox, poll_seconds=0.05) as hub, working_in_background(hub):
        await add_operator(hub.events, "Giulia", crm_user_id=2002)
        while not await PollMark.filter(holder=None).exists():
            await asyncio.sleep(0.02)

        number = await sell(sandbox, "Start Office Digital")

        async with asyncio.timeout(60):
            while await sources() != {number}:
                await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("interval", "patience", "asks"),
    [pytest.param(0, 0.5, False, id="zero"), pytest.param(0.05, 10.0, True, id="control: more than zero")],
)
async def test_an_interval_of_zero_switches_polling_off(hub_url, sandbox, interval, patience, asks):
    async with hub_over(hub_url, sandbox, poll_seconds=interval) as hub, working_in_background(hub):
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while not await sandbox.calls("Activity"):
                    await asyncio.sleep(0.02)

    assert bool(await sandbox.calls("Activity")) is asks


async def test_polling_leaves_the_first_calls_to_people_who_wait(hub, sandbox, monkeypatch):
    priorities = []
    take = CallLimiter.take

    async def note(self, priority):
        priorities.append(priority.name)
        return await take(self, priority)

    monkeypatch.setattr(CallLimiter, "take", note)
    await sell(sandbox, "Start Office Digital")

    await poll(hub)

    assert set(priorities) == {"BACKGROUND"}
