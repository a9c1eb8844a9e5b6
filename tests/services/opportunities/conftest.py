import pytest

from tests.support.buttons import Button


@pytest.fixture
def button(hub, giulia, closed_parent):
    return Button(hub, "generateOpportunities", giulia.id, {"ticketId": closed_parent.id})
