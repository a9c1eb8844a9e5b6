"""Opportunities in the CRM, as tests of their generation read them."""

from models import TicketLine

CODES = ["TCK-T50-5155-01", "TCK-F40-5155-02", "TCK-KHW-5155-03", "TCK-CLB-5155-04"]


async def line_ids(ticket, *positions):
    lines = await TicketLine.filter(ticket_id=ticket.id, position__in=positions)
    return [line.id for line in lines]


async def codes_in(sandbox):
    return sorted(one["code"] for one in await sandbox.records("Opportunity"))
