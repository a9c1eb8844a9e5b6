"""The way back: what the CRM holds is mirrored, and opportunities without a child ticket get one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from models import Action, ActionItem, Company, Opportunity, Ticket, TicketLine
from services import catalog_store, opportunities, tickets
from services.actions import PlannedItem, Result, open_action, running_action
from services.actions.ledger import add_finished_items
from services.crm.protocol import Crm
from services.crm.records import OpportunityRecord
from services.crm.references import find_reference, unmark
from services.errors import Refusal
from services.events import Change, EventLog
from services.planning.calendar import WorkCalendar
from services.planning.opportunity_sync import (
    CODE_PREFIX,
    FoundOpportunity,
    KnownOpportunity,
    SaleLine,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
    SyncReason,
    plan_sync,
)
from services.vocabulary import ActionKind, ItemOutcome, OpportunityStatus, TicketKind, TicketStatus

SYNC = "SYNC_COMPANY"
FOUND = "OPPORTUNITY"
CHANGED = (ItemOutcome.CREATED, ItemOutcome.ADOPTED, ItemOutcome.UPDATED)
CENT = Decimal("0.01")


class UnknownCompany(Refusal):
    """There is no such company."""

    code = "UNKNOWN_COMPANY"


class NothingToSync(Refusal):
    """No parent ticket lies within the scope."""

    code = "NOTHING_TO_SYNC"


class ScopeTooNarrow(Refusal):
    """A scope is one company, one ticket, or neither for all."""

    code = "AMBIGUOUS_SCOPE"


async def sync_opportunities(
    *, company_id: str | None = None, ticket_id: str | None = None, actor: str, events: EventLog
) -> Action:
    """🟠 Bring opportunities back: refresh the mirror, and open the child tickets that are missing.

    For all companies with parent tickets, one company, or one ticket and its children. Answers at once with the
    action.
    """
    if ticket_id is not None:
        ticket_id = (await tickets.get_ticket(ticket_id)).tree_id
    scope = {"companyId": company_id, "ticketId": ticket_id}
    companies = await _companies(company_id, ticket_id)
    async with events.change("intake", actor=actor) as change:
        if running := await running_action(ActionKind.SYNC_OPPORTUNITIES, scope):
            return running
        return await open_action(
            change,
            ActionKind.SYNC_OPPORTUNITIES,
            scope,
            [PlannedItem(SYNC, one.id, str(one.crm_id), one.name, lane=one.id) for one in companies],
            operator_id=actor,
            ticket_id=ticket_id,
            company_id=companies[0].id if company_id or ticket_id else None,
        )


async def _companies(company_id: str | None, ticket_id: str | None) -> list[Company]:
    if company_id and ticket_id:
        raise ScopeTooNarrow("Give a company or a ticket, not both.", path=("ticketId",))
    parents = Ticket.filter(kind=TicketKind.PARENT)
    if ticket_id:
        parents = parents.filter(id=ticket_id)
    elif company_id:
        if not await Company.filter(id=company_id).exists():
            raise UnknownCompany(f"There is no company {company_id!r}.", path=("companyId",))
        parents = parents.filter(company_id=company_id)
    ids = await parents.distinct().values_list("company_id", flat=True)
    if not ids:
        raise NothingToSync("There is no parent ticket here to bring opportunities back to.")
    return await Company.filter(id__in=ids).order_by("id")


@dataclass(frozen=True, slots=True)
class Heard:
    """A company's opportunities by CRM id, and the ids of those of ours that the CRM no longer has."""

    records: Mapping[int, OpportunityRecord]
    absent: frozenset[int]


