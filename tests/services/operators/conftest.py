from datetime import datetime

import pytest

from models import Operator
from services.events.broadcast import Broadcast
from services.events.log import EventLog
from services.operators import create_operator
from tests.support.operator_drafts import GIULIA, NOON


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def events(db, clock) -> EventLog:
    return EventLog(clock=clock, broadcast=Broadcast())


@pytest.fixture
async def giulia(events) -> Operator:
    return await create_operator(GIULIA, actor="test", events=events)
