import pytest

from services.events import Broadcast, EventLog
from tests.services.actions.making import Clock, Making


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def events(db, clock):
    return EventLog(clock=clock, broadcast=Broadcast())


@pytest.fixture
def making():
    return Making()