class CompanySync:
    """Reads one company's opportunities and takes them in. Fulfils `services.actions.kinds.RepeatKind`.

    `lag_bound`: the seconds for which a new record may be missing from the CRM's search.
    """

    def __init__(self, crm: Crm, *, calendar: WorkCalendar, lag_bound: float = 60.0) -> None:
        self._crm = crm
        self._calendar = calendar
        self._lag_bound = timedelta(seconds=lag_bound)

    async def talk(self, item: ActionItem) -> Heard:
        """Read before anything is decided: what is mirrored after this was not asked for, and is not absent."""
        company = await Company.get(id=item.key)
        mirrored = await Opportunity.filter(company_id=company.id).order_by("id")
        records = {one.id: one for one in await self._crm.get_opportunities(company.crm_id)}
        for one in mirrored:
            if one.crm_id not in records and item.created_at < one.created_at + self._lag_bound:
                record = await self._crm.get_opportunity(one.crm_id)
                if record is not None and record.company_id == company.crm_id:
                    records[record.id] = record
        return Heard(records, frozenset(one.crm_id for one in mirrored) - records.keys())

    async def streams(self, item: ActionItem) -> Sequence[str]:
        parents = Ticket.filter(company_id=item.key, kind=TicketKind.PARENT)
        return [str(one) for one in await parents.values_list("tree_id", flat=True)]

    async def apply(self, change: Change, item: ActionItem, heard: Heard) -> Result:
        """Decide about all of the company, write what lies within the action's scope.

        What nobody could match may be any ticket's, so it is always told.
        """
        decisions = await _decide(item.key, heard)
        only_ticket = (await Action.get(id=item.action_id)).ticket_id
        taken = [
            await self._take_in(change, decision, heard.records.get(decision.crm_id))
            for decision in decisions
            if only_ticket is None or decision.ticket_id in (None, only_ticket)
        ]
        await add_finished_items(change, item, taken)
        changed = any(one.outcome in CHANGED for one in taken)
        return Result(ItemOutcome.UPDATED if changed else ItemOutcome.UNCHANGED)

    async def _take_in(
        self, change: Change, decision: SyncDecision, record: OpportunityRecord | None
    ) -> PlannedItem:
        opportunity = await _mirror(change, decision, record)
        child = None
        if decision.creates_child and opportunity is not None:
            child = await self._open_child(change, decision, opportunity)
        title = _shown(record)["title"] if record else decision.code or ""
        return PlannedItem(
            kind=FOUND,
            key=str(decision.crm_id),
            reference=((opportunity.code if opportunity else record.code if record else None) or "")[:64],
            label=(f"{child.code} · {title}" if child else title)[:500],
            outcome=_outcome(decision, opportunity),
            explanation=_explanation(decision),
            crm_id=decision.crm_id,
        )

    async def _open_child(self, change: Change, decision: SyncDecision, opportunity: Opportunity) -> Ticket:
        line = await TicketLine.get(id=opportunity.ticket_line_id)
        return await tickets.create_from_opportunity(
            change,
            opportunity,
            service_id=line.service_id,
            position=decision.position or line.position,
            calendar=self._calendar,
        )


async def _decide(company_id: str, heard: Heard) -> tuple[SyncDecision, ...]:
    parents = await Ticket.filter(company_id=company_id, kind=TicketKind.PARENT).order_by("id")
    sales = [await _sale(parent) for parent in parents]
    services = {code: one.name for code, one in (await catalog_store.list_services()).items()}
    found = [_found(record) for record in heard.records.values()]
    return plan_sync(sales, await _known(company_id, sales, heard), found, services)


async def _sale(parent: Ticket) -> SaleTicket:
    lines = await opportunities.list_lines(parent.id)
    unfinished = ActionItem.filter(
        kind=opportunities.CREATE, key__in=[line.id for line in lines], open_key__not_isnull=True
    )
    being_made = {item.key for item in await unfinished}
    return SaleTicket(
        parent.id,
        parent.digits or "",
        TicketStatus(parent.status),
        tuple(
            SaleLine(
                line.id,
                line.position,
                line.service_code,
                line.has_template,
                filled=line.opportunity_id is not None or line.id in being_made,
            )
            for line in lines
        ),
    )


