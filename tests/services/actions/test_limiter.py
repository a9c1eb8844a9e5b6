import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.actions.limiter import CallLimiter, CallRate
from services.crm.protocol import Priority


@given(st.integers(1, 200), st.lists(st.floats(0, 5), min_size=1, max_size=300))
def test_no_window_ever_holds_more_calls_than_the_rate_allows(calls, gaps):
    rate = CallRate(calls=calls)
    free_at, now, granted = 0.0, 1000.0, []

    for gap in gaps:
        now += gap
        if rate.wait(free_at, now, Priority.INTERACTIVE) <= 0:
            free_at = max(free_at, now) + rate.interval
            granted.append(now)

    for start in granted:
        assert sum(start <= instant < start + rate.window + rate.jitter for instant in granted) <= calls


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    async def __call__(self):
        return self.now


async def real_time():
    return datetime.now(UTC)


@pytest.fixture
def clock():
    return Clock()


async def test_two_limiters_on_one_database_share_one_budget(db, clock):
    limiters = [CallLimiter(CallRate(calls=8), clock=clock) for _ in range(2)]

    taken = [await limiter._try(Priority.INTERACTIVE) <= 0 for _ in range(3) for limiter in limiters]

    assert taken == [True, True, False, False, False, False]


async def test_a_call_somebody_waits_for_goes_before_the_background(db, clock):
    limiter = CallLimiter(CallRate(calls=40), clock=clock)

    background = [await limiter._try(Priority.BACKGROUND) <= 0 for _ in range(20)]
    interactive = [await limiter._try(Priority.INTERACTIVE) <= 0 for _ in range(3)]

    assert sum(background) == 8
    assert interactive == [True, True, False]


async def test_a_pause_holds_for_everybody_and_ends(db, clock):
    limiter = CallLimiter(CallRate(calls=40), clock=clock)
    await limiter.pause(60)

    assert await limiter._try(Priority.INTERACTIVE) == 60.0
    clock.now += timedelta(seconds=60)
    assert await limiter._try(Priority.INTERACTIVE) <= 0


async def test_twenty_takers_at_once_get_a_slot_each(db):
    limiter = CallLimiter(CallRate(calls=4000), clock=real_time)

    async with asyncio.timeout(10):
        await asyncio.gather(*(limiter.take(Priority.BACKGROUND) for _ in range(20)))

    slot = await limiter._slot()
    assert slot.free_at > 0
