"""A CRM that cannot be reached is left alone by everybody, and tried by one."""

from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from services.crm.breaker import Breaker
from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.errors import CrmOutcomeUnknown, CrmRefused, CrmUnavailable
from tests.support.recorded_answers import ACTIVITY_845, DRAFT, NOW, OPPORTUNITY_UPSERT, SETTINGS

pytestmark = pytest.mark.usefixtures("db")

FAILURES, SECONDS = 3, 30.0


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def advance(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def process(clock):
    """The breaker of one more process over the same database."""
    return lambda: Breaker(failures=FAILURES, seconds=SECONDS, clock=clock)


async def call(breaker, *, reached):
    await (await breaker.enter()).judge(reached=reached)


async def is_open(breaker):
    try:
        await breaker.check()
    except CrmUnavailable:
        return True
    return False


async def fail(breaker, times=FAILURES):
    for _ in range(times):
        await call(breaker, reached=False)


async def test_it_opens_for_all_processes_after_so_many_failures_in_a_row(process):
    one, other = process(), process()
    await fail(one, FAILURES - 1)
    await other.check()

    await fail(other, 1)

    for breaker in (one, other):
        with pytest.raises(CrmUnavailable) as refused:
            await breaker.check()
        assert refused.value.retry_after == SECONDS
        assert refused.value.paused_until is None


async def test_a_call_that_reached_the_crm_resets_the_count(process):
    breaker = process()
    await fail(breaker, FAILURES - 1)
    await call(breaker, reached=True)

    await fail(breaker, FAILURES - 1)
    counted = await is_open(breaker)
    await fail(breaker, 1)

    assert (counted, await is_open(breaker)) == (False, True)


async def test_an_answer_to_a_call_from_before_it_opened_closes_it(process):
    slow = await process().enter()
    await fail(process())
    before = await is_open(process())

    await slow.judge(reached=True)

    assert (before, await is_open(process())) == (True, False)


async def test_it_says_when_a_call_of_any_process_last_succeeded(process, clock):
    before = await process().succeeded_at()
    await (await process().enter()).judge(reached=True, succeeded=True)
    clock.advance(60)
    await (await process().enter()).judge(reached=True)

    assert (before, await process().succeeded_at()) == (None, clock.now - timedelta(seconds=60))


async def test_when_the_time_is_up_one_of_all_processes_tries(process, clock):
    await fail(process())
    clock.advance(SECONDS)

    first = await process().enter()
    refused = 0
    for breaker in (process(), process()):
        try:
            await breaker.enter()
        except CrmUnavailable:
            refused += 1

    assert refused == 2
    await first.judge(reached=True)
    await process().check()
    await call(process(), reached=True)


async def test_a_try_that_fails_keeps_it_open_for_as_long_again(process, clock):
    await fail(process())
    clock.advance(SECONDS)
    trial = await process().enter()
    clock.advance(10)

    await trial.judge(reached=False)

    with pytest.raises(CrmUnavailable) as refused:
        await process().check()
    assert refused.value.retry_after == SECONDS


async def test_the_right_to_try_lapses_with_a_process_that_died_over_it(process, clock):
    await fail(process())
    clock.advance(SECONDS)
    await process().enter()
    taken = await is_open(process())
    clock.advance(SECONDS)

    await call(process(), reached=True)

    assert (taken, await is_open(process())) == (True, False)


async def test_a_clock_that_was_set_back_keeps_it_open_no_longer_than_it_lasts(process, clock):
    await fail(process())
    clock.advance(-7200)

    with pytest.raises(CrmUnavailable) as refused:
        await process().check()
    await call(process(), reached=True)

    assert refused.value.retry_after == SECONDS
    await process().check()


# In the client's way


@pytest.fixture
def crm(session, budget, stopwatch, process):
    return CrmInCloudClient(
        SETTINGS, session=session, budget=budget, clock=lambda: NOW, monotonic=stopwatch, circuit=process()
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"exception": aiohttp.ServerDisconnectedError()}, id="a line that drops"),
        pytest.param({"exception": TimeoutError()}, id="no answer"),
        pytest.param({"status": 503}, id="a proxy alone"),
    ],
)
async def test_an_open_breaker_takes_no_call_and_no_claim_and_what_was_unknown_stays_unknown(
    crm, crm_http, budget, answer
):
    crm_http.post(OPPORTUNITY_UPSERT, repeat=True, **answer)
    claims = []

    async def claim():
        claims.append(1)

    for _ in range(FAILURES):
        with pytest.raises(CrmOutcomeUnknown):
            await crm.create_opportunity(DRAFT, claim=claim)
    with pytest.raises(CrmUnavailable):
        await crm.create_opportunity(DRAFT, claim=claim)

    assert len(budget.taken) == len(claims) == FAILURES


async def test_it_may_open_while_a_call_waits_for_its_turn(crm, crm_http, budget, process, monkeypatch):
    crm_http.post(OPPORTUNITY_UPSERT, body="4711")
    claims = []

    async def claim():
        claims.append(1)

    async def wait_long(priority):
        await fail(process())
        return 0.0

    monkeypatch.setattr(budget, "take", wait_long)

    with pytest.raises(CrmUnavailable):
        await crm.create_opportunity(DRAFT, claim=claim)

    assert claims == []
    assert not crm_http.requests


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 429}, id="a pause"),
        pytest.param({"status": 403, "payload": {"message": "No."}}, id="a refusal"),
        pytest.param({"status": 500}, id="a mistake of its own"),
    ],
)
async def test_a_crm_that_answers_can_be_reached(crm, crm_http, process, answer):
    crm_http.get(ACTIVITY_845, repeat=True, **answer)

    for _ in range(FAILURES + 1):
        with pytest.raises((CrmUnavailable, CrmRefused)):
            await crm.get_activity(845)

    await process().check()


async def test_a_claim_that_is_lost_by_the_one_who_tries_says_nothing_of_the_crm(
    crm, crm_http, process, clock
):
    await fail(process())
    clock.advance(SECONDS)

    async def lost():
        raise LookupError

    with pytest.raises(LookupError):
        await crm.create_opportunity(DRAFT, claim=lost)

    with pytest.raises(CrmUnavailable):
        await process().check()
