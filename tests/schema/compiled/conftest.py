"""Callers of the whole application, because compiled queries are answered in front of GraphQL's own execution."""

import pytest

from services.events import Broadcast, EventLog
from services.vocabulary import Role
from tests.support.asgi_client import AsgiClient, NewClient, client_maker
from tests.support.factories import NOW


@pytest.fixture
def callers(db: object) -> NewClient:
    """Make callers of one application, each with a role."""
    return client_maker(EventLog(clock=lambda: NOW, broadcast=Broadcast()))


@pytest.fixture
async def caller(callers: NewClient) -> AsgiClient:
    return await callers(Role.OPERATOR)
