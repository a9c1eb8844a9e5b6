"""No minute holds more calls than are set."""

from bisect import bisect_left

import pytest
from hypothesis import example, given, strategies as st

from server.settings import CrmVariables, Settings
from server.wiring import call_rate
from services.actions.budget.limiter import CallRate
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.protocol import SLOT_LIFETIME, Priority
from tests.support.limiters import take_call


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
def test_no_minute_of_the_crm_sees_more_calls_than_are_set_even_if_some_are_delayed(
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
            now, free_at = take_call(rate, now, free_at, Priority.INTERACTIVE)
            seen.append(round(now + late * held_up, 3))
    seen.sort()
    return max((bisect_left(seen, round(at + 60, 3)) - first for first, at in enumerate(seen)), default=0)
