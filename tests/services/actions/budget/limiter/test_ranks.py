"""Who calls next."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from services.actions.budget.limiter import CallLimiter, CallRate, rank
from services.crm.protocol import Priority
from tests.support.limiters import real_time, take_call


@given(
    st.integers(20, 200),
    st.lists(st.tuples(st.floats(3, 60), st.sampled_from(["import", "poll"])), max_size=20),
)
def test_while_an_action_takes_every_call_it_gets_a_person_waits_less_than_three_seconds(calls, visits):
    rate, now, free_at = CallRate(calls=calls), 1000.0, 0.0
    for gap, visitor in visits:
        until = now + gap
        while now < until:
            now, free_at = take_call(rate, now, free_at, Priority.ACTION)
        if visitor == "import":
            began = now
            for _ in range(2):
                now, free_at = take_call(rate, now, free_at, Priority.INTERACTIVE)
            assert now - began < 3.0
        else:
            assert rate.wait(free_at, now, Priority.BACKGROUND) > 0


def test_calls_that_people_ask_for_at_once_wait_two_seconds_each_from_the_third_on():
    rate, now, free_at = CallRate(calls=40), 1000.0, 0.0
    for _ in range(100):
        now, free_at = take_call(rate, now, free_at, Priority.ACTION)

    served = now
    waits = []
    for _ in range(4):
        served, free_at = take_call(rate, served, free_at, Priority.INTERACTIVE)
        waits.append(round(served - now, 2))

    assert waits == [0, 0, 2.1, 4.2]


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


async def test_the_action_with_the_fewest_calls_does_not_wait_for_slots_promised_to_others(
    far_and_near, clock
):
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
async def test_background_work_ranks_like_an_action_once_it_has_waited_long(
    db, monkeypatch, patience, seconds, granted
):
    """However many wait, each has waited by itself: they do not spend their patience one after the other."""
    monkeypatch.setattr("services.actions.budget.limiter.BACKGROUND_PATIENCE", patience)
    limiter = CallLimiter(CallRate(calls=40, window=2.0, jitter=0.05), clock=real_time)

    assert await granted_beside_an_action(limiter, seconds=seconds) == granted
