import pytest

from models import Company, Opportunity
from tests.support.hub import BREMBATE, show_milestones


@pytest.fixture
async def told_whole(hub, giulia, opportunity):
    """A company with a sale, four opportunities, and the activities of the first one's child; that opportunity."""
    await show_milestones(hub, opportunity, actor=giulia.id)
    return await Opportunity.get(id=opportunity.id)


@pytest.fixture
def report(hub):
    async def report():
        company = await Company.get(crm_id=BREMBATE)
        return await hub.reconciler.report(company.id)

    return report
