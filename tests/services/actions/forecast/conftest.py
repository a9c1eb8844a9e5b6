"""A forecaster, and what it looks at."""

import pytest

from services.actions import CallLimiter, CallRate, Costs, Engine, Forecaster
from services.crm.breaker import Breaker
from tests.support.action_kinds import TIMING

RATE = CallRate(calls=40)


@pytest.fixture
def shared_clock(clock):
    async def now():
        return clock()

    return now


@pytest.fixture
def engine(events, making, reading):
    return Engine(kinds={"MAKE": making, "READ": reading}, events=events, timing=TIMING, costs=Costs())


@pytest.fixture
def forecaster(db, shared_clock):
    return Forecaster(RATE, creates=["MAKE"], timing=TIMING, clock=shared_clock, costs=Costs())


@pytest.fixture
def limiter(db, shared_clock):
    return CallLimiter(RATE, clock=shared_clock)


@pytest.fixture
def breaker(db, clock):
    return Breaker(failures=1, seconds=30, clock=clock)
