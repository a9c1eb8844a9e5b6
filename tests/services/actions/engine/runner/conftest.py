import pytest

from services.actions import Costs, Engine
from tests.support.action_kinds import TIMING


@pytest.fixture
def engine(events, making, reading):
    return Engine(kinds={"MAKE": making, "READ": reading}, events=events, timing=TIMING, costs=Costs())
