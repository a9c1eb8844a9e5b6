"""Plans what follows when an operator names the place of an opportunity, or says why it cannot be there."""

from collections.abc import Collection, Mapping

from services.errors import Refusal
from services.planning.opportunities.facts import (
    FoundOpportunity,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
    SyncReason,
    why_no_child,
)
from services.planning.opportunities.matching import named_services
from services.planning.tickets.codes import child_code
from services.planning.tickets.kit_lines import ServiceWithoutTemplate
from services.planning.tickets.workflow import TicketIsCancelled
from services.vocabulary import TicketStatus


class LineFilled(Refusal):
    """The line already has an opportunity, or one is being created."""

    code = "LINE_FILLED"


class ServiceUnclear(Refusal):
    """Neither the operator nor the opportunity names exactly one service."""

    code = "SERVICE_UNCLEAR"


def plan_for_line(found: FoundOpportunity, ticket: SaleTicket, line_id: str) -> SyncDecision:
    """Adopt the opportunity for a ticket line without one."""
    _refuse_cancelled(ticket)
    line = next(line for line in ticket.lines if line.id == line_id)
    if line.filled:
        raise LineFilled(
            "This line already has an opportunity, or one is being created.", path=("ticketLineId",)
        )
    return _adoption(
        found,
        ticket,
        line_id=line.id,
        position=line.position,
        service_code=line.service_code,
        has_template=line.has_template,
    )


def plan_beside_lines(
    found: FoundOpportunity,
    ticket: SaleTicket,
    *,
    service_code: str | None,
    services: Mapping[str, str],
    with_template: Collection[str],
    taken_positions: Collection[int],
) -> SyncDecision:
    """Adopt the opportunity without a line, under the next number after the lines and earlier adoptions.

    Its service is the chosen one, else the only one that it names. `services` are the names of all services by code,
    `with_template` the codes of those that have a template for a child ticket.
    """
    _refuse_cancelled(ticket)
    code = service_code or _only_service(found, services)
    if code not in with_template:
        raise ServiceWithoutTemplate(f"The service {code} has no workflow.", path=("serviceId",))
    positions = (*taken_positions, *(line.position for line in ticket.lines))
    position = max(positions, default=0) + 1
    return _adoption(found, ticket, line_id=None, position=position, service_code=code, has_template=True)


def _refuse_cancelled(ticket: SaleTicket) -> None:
    if ticket.status is TicketStatus.CANCELLED:
        raise TicketIsCancelled("The ticket is cancelled.")


def _only_service(found: FoundOpportunity, services: Mapping[str, str]) -> str:
    match sorted(named_services(found, services)):
        case [code]:
            return code
        case []:
            raise ServiceUnclear("It names no service; say which one it sells.", path=("serviceId",))
        case several:
            names = ", ".join(several)
            raise ServiceUnclear(f"It names {names}; say which one it sells.", path=("serviceId",))


def _adoption(
    found: FoundOpportunity,
    ticket: SaleTicket,
    *,
    line_id: str | None,
    position: int,
    service_code: str,
    has_template: bool,
) -> SyncDecision:
    no_child = why_no_child(found.status, ticket, has_template)
    return SyncDecision(
        crm_id=found.crm_id,
        outcome=SyncOutcome.ADOPT,
        ticket_id=ticket.id,
        line_id=line_id,
        position=position,
        code=child_code(service_code, ticket.serial, position),
        service_code=service_code,
        carried_code=found.own_code,
        creates_child=no_child is None,
        reason=SyncReason.MAPPED,
        no_child=no_child,
    )
