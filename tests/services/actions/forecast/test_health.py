"""How we and the CRM get along."""

from datetime import timedelta

import pytest

from services.crm.errors import CrmNotCalled, CrmRefused, CrmUnavailable, LoginRefused
from services.crm.protocol import Priority
from services.vocabulary import BreakerState
from tests.support.action_kinds import press


async def test_a_quiet_hub_is_healthy(forecaster):
    health = await forecaster.health()

    assert (health.calls_per_minute, health.calls_left) == (40, 40)
    assert (health.queue_length, health.oldest_item_at, health.last_errors) == (0, None, [])
    assert (health.breaker, health.paused_until) == (BreakerState.CLOSED, None)


async def test_health_counts_what_waits_and_shows_what_failed(events, engine, clock, forecaster, making):
    making.script = ["refused"]
    making.look_up_script = [
        CrmRefused("GET Opportunity/Search was refused.", status=403, crm_message="Chiave.")
    ]
    await press(events, "A", "B")
    [lane] = await engine.due_lanes()
    await engine.run_lane(lane)
    oldest = await press(events, "C")
    clock.advance(60)
    await press(events, "D")

    health = await forecaster.health()

    assert (health.queue_length, health.oldest_item_at) == (2, oldest.created_at)
    assert [(one.label, one.result, one.explanation, one.crm_words) for one in health.last_errors] == [
        ("Make B", "CRM_REFUSED", "Refused.", "The title is too long."),
        ("Make A", "CRM_REFUSED", "GET Opportunity/Search was refused.", "Chiave."),
    ]


@pytest.mark.parametrize(
    ("failure", "reported"),
    [
        pytest.param(CrmUnavailable("GET X could not connect."), ["CRM_UNAVAILABLE"], id="that failed"),
        pytest.param(LoginRefused("No.", status=401), ["LOGIN_REFUSED"], id="that was not let in"),
        pytest.param(CrmNotCalled("It is left alone for a while."), [], id="that was not made"),
    ],
)
async def test_health_shows_a_call(events, engine, forecaster, making, failure, reported):
    making.look_up_script = [failure]
    await press(events, "A")
    [lane] = await engine.due_lanes()

    await engine.run_lane(lane)

    assert [one.result for one in (await forecaster.health()).last_errors] == reported


async def test_health_shows_what_is_left_of_the_budget_and_until_when_the_crm_wants_peace(
    forecaster, limiter, clock
):
    for _ in range(3):
        await limiter._try(Priority.INTERACTIVE)
    left = (await forecaster.health()).calls_left
    await limiter.pause(45)

    health = await forecaster.health()

    assert left == 37
    assert health.paused_until == clock() + timedelta(seconds=45)
    assert health.calls_left < left


async def test_health_shows_the_breaker(forecaster, breaker, clock):
    await (await breaker.enter()).judge(reached=False)
    opened_at = clock()
    opened = await forecaster.health()
    clock.advance(30)

    trying = await forecaster.health()

    assert (opened.breaker, opened.breaker_since) == (BreakerState.OPEN, opened_at)
    assert opened.breaker_until == opened_at + timedelta(seconds=30)
    assert (trying.breaker, trying.breaker_since) == (BreakerState.HALF_OPEN, opened_at)
