from contextlib import contextmanager

import pytest

from services.events import Broadcast, EventLog
from tests.support.action_kinds import Clock, Making, Reading


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ahead(clock):
    """Sets the clock ahead by ten years for a moment."""

    @contextmanager
    def ahead():
        right = clock()
        clock.advance(10 * 365 * 86400)
        yield
        clock.now = right

    return ahead


@pytest.fixture
def events(db, clock):
    return EventLog(clock=clock, broadcast=Broadcast())


@pytest.fixture
def making():
    return Making()


@pytest.fixture
def reading():
    return Reading()
