"""Opportunities and tickets as the planning of a synchronisation sees them."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

from services.planning.opportunities.facts import FoundOpportunity, SaleLine, SaleTicket
from services.planning.opportunities.sync import plan_sync
from services.vocabulary import OpportunityStatus, TicketStatus

OPEN, WON, LOST, UNKNOWN = OpportunityStatus
SERVICES = {
    "F40": "Formazione 4.0",
    "BND": "Bandi",
    "T50": "Transizione 5.0",
    "KHW": "Know How",
    "CLB": "Collaborazione",
    "SOS": "Start Office Sustainability",
}


def found(crm_id, title="Trattativa", *, code="", status=OPEN, product_codes=()):
    return FoundOpportunity(crm_id, code, title, Decimal(1000), "Proposta", status, product_codes)


def ticket_of(*service_codes, number=1, serial="5155", status=TicketStatus.CLOSED):
    """A parent of the company; lines are named after their ticket and position: tln_1.2."""
    lines = tuple(
        SaleLine(f"tln_{number}.{position}", position, service_code)
        for position, service_code in enumerate(service_codes, start=1)
    )
    return SaleTicket(f"tck_{number}", serial, status, lines)


def filled(ticket, position):
    lines = tuple(replace(line, filled=line.filled or line.position == position) for line in ticket.lines)
    return replace(ticket, lines=lines)


def about(tickets, *records, known=()):
    return plan_sync(tickets, known, records, SERVICES, company="Rossi Srl")


def matches(decisions):
    return [
        (one.crm_id, one.outcome.value, one.line_id, one.reason and one.reason.value) for one in decisions
    ]


statuses = st.sampled_from(list(OpportunityStatus))
records = st.builds(
    found,
    st.integers(200, 240),
    st.sampled_from(["Formazione 4.0", "Bandi", "Bandi e F40", "Consulenza"]),
    code=st.sampled_from(["", "", "TCK-F40-5155-01", "TCK-BND-5155-02", "TCK-F40-6000-01", "TCK-T50-1-01"]),
    status=statuses,
    product_codes=st.sampled_from([(), ("F40",), ("BND",), ("F40", "BND")]),
)
