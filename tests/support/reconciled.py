"""Reports of the reconciliation."""

from models import CrmActivity
from services.vocabulary import EffectKind, Verdict
from tests.support.hub import BREMBATE


async def shadow(position=1):
    shadows = await CrmActivity.filter(role="SHADOW").order_by("id")
    return shadows[position - 1]


async def copy_opportunity(sandbox, opportunity):
    crm_id = await sandbox.add(
        "Opportunity", title=f"[IH:{opportunity.code}] Copia", code=opportunity.code, crossId=BREMBATE
    )
    return EffectKind.OPPORTUNITY, crm_id, Verdict.EXTRA, []
