"""Who answers for what is sold."""

from models import Service
from services.events.log import EventLog
from services.operators.roster import ACCESS, get_active_operator
from services.planning.kit_expander import UnknownService


async def set_responsible(
    service_code: str, operator_id: str | None, *, actor: str, events: EventLog
) -> Service:
    """Say who answers for a service; None for nobody. They own what is made of it from now on."""
    async with events.change(ACCESS, "catalog", actor=actor) as change:
        service = await Service.get_or_none(code=service_code)
        if service is None:
            raise UnknownService(f"There is no service {service_code!r}.", path=("serviceCode",))
        if operator_id is not None:
            await get_active_operator(operator_id)
        await change.update(service, kind="SERVICE_SAVED", responsible_id=operator_id)
        return service


async def list_services() -> list[Service]:
    """Everything that is sold, each with who answers for it."""
    return await Service.all().order_by("code").prefetch_related("responsible")
