"""Examinations of a tenant that holds records."""

from services.crm.crm_in_cloud.profile import FILTERS, TenantProfile, key_of
from tests.support.crm_lookups import examine
from tests.support.sandbox_process import SandboxProcess

COMPANY_ID = 408101
NOTHING = {"Activity": [], "Opportunity": []}
EVERY_KEY = {key_of(*one) for one in FILTERS}


async def profile_of(sandbox: SandboxProcess, **changes: object) -> TenantProfile:
    return (await examine(sandbox.settings, **changes)).profile
