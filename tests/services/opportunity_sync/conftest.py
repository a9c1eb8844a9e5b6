import pytest

from tests.hub import BREMBATE, generate, synchronise


@pytest.fixture
async def generated(hub, giulia, closed_parent):
    """A parent whose four opportunities are in the CRM, and not yet synchronised."""
    await generate(hub, closed_parent.id, actor=giulia.id)
    return closed_parent


@pytest.fixture
def sync(hub, giulia):
    async def sync(**scope):
        return await synchronise(hub, actor=giulia.id, **scope)

    return sync


@pytest.fixture
def by_hand(sandbox):
    """Somebody adds an opportunity in the CRM; answers its id."""

    async def by_hand(title="Proposta", **values):
        return await sandbox.add("Opportunity", title=title, **{"crossId": BREMBATE, **values})

    return by_hand
