import asyncio
from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, strategies as st

from server.settings import CrmVariables, Settings
from server.wiring import call_rate
from services.actions.limiter import CallLimiter, CallRate, rank
from services.crm.errors import CrmUnavailable
from services.crm.protocol import SLOT_LIFETIME, Priority
from services.crm.settings import CrmSettings


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


@given(st.integers(1, 600))
def test_as_many_calls_are_left_in_an_idle_minute_as_are_set(calls):
    assert CallRate(calls).left(0.0, 1000.0) == calls


LATE = CallRate(calls=40).jitter

TENTHS = st.integers(0, 600).map(lambda tenths: tenths / 10)


@given(
    calls=st.integers(1, 600),
    connect_limit=TENTHS,
    bunches=st.lists(st.tuples(TENTHS, st.integers(1, 600), st.booleans()), max_size=4),
)
@example(calls=600, connect_limit=2.0, bunches=[(0.0, 171, True), (0.0, 600, False)])
@example(calls=1, connect_limit=10.0, bunches=[(0.0, 1, True), (0.0, 2, False)])
def test_no_minute_of_the_crm_sees_more_calls_than_are_set_whichever_of_them_are_held_up(
    calls, connect_limit, bunches
):
    tenant = CrmVariables(connect_limit=connect_limit or CrmSettings.connect_limit)
    rate = call_rate(Settings(crm=tenant, crm_calls_per_minute=calls))

    assert most_in_a_minute(rate, bunches, late=SLOT_LIFETIME + tenant.connect_limit) <= calls


@pytest.mark.parametrize("calls", [1, 60, 120, 600])
def test_control_a_spacing_that_forgives_half_of_that_lets_too_many_meet(calls):
    rate = CallRate(calls, jitter=LATE / 2)
    held_up = rate.burst + int(LATE / rate.interval)

    assert most_in_a_minute(rate, [(0.0, held_up, True), (0.0, calls, False)], late=LATE) > calls


def most_in_a_minute(rate, bunches, *, late):
    """Of calls that are asked for in bunches: after a rest, so many as soon as they may, all of them late or none."""
    now, free_at, seen = 0.0, 0.0, []
    for rest, count, held_up in bunches:
        now += rest
        for _ in range(count):
            now, free_at = _take(rate, now, free_at, Priority.INTERACTIVE)
            seen.append(round(now + late * held_up, 3))
    seen.sort()
    return max((bisect_left(seen, round(at + 60, 3)) - first for first, at in enumerate(seen)), default=0)


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

    async with asyncio.timeout(10):
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


@given(
    st.integers(20, 200),
    st.lists(st.tuples(st.floats(3, 60), st.sampled_from(["import", "poll"])), max_size=20),
)
def test_while_an_action_takes_every_call_it_gets_a_person_waits_less_than_three_seconds(calls, visits):
    rate, now, free_at = CallRate(calls=calls), 1000.0, 0.0
    for gap, visitor in visits:
        until = now + gap
        while now < until:
            now, free_at = _take(rate, now, free_at, Priority.ACTION)
        if visitor == "import":
            began = now
            for _ in range(2):
                now, free_at = _take(rate, now, free_at, Priority.INTERACTIVE)
            assert now - began < 3.0
        else:
            assert rate.wait(free_at, now, Priority.BACKGROUND) > 0


def test_calls_that_people_ask_for_at_once_wait_two_seconds_each_from_the_third_on():
    rate, now, free_at = CallRate(calls=40), 1000.0, 0.0
    for _ in range(100):
        now, free_at = _take(rate, now, free_at, Priority.ACTION)

    served = now
    waits = []
    for _ in range(4):
        served, free_at = _take(rate, served, free_at, Priority.INTERACTIVE)
        waits.append(round(served - now, 2))

    assert waits == [0, 0, 2.1, 4.2]


def _take(rate, now, free_at, priority):
    """Wait for a call and take it: the instant, and when the next would be on time."""
    now += max(rate.wait(free_at, now, priority), 0.0)
    return now, max(free_at, now) + rate.interval


async def test_a_person_s_call_overtakes_an_action_that_is_waiting(db):
    limiter = CallLimiter(CallRate(calls=40, window=6.0, jitter=0.15), clock=real_time)
    action = asyncio.create_task(_take_for_ever(limiter, Priority.ACTION))
    await asyncio.sleep(0.3)

    waits = []
    for _ in range(3):
        began = asyncio.get_running_loop().time()
        await limiter.take(Priority.INTERACTIVE)
        waits.append(asyncio.get_running_loop().time() - began)

    action.cancel()
    assert max(waits[:2]) < 0.2


