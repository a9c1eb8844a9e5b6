import pytest

from tests.support.sandbox_process import SandboxProcess
from tests.support.stocked_tenant import COMPANY_ID


@pytest.fixture
async def stocked(sandbox: SandboxProcess) -> SandboxProcess:
    """A tenant that has something of everything."""
    opportunity_id = await sandbox.add("Opportunity", title="Formazione", code="C-7", crossId=COMPANY_ID)
    await sandbox.add("Opportunity", title="Bandi", crossId=408102)
    await sandbox.add("Activity", subject="Firma", opportunityId=opportunity_id, companyId=COMPANY_ID)
    return sandbox
