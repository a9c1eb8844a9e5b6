import pytest

from services.opportunities.generation import generate_opportunities


@pytest.fixture
def press(hub, giulia):
    """Press the button, and only that."""

    async def press(ticket, **choice):
        return await generate_opportunities(ticket.id, actor=giulia.id, events=hub.events, **choice)

    return press