async def _take_for_ever(limiter, priority):
    while True:
        await limiter.take(priority)


async def test_those_who_ask_again_take_turns(db):
    limiter = CallLimiter(CallRate(calls=400, window=6.0, jitter=0.1), clock=real_time)
    taken = []

    async def ask_again(name):
        while len(taken) < 150:
            await limiter.take(Priority.ACTION)
            taken.append(name)

    await asyncio.gather(*(ask_again(name) for name in range(5)))

    turns = [taken[first : first + 5] for first in range(0, 150, 5)]
    assert all(len(set(turn)) == 5 for turn in turns)


async def test_the_action_that_has_come_least_far_goes_first(db):
    limiter = CallLimiter(CallRate(calls=40, window=6.0, jitter=0.15), clock=real_time)
    taken = []

    async def call_for(steps):
        rank.set((steps, "lane"))
        await limiter.take(Priority.ACTION)
        taken.append(steps)

    far = [asyncio.create_task(call_for(steps)) for steps in range(50, 60)]
    while len(taken) < 8:
        await asyncio.sleep(0.01)
    await asyncio.gather(*(call_for(steps) for steps in (1, 0)), *far)

    # Eight leave at once. The ninth looks at the row already when the newcomers come, and lets them go first.
    assert taken[:-1] == [*range(50, 58), 0, 1, 58]


@pytest.fixture
async def far_and_near(db, clock):
    """Two processes, each with a lane that tries to call: of an action that has come far, and of a new one.

    What may leave at once has left.
    """

    def trying_as(steps):
        limiter = CallLimiter(CallRate(calls=40), clock=clock)

        async def attempt():
            rank.set((steps, "lane"))
            return await limiter._try(Priority.ACTION)

        return attempt

    far, near = trying_as(50), trying_as(0)
    while await far() <= 0:
        pass
    return far, near


async def test_of_two_processes_that_calls_next_whose_action_has_come_least_far(far_and_near, clock):
    far, near = far_and_near
    clock.now += timedelta(seconds=await near())

    assert (await far() > 0, await near() > 0) == (True, False)

    clock.now += timedelta(seconds=await far())
    assert await far() <= 0


async def test_whoever_has_come_least_far_takes_no_notice_of_what_is_promised_to_others(far_and_near, clock):
    far, near = far_and_near
    clock.now += timedelta(seconds=await far())

    assert await near() <= 0


async def test_a_slot_promised_to_somebody_who_is_gone_is_free_after_a_second(far_and_near, clock):
    far, near = far_and_near
    clock.now += timedelta(seconds=await near())

    clock.now += timedelta(seconds=0.9)
    assert await far() > 0
    clock.now += timedelta(seconds=0.1)
    assert await far() <= 0


async def granted_beside_an_action(limiter, *, seconds):
    """How many of eight background calls get a slot in so many seconds, while an action takes all that it can."""
    action = asyncio.create_task(_take_for_ever(limiter, Priority.ACTION))
    await asyncio.sleep(0.3)
    waiting = [asyncio.create_task(limiter.take(Priority.BACKGROUND)) for _ in range(8)]
    granted, _ = await asyncio.wait(waiting, timeout=seconds)
    for task in (action, *waiting):
        task.cancel()
    await asyncio.gather(action, *waiting, return_exceptions=True)
    return len(granted)


@pytest.mark.parametrize(
    ("patience", "seconds", "granted"),
    [
        pytest.param(0.5, 3.0, 8, id="out of patience"),
        pytest.param(60.0, 1.0, 0, id="control: patient"),
    ],
)
async def test_what_nobody_asked_for_goes_like_an_action_once_it_has_waited_long(
    db, monkeypatch, patience, seconds, granted
):
    """However many wait, each has waited by itself: they do not spend their patience one after the other."""
    monkeypatch.setattr("services.actions.limiter.BACKGROUND_PATIENCE", patience)
    limiter = CallLimiter(CallRate(calls=40, window=2.0, jitter=0.05), clock=real_time)

    assert await granted_beside_an_action(limiter, seconds=seconds) == granted
