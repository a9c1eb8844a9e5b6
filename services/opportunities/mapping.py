"""Maps a CRM opportunity that could not be matched with certainty to the place that an operator names."""

from dataclasses import dataclass

from models import Company, Opportunity, Service, Ticket, TicketLine
from services.catalog import store as catalog_store
from services.crm.protocol import Crm, Priority
from services.crm.records import OpportunityRecord
from services.crm.refusals import refusals
from services.errors import Refusal
from services.events import EventLog
from services.opportunities import mirror as opportunity_mirror
from services.opportunities.crm_snapshot import read_products
from services.opportunities.generation import find_in_place
from services.opportunities.replacements import trees_that_name
from services.opportunities.unmatched import remove_unmatched
from services.planning.calendar import WorkCalendar
from services.planning.opportunities.facts import FoundOpportunity, SyncDecision
from services.planning.opportunities.kit_expander import NotAParent, UnknownLine
from services.planning.opportunities.mapping import plan_beside_lines, plan_for_line
from services.planning.tickets.kit_lines import UnknownService
from services.records import UnknownOpportunity, get_ticket
from services.vocabulary import TicketKind


class WrongCompany(Refusal):
    """The opportunity belongs to another company than the ticket."""

    code = "WRONG_COMPANY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The place that an operator names: a line, or a ticket and the service that it sells beside the lines."""

    line_id: str | None = None
    ticket_id: str | None = None
    service_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The rows behind a destination."""

    ticket: Ticket
    line_id: str | None = None
    service: Service | None = None

    def holds(self, opportunity: Opportunity) -> bool:
        """Return whether the opportunity is already here."""
        same_service = self.service is None or opportunity.service_id == self.service.id
        return (opportunity.ticket_id, opportunity.ticket_line_id) == (
            self.ticket.id,
            self.line_id,
        ) and same_service


async def map_opportunity(
    crm_id: int,
    destination: Destination,
    *,
    actor: str,
    crm: Crm,
    events: EventLog,
    calendar: WorkCalendar,
) -> Opportunity:
    """Adopt the opportunity in the named place and open its child ticket, as a synchronisation would.

    Repeating the request changes nothing and needs no CRM.
    """
    target = await _find_target(destination)
    if there := await find_in_place(crm_id, target.holds):
        return there
    record = await read_opportunity(crm_id, crm)
    company = await Company.get(id=target.ticket.company_id)
    if record.company_id != company.crm_id:
        raise WrongCompany(f"The opportunity is not one of {company.name}.", path=("crmOpportunityId",))
    found = await _with_products(record, target, crm)
    streams = ["intake", target.ticket.tree_id, *await trees_that_name(crm_id)]
    async with events.change(*streams, actor=actor) as change:
        if there := await find_in_place(crm_id, target.holds):
            return there
        decision = await _plan(found, target)
        opportunity = await opportunity_mirror.adopt(change, decision, record)
        if decision.creates_child:
            await opportunity_mirror.open_child(change, opportunity, calendar=calendar)
        await remove_unmatched(change, crm_id)
    return opportunity


async def _find_target(destination: Destination) -> Target:
    if destination.line_id is not None:
        line = await TicketLine.get_or_none(id=destination.line_id)
        if line is None:
            raise UnknownLine(f"There is no line {destination.line_id!r}.", path=("ticketLineId",))
        return Target(ticket=await Ticket.get(id=line.ticket_id), line_id=line.id)
    ticket = await get_ticket(destination.ticket_id or "")
    if ticket.kind != TicketKind.PARENT:
        raise NotAParent("An opportunity can only be mapped to a parent ticket.", path=("ticketId",))
    if destination.service_id is None:
        return Target(ticket=ticket)
    service = await Service.get_or_none(id=destination.service_id)
    if service is None:
        raise UnknownService(f"There is no service {destination.service_id!r}.", path=("serviceId",))
    return Target(ticket=ticket, service=service)


async def read_opportunity(crm_id: int, crm: Crm) -> OpportunityRecord:
    """Read the opportunity from the CRM, for an operator who waits."""
    with refusals():
        record = await crm.with_priority(Priority.INTERACTIVE).get_opportunity(crm_id)
    if record is None or record.id != crm_id:
        raise UnknownOpportunity(f"The CRM has no opportunity {crm_id}.", path=("crmOpportunityId",))
    return record


async def _with_products(record: OpportunityRecord, target: Target, crm: Crm) -> FoundOpportunity:
    """Read the products only if neither a line nor the operator names the service."""
    if target.line_id is not None or target.service is not None:
        return opportunity_mirror.found_of(record)
    with refusals():
        products = await read_products(crm.with_priority(Priority.INTERACTIVE), [record])
    return opportunity_mirror.found_of(record, products[record.id])


async def _plan(found: FoundOpportunity, target: Target) -> SyncDecision:
    sale = await opportunity_mirror.get_sale(await Ticket.get(id=target.ticket.id))
    if target.line_id is not None:
        return plan_for_line(found, sale, target.line_id)
    beside_lines = await Opportunity.filter(ticket_id=target.ticket.id, position__not_isnull=True)
    return plan_beside_lines(
        found,
        sale,
        service_code=target.service.code if target.service else None,
        services={code: one.name for code, one in (await catalog_store.list_services()).items()},
        with_template=set((await opportunity_mirror.list_deliverable()).values()),
        taken_positions=[one.position for one in beside_lines if one.position is not None],
    )
