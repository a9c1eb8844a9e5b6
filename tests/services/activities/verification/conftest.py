import pytest

from models import Milestone
from services.vocabulary import ItemKind
from tests.support.hub import show_milestones


@pytest.fixture
async def stages(hub, giulia, opportunity):
    """The milestones of the first child, each with its activity in the CRM."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Milestone.filter(ticket_id=opportunity.child_ticket_id).order_by("position")


@pytest.fixture
def press(hub, giulia, opportunity, stages):
    """The outcomes of a press by what they are for; the check itself is called by its kind."""

    async def press():
        items = await show_milestones(hub, opportunity, actor=giulia.id)
        return {
            ItemKind.CHECK_ACTIVITIES
            if item.kind == ItemKind.CHECK_ACTIVITIES
            else item.reference: item.outcome
            for item in items
        }

    return press
