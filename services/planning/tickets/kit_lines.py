"""Plans the ticket lines of a kit."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.errors import Refusal
from services.planning.catalog.types import Kit, Service


class KitWithoutServices(Refusal):
    """The kit has no services."""

    code = "KIT_WITHOUT_SERVICES"


class UnknownService(Refusal):
    """There is no such service."""

    code = "UNKNOWN_SERVICE"


class ServiceWithoutTemplate(Refusal):
    """The service has no workflow."""

    code = "SERVICE_WITHOUT_TEMPLATE"


@dataclass(frozen=True, slots=True)
class TicketLinePlan:
    """A kit line as the ticket keeps it, even if the kit changes."""

    position: int
    service_code: str
    name: str
    quantity: int
    unit_price: Decimal
    amount: Decimal
    mandatory: bool


def expand_kit(kit: Kit, services: Mapping[str, Service]) -> tuple[TicketLinePlan, ...]:
    """Copy a kit's lines for a ticket, with the names and prices of today. `services` are by code."""
    if not kit.lines:
        raise KitWithoutServices(f"The kit {kit.code} has no services.")
    if unknown := sorted({line.service for line in kit.lines} - services.keys()):
        raise UnknownService(
            f"The catalog has no service {', '.join(unknown)}, which the kit {kit.code} names."
        )
    return tuple(
        TicketLinePlan(
            position=position,
            service_code=line.service,
            name=services[line.service].name,
            quantity=line.quantity,
            unit_price=services[line.service].price,
            amount=services[line.service].price * line.quantity,
            mandatory=line.mandatory,
        )
        for position, line in enumerate(kit.lines, start=1)
    )
