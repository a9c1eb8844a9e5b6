"""When work will be done."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from services.actions.forecast.simulation import Budget, Load, plan_ends

budgets = st.builds(
    Budget,
    ready=st.floats(-3, 8),
    burst=st.just(8.0),
    interval=st.floats(0.5, 3.0),
    opens_in=st.floats(0, 60),
    latency=st.floats(0.05, 5.0),
)
loads = st.lists(
    st.builds(
        Load,
        owner=st.sampled_from(["one", "two", "three"]),
        calls=st.integers(0, 60),
        opens_in=st.floats(0, 100),
        steps_behind=st.integers(0, 60),
    ),
    min_size=1,
    max_size=12,
)


@given(loads, budgets)
def test_everybody_comes_to_an_end_no_sooner_than_the_budget_allows(loads, budget):
    ends = plan_ends(loads, budget)

    assert ends.keys() == {load.owner for load in loads}
    calls = sum(load.calls for load in loads)
    granted_in = max((calls - budget.ready) * budget.interval, 0.0)
    if calls > budget.burst + budget.opens_in / budget.interval:
        assert max(ends.values()) >= granted_in - 0.001


@given(loads, budgets)
def test_no_call_that_could_leave_is_kept_waiting(loads, budget):
    ends = plan_ends(loads, budget)

    calls = sum(load.calls for load in loads)
    begins_in = max(budget.opens_in, max(load.opens_in for load in loads))
    each_in_turn = calls * max(budget.interval, budget.latency) + 3 * budget.interval + budget.latency
    assert max(ends.values()) <= begins_in + each_in_turn + 0.001


@given(loads, budgets, st.integers(1, 20))
def test_the_action_with_the_fewest_calls_is_not_slowed_by_the_others(loads, budget, calls):
    further = [replace(load, steps_behind=load.steps_behind + calls) for load in loads]
    newcomer = Load("newcomer", calls)

    ends = plan_ends([*further, newcomer], budget)

    alone = plan_ends([newcomer], replace(budget, ready=min(budget.ready, 0.0), burst=1.0))
    assert ends["newcomer"] <= alone["newcomer"] + calls * budget.interval + 0.001


@pytest.mark.parametrize(
    ("loads", "budget", "ends"),
    [
        pytest.param([], Budget(8, 8, 2.0), {}, id="nothing to do"),
        pytest.param(
            [Load("a", 8)], Budget(8, 8, 2.0, latency=0.1), {"a": 0.8}, id="a burst, as fast as it goes"
        ),
        pytest.param([Load("a", 9)], Budget(0, 8, 2.0), {"a": 18.0}, id="nothing saved up"),
        pytest.param([Load("a", 9)], Budget(-2, 8, 2.0), {"a": 22.0}, id="two calls owed"),
        pytest.param([Load("a", 4)], Budget(0, 8, 2.0, opens_in=60), {"a": 60.0}, id="saving during a pause"),
        pytest.param([Load("a", 4, 100)], Budget(0, 8, 2.0), {"a": 100.0}, id="a head that waits"),
        pytest.param([Load("a", 10)], Budget(8, 8, 2.0, latency=5), {"a": 50.0}, id="a slow CRM"),
        pytest.param([Load("a", 0, 3.0)], Budget(8, 8, 2.0, latency=1.0), {"a": 3.0}, id="on its way"),
        pytest.param([Load("a", 5), Load("b", 5)], Budget(0, 8, 2.0), {"a": 18.0, "b": 20.0}, id="in turns"),
        pytest.param(
            [Load("a", 3, steps_behind=1), Load("b", 5, look_up=4)],
            Budget(0, 8, 2.0),
            {"b": 10.0, "a": 16.0},
            id="looking up is no step",
        ),
        pytest.param(
            [Load("a", 5), Load("b", 5, steps_behind=5)],
            Budget(0, 8, 2.0),
            {"a": 10.0, "b": 20.0},
            id="the one that has come less far first",
        ),
    ],
)
def test_the_end_of_work_in_plain_cases(loads, budget, ends):
    assert plan_ends(loads, budget) == pytest.approx(ends, abs=0.01)


def test_two_hundred_calls_alone_take_what_their_number_says():
    end = plan_ends([Load("a", 200)], Budget(ready=8, burst=8, interval=2.05, latency=0.4))

    assert end["a"] == pytest.approx(192 * 2.05, rel=0.01)
