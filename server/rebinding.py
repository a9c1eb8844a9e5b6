"""`python -m server crm rebind`: the only way to give a database to another tenant of the CRM."""

from collections.abc import Callable
from datetime import datetime

from server.settings import BadSettings, Settings
from server.wiring import open_gateway
from services.crm.crm_in_cloud.doctor.examination import ObservedAnswers
from services.crm.crm_in_cloud.identity import TenantIdentity
from services.crm.crm_in_cloud.tokens import OwnTokens
from services.crm.errors import CrmError
from services.crm_tenant import bound_to, rebind


class AnyTenant:
    """Admits every tenant and remembers it. Implements `services.crm.crm_in_cloud.identity.TenantGuard`."""

    identity: TenantIdentity

    async def admit(self, identity: TenantIdentity) -> None:
        self.identity = identity


async def rebind_database(settings: Settings, *, clock: Callable[[], datetime]) -> str:
    """Bind the open database to the tenant that answers now, and return what changed."""
    tenant_met = AnyTenant()
    access = settings.access()
    # A login of its own: a shared token may belong to the previous tenant.
    async with open_gateway(
        settings, access, clock=clock, on_answer=ObservedAnswers(clock), guard=tenant_met, tokens=OwnTokens()
    ) as gateway:
        try:
            await gateway.meet()
        except CrmError as error:
            bound = await bound_to() or "no tenant yet"
            raise BadSettings(
                f"The CRM did not name its tenant. {error.message} The database still belongs to {bound}."
            ) from error
    before = await rebind(tenant_met.identity, at=clock())
    if before == tenant_met.identity:
        return f"The database belongs to {before} already."
    was = f" It belonged to {before} before." if before else ""
    return f"The database belongs to {tenant_met.identity} from now on.{was}"
