"""Changes of a sale in the CRM after its ticket was made. A person decides before the buttons work again."""

from collections.abc import Collection

from models import Company, CrmActivity, IntakeItem, Kit, Ticket
from services.crm.records import ActivityRecord
from services.events import Change, EventType
from services.intake.inbox import close_item, put_in_inbox
from services.intake.sales import Inconclusive, kit_named
from services.sale_questions import CHANGES
from services.vocabulary import CrmActivityRole, IntakeReason, IntakeStatus, TicketStatus

NO_COMPANY = 0
"""The company of a sale that was moved away from every company, if a person accepted that."""


async def list_to_compare(*, most: int) -> list[CrmActivity]:
    """List some sales with tickets, the longest uncompared first."""
    sources = CrmActivity.filter(role=CrmActivityRole.SOURCE)
    wanted = sources.filter(ticket__status__not=TicketStatus.CANCELLED)
    never = await wanted.filter(compared_at__isnull=True).order_by("id").limit(most)
    again = wanted.filter(compared_at__isnull=False).order_by("compared_at", "id")
    return [*never, *await again.limit(most - len(never))] if len(never) < most else never


async def list_in_question(*, most: int) -> list[CrmActivity]:
    """List some sales with an open question to a person."""
    items = await IntakeItem.filter(status=IntakeStatus.WAITING, reason__in=CHANGES, ticket_id__isnull=False)
    sources = await list_sources([item.crm_activity_id for item in items])
    return sorted(sources, key=lambda one: (one.compared_at is not None, one.compared_at))[:most]


async def list_sources(crm_ids: Collection[int]) -> list[CrmActivity]:
    return await CrmActivity.filter(role=CrmActivityRole.SOURCE, crm_id__in=list(crm_ids))


async def find_change(source: CrmActivity, record: ActivityRecord | None) -> Inconclusive | None:
    """Return how the sale differs from what its ticket was made from, or from what a person has accepted since."""
    ticket = await Ticket.get(id=source.ticket_id)
    if ticket.status == TicketStatus.CANCELLED:
        return None
    if record is None:
        deleted = f"The CRM no longer has the sale of {ticket.code}."
        return None if source.missing_since else Inconclusive(IntakeReason.SALE_DELETED, deleted)
    company = await Company.get(id=ticket.company_id)
    if (record.company_id or NO_COMPANY) not in (source.crm_company_id, company.crm_id):
        to = f"to company {record.company_id}" if record.company_id else "away from every company"
        moved = f"The sale of {ticket.code} was moved {to} in the CRM; the ticket is of {company.name}."
        return Inconclusive(IntakeReason.SALE_MOVED, moved)
    return await _find_other_kit(source, record, ticket)


async def _find_other_kit(source: CrmActivity, record: ActivityRecord, ticket: Ticket) -> Inconclusive | None:
    kits = {kit.code: kit.id for kit in await Kit.all()}
    named = await kit_named(record)
    if kits.get(named) == ticket.kit_id or named == source.kit_named:
        return None
    if source.kit_named is None and named not in kits:
        # The kit that the text named at first is unknown, so only another kit counts as a change.
        return None
    changed = f"The sale of {ticket.code} was changed in the CRM: its text now says {named}."
    return Inconclusive(IntakeReason.SALE_CHANGED, changed, (named,) if named in kits else ())


async def ask_person(
    change: Change, source: CrmActivity, record: ActivityRecord | None, found: Inconclusive | None
) -> None:
    """Put the change into the inbox, or close its item if the sale is as before again."""
    item = await IntakeItem.get_or_none(crm_activity_id=source.crm_id)
    is_asked = item is not None and item.status == IntakeStatus.WAITING and item.reason in CHANGES
    if found is not None:
        seen = record or ActivityRecord(id=source.crm_id, subject=source.subject)
        await put_in_inbox(change, seen, found, ticket_id=source.ticket_id)
    elif is_asked:
        await close_item(change, source.crm_id, IntakeStatus.RESOLVED, ticket_id=source.ticket_id)


async def accept_change(change: Change, item: IntakeItem) -> None:
    """Accept the change: the ticket stays as it is, and what the CRM shows now becomes the expected state."""
    source = await CrmActivity.get(crm_id=item.crm_activity_id)
    if item.reason == IntakeReason.SALE_DELETED:
        await change.update(source, kind=EventType.SALE_CHANGE_ACCEPTED, missing_since=change.at)
        return
    shown = ActivityRecord(id=source.crm_id, subject=item.subject, description=item.description)
    await change.update(
        source,
        kind=EventType.SALE_CHANGE_ACCEPTED,
        crm_company_id=item.crm_company_id or NO_COMPANY,
        kit_named=await kit_named(shown),
    )
