import pytest


@pytest.fixture
async def hub(hub, giulia):
    """One that has begun to listen, and whose Giulia owns what she sells."""
    await hub.poller.poll()
    return hub