async def _known(company_id: str, sales: Sequence[SaleTicket], heard: Heard) -> list[KnownOpportunity]:
    lines = {line.id: line for sale in sales for line in sale.lines}
    known = []
    asked_for = [*heard.records, *heard.absent]
    for one in await Opportunity.filter(company_id=company_id, crm_id__in=asked_for).order_by("id"):
        line = lines.get(one.ticket_line_id or "")
        known.append(
            KnownOpportunity(
                id=one.id,
                crm_id=one.crm_id,
                code=one.code,
                title=one.title,
                amount=one.amount,
                phase=one.phase,
                status=OpportunityStatus(one.status),
                ticket_id=one.ticket_id,
                position=line.position if line else 0,
                line_id=one.ticket_line_id,
                has_child=one.child_ticket_id is not None,
                has_template=line.has_template if line else False,
                is_missing=one.missing_since is not None,
            )
        )
    return known


def _found(record: OpportunityRecord) -> FoundOpportunity:
    reference = find_reference(record.title)
    ours = record.code.strip().upper().startswith(CODE_PREFIX)
    code = record.code if ours or reference is None else reference
    return FoundOpportunity(crm_id=record.id, code=code, **_shown(record))


async def _mirror(
    change: Change, decision: SyncDecision, record: OpportunityRecord | None
) -> Opportunity | None:
    """Write what the CRM shows now into our mirror; None for an opportunity that stays a stranger."""
    if decision.outcome is SyncOutcome.ADOPT and record is not None:
        return await _adopt(change, decision, record)
    if decision.opportunity_id is None:
        return None
    opportunity = await Opportunity.get(id=decision.opportunity_id)
    if record is None:
        missing_since = opportunity.missing_since or change.at
        await change.update(opportunity, kind="OPPORTUNITY_MISSING", missing_since=missing_since)
    elif decision.outcome is SyncOutcome.REFRESH:
        await change.update(
            opportunity,
            kind="OPPORTUNITY_REFRESHED",
            missing_since=None,
            refreshed_at=change.at,
            **_shown(record),
        )
    return opportunity


async def _adopt(change: Change, decision: SyncDecision, record: OpportunityRecord) -> Opportunity:
    assert decision.ticket_id is not None
    ticket = await Ticket.get(id=decision.ticket_id)
    return await change.create(
        Opportunity(
            tree_id=ticket.tree_id,
            crm_id=record.id,
            code=decision.code,
            company_id=ticket.company_id,
            ticket_id=ticket.id,
            ticket_line_id=decision.line_id,
            created_at=change.at,
            refreshed_at=change.at,
            **_shown(record),
        ),
        kind="OPPORTUNITY_ADOPTED",
    )


def _shown(record: OpportunityRecord) -> dict[str, Any]:
    """What we mirror of it, as our columns can hold it: so that the same reads as the same the next time."""
    phase = record.phase or (str(record.phase_id) if record.phase_id is not None else None)
    return {
        "title": unmark(record.title)[:500],
        "amount": record.amount.quantize(CENT, ROUND_HALF_UP) if record.amount is not None else None,
        "phase": phase[:100] if phase else None,
        "status": record.status,
    }


def _outcome(decision: SyncDecision, opportunity: Opportunity | None) -> ItemOutcome:
    lost_with_child = decision.no_child is SyncReason.LOST and opportunity and opportunity.child_ticket_id
    if decision.outcome is SyncOutcome.MISSING or lost_with_child:
        return ItemOutcome.NEEDS_ATTENTION
    if decision.creates_child:
        return ItemOutcome.CREATED
    return {
        SyncOutcome.REFRESH: ItemOutcome.UPDATED,
        SyncOutcome.UNCHANGED: ItemOutcome.UNCHANGED,
        SyncOutcome.ADOPT: ItemOutcome.ADOPTED,
    }.get(decision.outcome, ItemOutcome.SKIPPED)


def _explanation(decision: SyncDecision) -> str | None:
    if decision.outcome is SyncOutcome.MISSING:
        return "The CRM no longer has this opportunity."
    why = decision.no_child or decision.reason
    return str(why) if why else None
