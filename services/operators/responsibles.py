"""The operators responsible for services."""

from models import Service
from services.events import EventType
from services.events.log import EventLog
from services.operators.roster import ACCESS, get_active_operator
from services.planning.tickets.kit_lines import UnknownService


async def set_responsible(
    service_code: str, operator_id: str | None, *, actor: str, events: EventLog
) -> Service:
    """Set the operator responsible for a service, or None. New tickets and opportunities of it are theirs."""
    async with events.change(ACCESS, "catalog", actor=actor) as change:
        service = await Service.get_or_none(code=service_code)
        if service is None:
            raise UnknownService(f"There is no service {service_code!r}.", path=("serviceCode",))
        if operator_id is not None:
            await get_active_operator(operator_id)
        await change.update(service, kind=EventType.SERVICE_SAVED, responsible_id=operator_id)
        return service


async def list_services() -> list[Service]:
    """List all services with their responsible operators."""
    return await Service.all().order_by("code").prefetch_related("responsible")
