"""KitExpander: turns each line of a parent ticket into one CRM opportunity."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models import (
    Action,
    ActionItem,
    Company,
    CrmActivity,
    Operator,
    Opportunity,
    Service,
    Ticket,
    TicketLine,
)
from services.actions import Created, CreationPlan, PlannedItem, open_plan, running_action
from services.catalog import store as catalog_store
from services.crm.protocol import Claim, Crm
from services.crm.records import OpportunityDraft, OpportunityRecord
from services.errors import Refusal
from services.events import Change, EventLog, EventType
from services.planning.actions.preview import TICKET_CANCELLED, Why
from services.planning.opportunities.kit_expander import (
    LineFacts,
    LineOutcome,
    OpportunityPlan,
    ParentFacts,
    opportunity_title,
    plan_opportunities,
)
from services.records import get_ticket
from services.sale_questions import refuse_in_question, why_in_question
from services.vocabulary import (
    ActionKind,
    ItemKind,
    ItemOutcome,
    ItemReason,
    OpportunityStatus,
    TicketKind,
    TicketStatus,
)


class OpportunityMapped(Refusal):
    """The opportunity already belongs to another place."""

    code = "OPPORTUNITY_MAPPED"


async def generate_opportunities(
    ticket_id: str,
    *,
    line_ids: Collection[str] | None = None,
    override_reason: str | None = None,
    plan_token: str | None = None,
    actor: str,
    events: EventLog,
) -> Action:
    """🟡 Create a CRM opportunity for each line of a parent ticket. Returns at once with the action.

    With the token of a preview, the action does what the preview showed, or is refused as PLAN_STALE.
    """
    ticket = await get_ticket(ticket_id)
    async with events.change(ticket.tree_id, actor=actor) as change:
        if running := await running_action(
            ActionKind.GENERATE_OPPORTUNITIES, generation_scope(ticket.id, line_ids)
        ):
            return running
        plan = (await get_expansion(ticket.id, line_ids, override_reason)).plan
        return await open_plan(change, plan.shown_by(plan_token), operator_id=actor)


@dataclass(frozen=True, slots=True)
class Expansion:
    """What the button would do for a ticket, and the company that owns the ticket."""

    plan: CreationPlan
    company: Company


async def get_expansion(
    ticket_id: str, line_ids: Collection[str] | None, override_reason: str | None
) -> Expansion:
    """Return the plan from the current rows, or refuse."""
    ticket = await get_ticket(ticket_id)
    company = await Company.get(id=ticket.company_id)
    facts = ParentFacts(
        TicketKind(ticket.kind), TicketStatus(ticket.status), ticket.serial or "", company.name
    )
    await refuse_in_question(ticket.id)
    expansion = plan_opportunities(facts, await list_lines(ticket.id), line_ids, override_reason)
    plan = CreationPlan(
        kind=ActionKind.GENERATE_OPPORTUNITIES,
        scope=generation_scope(ticket.id, line_ids),
        items=[_item(one) for one in expansion.opportunities],
        grounds=[expansion, await _owners(ticket)],
        creating=ItemKind.CREATE_OPPORTUNITY,
        reason=expansion.override_reason,
        links={"ticket_id": ticket.id, "company_id": company.id},
    )
    return Expansion(plan, company)


async def _owners(ticket: Ticket) -> dict[str, int | None]:
    """Return the CRM owner of each opportunity, by line."""
    lines = await TicketLine.filter(ticket_id=ticket.id).prefetch_related("service").order_by("position")
    return {line.id: (await _owner(line.service, ticket)).crm_user_id for line in lines}


async def _owner(service: Service, ticket: Ticket) -> Operator:
    responsible = await Operator.get_or_none(id=service.responsible_id, active=True)
    return responsible or await Operator.get(id=ticket.owner_id)


def generation_scope(ticket_id: str, line_ids: Collection[str] | None = None) -> dict[str, Any]:
    return {"ticketId": ticket_id, "ticketLineIds": None if line_ids is None else sorted(line_ids)}


async def find_carriers(crm: Crm, company: Company, references: Iterable[str]) -> dict[str, list[int]]:
    """Return the ids of the company's opportunities in the CRM, by the reference that they carry."""
    return carriers_among(await crm.get_opportunities(company.crm_id), references)


def carriers_among(records: Sequence[OpportunityRecord], references: Iterable[str]) -> dict[str, list[int]]:
    return {reference: [one.id for one in records if one.carries(reference)] for reference in references}


async def is_opportunity(crm: Crm, crm_id: int, reference: str) -> bool:
    """Return whether the CRM's opportunity of this id carries the reference."""
    record = await crm.get_opportunity(crm_id)
    return record is not None and record.id == crm_id and record.carries(reference)


async def list_being_made(company_id: str) -> set[str]:
    """Return the references of a company's opportunities that actions are creating now."""
    unfinished = ActionItem.filter(
        kind__in=(ItemKind.CREATE_OPPORTUNITY, ItemKind.RECREATE_OPPORTUNITY),
        open_key__not_isnull=True,
        action__company_id=company_id,
    )
    return {item.reference for item in await unfinished}


async def list_lines(ticket_id: str) -> list[LineFacts]:
    """Return the lines of a parent ticket in order, each with its opportunity."""
    return (await lines_by_ticket([ticket_id]))[ticket_id]


