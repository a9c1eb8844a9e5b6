import pytest

from resolvers.context import Context
from schema import schema
from services.operators import Viewer
from services.vocabulary import Role
from tests.support.hub import BREMBATE, edit_record, generate, synchronise
from tests.support.sync_findings import LOST, mirrored


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
async def lost(sandbox, sync, children):
    """The second line's opportunity, which is lost in the CRM. It has a child, and no activities yet."""
    opportunity = await mirrored(2)
    await edit_record(sandbox, "Opportunity", opportunity.crm_id, status=LOST)
    await sync()
    return opportunity


@pytest.fixture
def by_hand(sandbox):
    """Somebody adds an opportunity in the CRM; answers its id."""

    async def by_hand(title="Proposta", **values):
        return await sandbox.add("Opportunity", title=title, **{"crossId": BREMBATE, **values})

    return by_hand


@pytest.fixture
def ask(hub, giulia):
    """Giulia asks the schema, over the whole hub; the answer is the one field that the document has."""
    viewer = Viewer(giulia.id, "Giulia", Role.OPERATOR, "tok", Role.OPERATOR, expires_at=None)

    async def ask(document, **variables):
        context = Context(
            viewer=viewer,
            request_id="req",
            clock=hub.clock,
            calendar=hub.calendar,
            events=hub.events,
            crm=hub.crm,
            intake=hub.intake,
            previews=hub.previews,
            reconciler=hub.reconciler,
            forecaster=hub.forecaster,
            watching=hub.watching,
            pulse=hub.pulse,
            board=hub.board,
        )
        result = await schema.execute(document, variables, context_value=context)
        assert result.errors is None, result.errors
        [answer] = result.data.values()
        return answer

    return ask
