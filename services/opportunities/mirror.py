"""Our mirror of CRM opportunities: read for planning, written from the CRM's records."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models import ActionItem, CrmActivity, Opportunity, Service, Ticket, TicketLine
from services.catalog import store as catalog_store
from services.crm.records import OpportunityRecord
from services.crm.references import unmark
from services.events import Change, Derived, EventType
from services.opportunities import generation as opportunities
from services.opportunities.defects import PHASE_LENGTH, TITLE_LENGTH, find_defects, is_too_large
from services.opportunities.replacements import note_replacements
from services.planning.calendar import WorkCalendar
from services.planning.opportunities.facts import (
    Flag,
    FoundOpportunity,
    KnownOpportunity,
    SaleLine,
    SaleTicket,
    SyncDecision,
)
from services.planning.opportunities.preview_expectations import CompanyStanding
from services.tickets import creation as tickets
from services.vocabulary import FlagKind, ItemKind, OpportunityStatus, TicketKind, TicketStatus

CENT = Decimal("0.01")
CLEARED_FLAG: dict[str, Any] = {
    "flag": None,
    "flagged_at": None,
    "flag_crm_id": None,
    "flag_crm_company_id": None,
    "kept_at": None,
    "kept_reason": None,
}


async def list_sales(company_id: str) -> list[SaleTicket]:
    """List the parent tickets of a company with their lines."""
    return await _sales(await Ticket.filter(company_id=company_id, kind=TicketKind.PARENT).order_by("id"))


async def get_sale(parent: Ticket) -> SaleTicket:
    [sale] = await _sales([parent])
    return sale


async def list_standings(company_ids: Sequence[str]) -> list[CompanyStanding]:
    """Return what our rows hold of each company, with as many statements as for one."""
    parents = await Ticket.filter(company_id__in=company_ids, kind=TicketKind.PARENT).order_by("id")
    sales = await _sales(parents)
    mirrored = await Opportunity.filter(company_id__in=company_ids).order_by("id")
    known = await _known_as(mirrored, sales)
    return [
        CompanyStanding(
            company_id,
            tuple(sale for sale, row in zip(sales, parents, strict=True) if row.company_id == company_id),
            tuple(one for one, row in zip(known, mirrored, strict=True) if row.company_id == company_id),
        )
        for company_id in company_ids
    ]


async def _sales(parents: Sequence[Ticket]) -> list[SaleTicket]:
    lines = await opportunities.lines_by_ticket([parent.id for parent in parents])
    keys = [line.id for some in lines.values() for line in some]
    unfinished = ActionItem.filter(kind=ItemKind.CREATE_OPPORTUNITY, key__in=keys, open_key__not_isnull=True)
    being_made = {item.key for item in await unfinished}
    sources = await CrmActivity.filter(ticket_id__in=[parent.id for parent in parents])
    occurred_at = {one.ticket_id: one.occurred_at for one in sources}
    return [
        SaleTicket(
            parent.id,
            parent.serial or "",
            TicketStatus(parent.status),
            tuple(
                SaleLine(
                    line.id,
                    line.position,
                    line.service_code,
                    line.has_template,
                    filled=line.opportunity_id is not None or line.id in being_made,
                )
                for line in lines[parent.id]
            ),
            sold_on=min(occurred_at.get(parent.id) or parent.created_at, parent.created_at).date(),
        )
        for parent in parents
    ]


async def list_known(
    company_id: str, sales: Sequence[SaleTicket], crm_ids: Collection[int]
) -> list[KnownOpportunity]:
    """List the mirrored opportunities of the company among these CRM ids."""
    mirrored = Opportunity.filter(company_id=company_id, crm_id__in=list(crm_ids))
    return await _known_as(await mirrored.order_by("id"), sales)


async def _known_as(mirrored: Sequence[Opportunity], sales: Sequence[SaleTicket]) -> list[KnownOpportunity]:
    lines = {line.id: line for sale in sales for line in sale.lines}
    deliverable = await list_deliverable()
    children = Ticket.filter(
        id__in=[one.child_ticket_id for one in mirrored if one.child_ticket_id], status=TicketStatus.CANCELLED
    )
    cancelled = {child.id for child in await children}
    return [
        replace(
            _known(one, lines.get(one.ticket_line_id or ""), deliverable),
            child_cancelled=one.child_ticket_id in cancelled,
        )
        for one in mirrored
    ]


async def list_deliverable() -> dict[str, str]:
    """Return the services that have a template for a child ticket: their codes by id."""
    with_template = await catalog_store.current_template_codes()
    return {one.id: one.code for one in await Service.all() if one.workflow_code in with_template}


def _known(one: Opportunity, line: SaleLine | None, deliverable: Collection[str]) -> KnownOpportunity:
    return KnownOpportunity(
        id=one.id,
        crm_id=one.crm_id,
        code=one.code,
        title=one.title,
        amount=one.amount,
        phase=one.phase,
        status=OpportunityStatus(one.status),
        ticket_id=one.ticket_id,
        position=line.position if line else one.position or 0,
        line_id=one.ticket_line_id,
        has_child=one.child_ticket_id is not None,
        has_template=line.has_template if line else one.service_id in deliverable,
        is_missing=one.missing_since is not None,
        carried_code=one.carried_code,
        flag=_flag(one),
        kept=one.kept_at is not None,
    )


def _flag(one: Opportunity) -> Flag | None:
    return Flag(FlagKind(one.flag), one.flag_crm_id, one.flag_crm_company_id) if one.flag else None


def found_of(record: OpportunityRecord, product_codes: tuple[str, ...] = ()) -> FoundOpportunity:
    """Return a CRM record as planning sees it. Our code counts even if only the title still carries it."""
    dates = [one.date() for one in (record.created_at, record.closed_at) if one is not None]
    return FoundOpportunity(
        crm_id=record.id,
        code=record.our_code,
        product_codes=product_codes,
        dated_on=min(dates, default=None),
        **shown(record),
    )


def shown(record: OpportunityRecord) -> dict[str, Any]:
    """Return the mirrored columns, cut to what they can hold, so that the same record compares equal the next time."""
    amount = record.amount
    phase = record.phase or (str(record.phase_id) if record.phase_id is not None else None)
    return {
        "title": unmark(record.title)[:TITLE_LENGTH],
        "amount": None if amount is None or is_too_large(amount) else amount.quantize(CENT, ROUND_HALF_UP),
        "phase": phase[:PHASE_LENGTH] if phase else None,
        "status": record.status,
    }


def mirrored(record: OpportunityRecord) -> dict[str, Any]:
    """Return the mirrored columns, and the one that says what they cannot hold."""
    return {**shown(record), "defects": [*find_defects(record)] or None}


async def adopt(change: Change, decision: SyncDecision, record: OpportunityRecord) -> Opportunity:
    """Mirror a CRM opportunity that belongs to a parent ticket."""
    ticket = await Ticket.get(id=decision.ticket_id)
    without_line = decision.line_id is None
    services = await catalog_store.service_ids() if without_line else {}
    opportunity = await change.create(
        Opportunity(
            tree_id=ticket.tree_id,
            crm_id=record.id,
            code=decision.code,
            company_id=ticket.company_id,
            ticket_id=ticket.id,
            ticket_line_id=decision.line_id,
            service_id=services[decision.service_code or ""] if without_line else None,
            position=decision.position if without_line else None,
            carried_code=decision.carried_code,
            created_at=change.at,
            refreshed_at=change.at,
            **mirrored(record),
        ),
        kind=EventType.OPPORTUNITY_ADOPTED,
    )
    await note_replacements(change, opportunity, record.id)
    return opportunity


async def refresh(
    change: Change, opportunity: Opportunity, record: OpportunityRecord, **columns: Any
) -> None:
    """Write what the CRM shows now, and what follows from it."""
    await change.update(
        opportunity,
        kind=EventType.OPPORTUNITY_REFRESHED,
        missing_since=None,
        refreshed_at=change.at,
        **mirrored(record),
        **columns,
    )


async def note_defects(change: Change, opportunity: Opportunity, record: OpportunityRecord) -> None:
    """Store what our row cannot hold, also where all that it can hold is as it was."""
    defects = [*find_defects(record)] or None
    await change.update(opportunity, kind=EventType.OPPORTUNITY_REFRESHED, defects=defects)


async def write_flag(
    change: Change, opportunity: Opportunity, flag: Flag | None, *, cause: str | None = None
) -> None:
    """Record what is wrong in the CRM, or that nothing is. An operator's decision holds for one kind of problem."""
    if flag is None:
        await change.update(opportunity, kind=EventType.OPPORTUNITY_FLAG_CLEARED, cause=cause, **CLEARED_FLAG)
        return
    afresh = {**CLEARED_FLAG, "flagged_at": change.at} if opportunity.flag != flag.kind else {}
    columns = {
        **afresh,
        "flag": flag.kind,
        "flag_crm_id": flag.crm_id,
        "flag_crm_company_id": flag.crm_company_id,
    }
    await change.update(opportunity, kind=EventType.OPPORTUNITY_FLAGGED, cause=cause, **columns)


async def open_child(change: Change, opportunity: Opportunity, *, calendar: WorkCalendar) -> Ticket:
    """Open the child ticket that delivers the opportunity."""
    place: Any = opportunity
    if opportunity.ticket_line_id is not None:
        place = await TicketLine.get(id=opportunity.ticket_line_id)
        await change.derive([Derived(place, {"awaits_child": False}, named=False)])
    return await tickets.create_from_opportunity(
        change, opportunity, service_id=place.service_id, position=place.position, calendar=calendar
    )
