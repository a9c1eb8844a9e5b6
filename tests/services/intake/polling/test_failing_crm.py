"""A CRM that fails is asked less often, and nothing is lost."""

import aiohttp
import pytest
from structlog.testing import capture_logs

from models import CallCircuit, CallSlot
from services.vocabulary import BreakerState
from tests.support.hub import BREMBATE, sell
from tests.support.polling import mark, poll, sources


async def pause_left(hub):
    """Seconds until the next round is due, to the nearest one."""
    return round(((await mark()).not_before - hub.clock()).total_seconds())


async def pause_after_poll(hub):
    await poll(hub)
    return await pause_left(hub)


@pytest.mark.parametrize(
    ("fault", "args", "least"),
    [
        pytest.param("drop_before", {}, 60, id="drops the line"),
        pytest.param("html_502", {}, 60, id="is behind a broken proxy"),
        pytest.param("truncated_body", {}, 60, id="stops in the middle"),
        pytest.param("status", {"status": 429, "retry_after": 400}, 400, id="has had enough"),
    ],
)
async def test_a_crm_that_fails_is_asked_again_later_and_nothing_is_lost(hub, sandbox, fault, args, least):
    before = await mark()
    number = await sell(sandbox, "Start Office Digital")
    await sandbox.plan(fault, match={"controller": "Activity"}, args=args, times=None)

    await poll(hub)

    assert await pause_left(hub) >= least
    assert ((await mark()).high_water, (await mark()).failures) == (before.high_water, 1)
    await forgive(sandbox)
    await end_the_pause()
    await poll(hub)
    assert (await sources(), (await mark()).failures) == ({number}, 0)


async def forgive(sandbox):
    async with aiohttp.ClientSession() as session:
        await session.delete(f"{sandbox.control}/control/faults")


async def end_the_pause():
    await CallSlot.all().update(paused_until=0.0)


async def close_the_circuit():
    """What time does in life: after five failures in a row no call is made for a while."""
    await CallCircuit.all().delete()


async def test_a_crm_that_stays_down_is_asked_less_and_less_and_reported_once(hub, sandbox):
    await sandbox.plan("drop_before", match={"controller": "Activity"}, times=None)

    with capture_logs() as logs:
        pauses = [await pause_after_poll(hub) for _ in range(5)]
        await forgive(sandbox)
        await close_the_circuit()
        pauses.append(await pause_after_poll(hub))

    assert pauses == [60, 120, 240, 480, 600, 60]
    reported = [log["event"] for log in logs if log["event"].startswith("poll_")]
    assert reported == ["poll_failing", "poll_recovered"]


async def test_a_successful_call_of_any_process_ends_the_pause_but_for_one_interval(hub, sandbox):
    await sandbox.plan("drop_before", match={"controller": "Activity"}, times=None)
    for _ in range(4):
        await poll(hub)
    await close_the_circuit()
    await hub.poller.poll()
    paused = await pause_left(hub)

    await hub.crm.get_company(BREMBATE)
    wait = await hub.poller.poll()

    assert (paused, await pause_left(hub)) == (480, 60)
    assert 0 < wait <= 60


async def test_a_success_before_the_last_failure_ends_no_pause(hub, sandbox):
    await hub.crm.get_company(BREMBATE)
    await sandbox.plan("drop_before", match={"controller": "Activity"}, times=None)
    for _ in range(4):
        await poll(hub)

    await hub.poller.poll()

    assert await pause_left(hub) == 480


async def test_its_last_failure_shows_in_the_health_and_not_that_the_crm_is_left_alone(hub, sandbox):
    await sandbox.plan("drop_before", match={"controller": "Activity"}, times=None)

    for _ in range(6):
        await poll(hub)

    health = await hub.forecaster.health()
    assert health.breaker is BreakerState.OPEN
    [failure] = health.last_errors
    assert failure.label == "Polling for sales"
    assert failure.explanation.startswith("GET Activity/Search ")
