import pytest

from models import Action
from tests.support.hub import run_to_the_end
from tests.support.repairs import REPAIR
from tests.support.sync_findings import mirrored


@pytest.fixture
def repair(ask, hub):
    """Press the button for the opportunity of the second line, and let the engine do its work."""

    async def repair(kind, **details):
        opportunity = await mirrored(2)
        answer = await ask(REPAIR, opportunity=opportunity.id, repair=kind, **details)
        if answer["action"]:
            await run_to_the_end(hub, await Action.get(id=answer["action"]["id"]))
        return answer

    return repair


@pytest.fixture
async def deleted(sandbox, sync, children):
    """The second line's opportunity, which somebody deleted in the CRM."""
    opportunity = await mirrored(2)
    await sandbox.delete("Opportunity", opportunity.crm_id)
    await sync()
    return opportunity
