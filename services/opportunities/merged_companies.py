"""Keeps our row of a company in step with the CRM: its name, and the company that it was merged into."""

from models import Company, Opportunity, Ticket, UnmatchedOpportunity
from services.companies import refresh_company
from services.crm.records import CompanyRecord
from services.events import Change, EventType

GONE = "The CRM no longer has this company. Its tickets stay here until it is restored there."


async def follow_company(change: Change, company: Company, answered: CompanyRecord) -> Company:
    """Refresh the company from what its CRM id answered, and return the row that its tickets belong to.

    If it was merged into a company without a row, our row takes that company's id. If that company has a row, the
    tickets and opportunities move to it. The change holds the streams of the company's trees.
    """
    known = await Company.get_or_none(crm_id=answered.id)
    if known is None or known.id == company.id:
        kind = EventType.COMPANY_REFRESHED if known else EventType.COMPANY_MERGED
        await refresh_company(change, company, answered, kind=kind)
        return company
    await refresh_company(change, known, answered)
    for ticket in await Ticket.filter(company_id=company.id).order_by("id"):
        await change.update(ticket, kind=EventType.TICKET_COMPANY_MERGED, company_id=known.id)
    for opportunity in await Opportunity.filter(company_id=company.id).order_by("id"):
        await change.update(opportunity, kind=EventType.OPPORTUNITY_COMPANY_MERGED, company_id=known.id)
    for row in await UnmatchedOpportunity.filter(company_id=company.id).order_by("id"):
        await change.delete(row, kind=EventType.UNMATCHED_OPPORTUNITY_SETTLED)
    return known
