"""All processes share one budget and its pauses."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.actions.budget.limiter import CallLimiter, CallRate
from services.crm.errors import CrmUnavailable
from services.crm.protocol import Priority
from tests.support.limiters import real_time


async def test_two_limiters_on_one_database_share_one_budget(db, clock):
    limiters = [CallLimiter(CallRate(calls=8), clock=clock) for _ in range(2)]

    taken = [await limiter._try(Priority.INTERACTIVE) <= 0 for _ in range(3) for limiter in limiters]

    assert taken == [True, True, False, False, False, False]


async def test_a_call_somebody_waits_for_goes_before_the_background(db, clock):
    limiter = CallLimiter(CallRate(calls=40), clock=clock)

    granted = [
        sum([await limiter._try(priority) <= 0 for _ in range(20)])
        for priority in (Priority.BACKGROUND, Priority.ACTION, Priority.INTERACTIVE)
    ]

    assert granted == [6, 2, 2]


async def test_a_pause_holds_for_everybody_and_ends(db, clock):
    limiter = CallLimiter(CallRate(calls=40), clock=clock)
    await limiter.pause(60)

    assert [await limiter._try(one) for one in (Priority.ACTION, Priority.BACKGROUND)] == [60.0, 60.0]
    clock.now += timedelta(seconds=60)
    assert await limiter._try(Priority.BACKGROUND) <= 0


async def test_twenty_takers_at_once_get_a_slot_each(db):
    limiter = CallLimiter(CallRate(calls=4000), clock=real_time)

    async with asyncio.timeout(60):
        await asyncio.gather(*(limiter.take(Priority.BACKGROUND) for _ in range(20)))

    slot = await limiter._slot()
    assert slot.free_at > 0


async def test_the_time_it_took_to_write_a_slot_down_is_part_of_its_age(db):
    async def clock():
        now = datetime.now(UTC)
        await asyncio.sleep(0.1)
        return now

    age = await CallLimiter(CallRate(calls=40), clock=clock).take(Priority.ACTION)

    assert age >= 0.1


async def test_a_person_is_not_kept_waiting_for_the_end_of_a_pause(db, clock):
    limiter = CallLimiter(CallRate(calls=40), clock=clock)
    await limiter.pause(60)

    with pytest.raises(CrmUnavailable) as refused:
        await limiter.take(Priority.INTERACTIVE)

    assert refused.value.paused_until == clock.now + timedelta(seconds=60)
    assert refused.value.retry_after == 60.0


async def test_a_pause_that_is_nearly_over_is_waited_for(db, clock):
    limiter = CallLimiter(CallRate(calls=40), clock=clock)
    await limiter.pause(2)

    assert await limiter._try(Priority.INTERACTIVE) == 2.0


@pytest.mark.parametrize("calls", [pytest.param(40, id="the usual rate"), pytest.param(2, id="a slow one")])
async def test_a_clock_that_was_set_back_costs_no_more_than_a_full_burst(db, clock, calls):
    limiter = CallLimiter(rate := CallRate(calls=calls), clock=clock)
    while await limiter._try(Priority.INTERACTIVE) <= 0:
        pass
    clock.now -= timedelta(hours=5)

    await limiter._try(Priority.INTERACTIVE)
    wait = await limiter._try(Priority.INTERACTIVE)

    assert 0 < wait <= rate.interval + 1.0


async def test_a_pause_ends_within_the_longest_pause_however_the_clock_was_set_back(db, clock):
    limiter = CallLimiter(CallRate(calls=40), clock=clock)
    await limiter.pause(60)
    clock.now -= timedelta(hours=5)

    await limiter._try(Priority.ACTION)

    assert await limiter._try(Priority.ACTION) <= 3601.0
