"""What plans need to be carried out in tests."""

from zoneinfo import ZoneInfo

import pytest

from services.planning.calendar import WorkCalendar
from services.reads import Environment
from tests.support.factories import TODAY


@pytest.fixture
def environment() -> Environment:
    return Environment(today=TODAY, calendar=WorkCalendar(ZoneInfo("Europe/Rome")))