async def lines_by_ticket(ticket_ids: Sequence[str]) -> dict[str, list[LineFacts]]:
    """Return the lines of many parents, with as many statements as for one."""
    services = {service.id: service for service in await Service.all()}
    with_template = await catalog_store.current_template_codes()
    lines = await TicketLine.filter(ticket_id__in=ticket_ids).order_by("position")
    filled = Opportunity.filter(ticket_line_id__in=[line.id for line in lines])
    made = dict(await filled.values_list("ticket_line_id", "id"))
    found: dict[str, list[LineFacts]] = {ticket_id: [] for ticket_id in ticket_ids}
    for line in lines:
        service = services[line.service_id]
        found[line.ticket_id].append(
            LineFacts(
                id=line.id,
                position=line.position,
                service_code=service.code,
                name=line.name,
                amount=line.amount,
                mandatory=line.mandatory,
                has_template=service.workflow_code in with_template,
                opportunity_id=made.get(line.id),
            )
        )
    return found


def _item(plan: OpportunityPlan) -> PlannedItem:
    exists = plan.outcome is LineOutcome.UNCHANGED
    return PlannedItem(
        kind=ItemKind.CREATE_OPPORTUNITY,
        key=plan.line_id,
        reference=plan.reference,
        label=plan.title,
        outcome=ItemOutcome.UNCHANGED if exists else None,
        reason=ItemReason.UP_TO_DATE if exists else None,
    )


async def find_in_place(crm_id: int, is_there: Callable[[Opportunity], bool]) -> Opportunity | None:
    """Return the opportunity in its place, or None if it has none. In any other place it raises OpportunityMapped."""
    opportunity = await Opportunity.get_or_none(crm_id=crm_id)
    if opportunity is None or is_there(opportunity):
        return opportunity
    raise OpportunityMapped(
        f"The opportunity {crm_id} is already {opportunity.code}.", path=("crmOpportunityId",)
    )


async def draft_for(
    ticket: Ticket, service: Service, item: ActionItem, *, title: str, amount: Decimal, description: str
) -> OpportunityDraft:
    """Return the draft for a service that was sold with a parent ticket, under the item's reference."""
    company = await Company.get(id=ticket.company_id)
    source = await CrmActivity.get(ticket_id=ticket.id)
    owner = await _owner(service, ticket)
    return OpportunityDraft(
        company_id=company.crm_id,
        sale_id=source.crm_id,
        reference=item.reference,
        title=title,
        amount=amount,
        description=description,
        owner_id=owner.crm_user_id,
    )


class OpportunityCreation:
    """Creates the CRM opportunity of a ticket line. Implements `services.actions.handlers.CreateKind`."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        line = await TicketLine.get(id=items[0].key)
        company = await (await Ticket.get(id=line.ticket_id)).company
        return await find_carriers(self._crm, company, [item.reference for item in items])

    async def already_linked(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        references = {item.key: item.reference for item in items}
        found = await Opportunity.filter(ticket_line_id__in=list(references))
        return {references[one.ticket_line_id or ""]: one.crm_id for one in found}

    async def reason_to_skip(self, item: ActionItem) -> Why | None:
        line = await TicketLine.get(id=item.key)
        ticket = await Ticket.get(id=line.ticket_id)
        if ticket.status == TicketStatus.CANCELLED:
            return TICKET_CANCELLED
        return await why_in_question(ticket.id)

    async def send(self, item: ActionItem, *, claim: Claim) -> Created:
        line = await TicketLine.get(id=item.key)
        ticket = await Ticket.get(id=line.ticket_id)
        company = await Company.get(id=ticket.company_id)
        service = await Service.get(id=line.service_id)
        draft = await draft_for(
            ticket,
            service,
            item,
            title=opportunity_title(service.code, line.name, company.name),
            amount=line.amount,
            description=f"Riga {line.position} del ticket {ticket.code}",
        )
        return Created(await self._crm.create_opportunity(draft, claim=claim))

    async def carries(self, item: ActionItem, crm_id: int) -> bool:
        return await is_opportunity(self._crm, crm_id, item.reference)

    async def examine(self, item: ActionItem, crm_id: int) -> None:
        """Ask nothing: the next synchronisation reads what the record shows."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return [(await TicketLine.get(id=item.key)).tree_id]

    async def record(self, change: Change, item: ActionItem, crm_id: int, details: None) -> None:
        """Mirror the opportunity, unless a synchronisation already did. One that has another place is refused."""
        if await find_in_place(crm_id, lambda one: one.ticket_line_id == item.key):
            return
        line = await TicketLine.get(id=item.key)
        ticket = await Ticket.get(id=line.ticket_id)
        await change.create(
            Opportunity(
                tree_id=line.tree_id,
                crm_id=crm_id,
                code=item.reference,
                title=item.label,
                amount=line.amount,
                status=OpportunityStatus.OPEN,
                company_id=ticket.company_id,
                ticket_id=ticket.id,
                ticket_line_id=line.id,
                carried_code=item.reference,
                created_at=change.at,
                refreshed_at=change.at,
            ),
            kind=EventType.OPPORTUNITY_CREATED,
        )
