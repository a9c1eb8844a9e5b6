"""When work will be done, against a simulation that sends one call after the other."""

from collections import deque
from heapq import heappop, heappush

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.planning.pace import Budget, Load, plan_ends


def simulate(loads, budget):
    """Lanes that ask for a call, get the first that is free in the order of asking, and are busy with it."""
    late_at = (1 - budget.ready) * budget.interval
    save = (budget.burst - 1) * budget.interval
    free_at = late_at + save
    coming = deque(sorted(enumerate(loads), key=lambda one: (one[1].opens_in, one[0])))
    asking, ends = [], {}
    left = [load.calls for load in loads]
    at_work = number = 0
    now = budget.opens_in
    while coming or asking:
        while (
            coming
            and at_work < budget.lanes_at_once
            and (not asking or max(coming[0][1].opens_in, budget.opens_in) <= asking[0][0])
        ):
            index, load = coming.popleft()
            heappush(asking, (max(load.opens_in, now), number, index))
            at_work, number = at_work + 1, number + 1
        asked_at, _, index = heappop(asking)
        now = max(asked_at, now, free_at - save)
        free_at = max(free_at, now) + budget.interval
        left[index] -= 1
        if left[index]:
            heappush(asking, (now + budget.latency, number, index))
            number += 1
        else:
            at_work -= 1
            owner = loads[index].owner
            ends[owner] = max(ends.get(owner, 0.0), now + budget.latency)
    return ends


budgets = st.builds(
    Budget,
    ready=st.floats(-3, 8),
    burst=st.just(8.0),
    interval=st.floats(0.5, 3.0),
    opens_in=st.floats(0, 60),
    latency=st.floats(0.05, 5.0),
    lanes_at_once=st.integers(1, 10),
)
loads = st.lists(
    st.builds(
        Load,
        owner=st.sampled_from(["one", "two", "three"]),
        calls=st.integers(1, 60),
        opens_in=st.floats(0, 100),
    ),
    min_size=1,
    max_size=12,
)


@given(loads, budgets)
@example(
    [Load("one", 1, opens_in=1.0), Load("two", 5)],
    Budget(8, 8, 1.0, opens_in=1.0, latency=1.0, lanes_at_once=1),
)
def test_what_is_promised_is_what_happens_within_a_tenth_and_a_round_of_calls(loads, budget):
    planned, happened = plan_ends(loads, budget), simulate(loads, budget)

    assert planned.keys() == happened.keys()
    a_round = (len(loads) + 1) * budget.interval + 2 * budget.latency
    for owner, end in happened.items():
        assert planned[owner] == pytest.approx(end, rel=0.1, abs=a_round)


@pytest.mark.parametrize(
    ("loads", "budget", "ends"),
    [
        pytest.param([], Budget(8, 8, 2.0), {}, id="nothing to do"),
        pytest.param(
            [Load("a", 8)], Budget(8, 8, 2.0, latency=0.1), {"a": 0.9}, id="a burst, as fast as it goes"
        ),
        pytest.param([Load("a", 9)], Budget(0, 8, 2.0), {"a": 18.0}, id="nothing saved up"),
        pytest.param([Load("a", 9)], Budget(-2, 8, 2.0), {"a": 22.0}, id="two calls owed"),
        pytest.param([Load("a", 4)], Budget(0, 8, 2.0, opens_in=60), {"a": 60.0}, id="saving during a pause"),
        pytest.param([Load("a", 4, 100)], Budget(0, 8, 2.0), {"a": 100.0}, id="a head that waits"),
        pytest.param([Load("a", 10)], Budget(8, 8, 2.0, latency=5), {"a": 55.0}, id="a slow CRM"),
        pytest.param(
            [Load("a", 5), Load("b", 5)],
            Budget(0, 8, 2.0, lanes_at_once=1),
            {"a": 10.0, "b": 20.0},
            id="one lane",
        ),
    ],
)
def test_the_end_of_work_in_plain_cases(loads, budget, ends):
    assert plan_ends(loads, budget) == pytest.approx(ends, abs=0.01)


def test_two_hundred_calls_alone_take_what_their_number_says():
    end = plan_ends([Load("a", 200)], Budget(ready=8, burst=8, interval=2.05, latency=0.4))

    assert end["a"] == pytest.approx(192 * 2.05, rel=0.01)
