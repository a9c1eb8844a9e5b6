"""What an operator does about an opportunity that went wrong in the CRM: each repair is an action, applied once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models import (
    Action,
    ActionItem,
    Company,
    Opportunity,
    Service,
    Ticket,
    TicketLine,
)
from services import closing
from services.actions import ActionRunning, PlannedItem, actions_at_work, open_action
from services.activities import get_opportunity
from services.crm.protocol import Claim, Crm
from services.crm.records import OpportunityRecord
from services.errors import Refusal
from services.events import Change, EventLog
from services.opportunities import RECREATE, draft_for, find_carriers, find_in_place
from services.opportunity_mapping import WrongCompany, read_opportunity
from services.opportunity_mirror import WELL, found_of, refresh, write_flag
from services.planning import workflow
from services.planning.codes import making, numbered_code, recreated_code
from services.planning.opportunity_facts import own_code
from services.planning.opportunity_flags import propose_repairs
from services.shadows import relink_shadows
from services.unmatched import settle_unmatched
from services.vocabulary import ActionKind, ActionStatus, ItemOutcome, OpportunityStatus, Repair, TicketStatus

REPAIR = "REPAIR_OPPORTUNITY"


class NothingToRepair(Refusal):
    """Nothing is wrong with the opportunity, as far as the last synchronisation saw."""

    code = "NOTHING_TO_REPAIR"


class RepairNotProposed(Refusal):
    """This repair does not fit what is wrong."""

    code = "REPAIR_NOT_PROPOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRequest:
    """What an operator wants done. `crm_id` names another CRM opportunity to relink to than the proposed one."""

    repair: Repair
    crm_id: int | None = None
    reason: str | None = None


async def repair_opportunity(
    opportunity_id: str, request: RepairRequest, *, actor: str, crm: Crm, events: EventLog
) -> Action:
    """Put a flagged opportunity right. Answers with the action; only RECREATE goes on in the background.

    Pressed again it is the same action, until something is wrong anew.
    """
    opportunity = await get_opportunity(opportunity_id)
    if earlier := await _find_earlier(opportunity, request):
        return earlier
    record = await _read_other(opportunity, request, crm)
    async with events.change("intake", opportunity.tree_id, actor=actor) as change:
        opportunity = await get_opportunity(opportunity_id)
        if earlier := await _find_earlier(opportunity, request):
            return earlier
        await _refuse_unfit(opportunity, request, record)
        item = await _apply(change, opportunity, request, record)
        return await open_action(
            change,
            ActionKind.REPAIR_OPPORTUNITY,
            _scope(opportunity, request),
            [item],
            operator_id=actor,
            reason=request.reason,
            opportunity_id=opportunity.id,
            ticket_id=opportunity.ticket_id,
            company_id=opportunity.company_id,
        )


def _scope(opportunity: Opportunity, request: RepairRequest) -> dict[str, Any]:
    return {"opportunityId": opportunity.id, "repair": request.repair.value, "crmId": request.crm_id}


async def _find_earlier(opportunity: Opportunity, request: RepairRequest) -> Action | None:
    """The action of the same repair, while it runs and as long as nothing went wrong after it."""
    last = await _find_last(opportunity)
    if last is None or last.scope != _scope(opportunity, request):
        return None
    kept = opportunity.kept_at is not None and request.repair is Repair.KEEP
    return last if opportunity.flag is None or kept or last.status == ActionStatus.RUNNING else None


async def _find_last(opportunity: Opportunity) -> Action | None:
    repairs = Action.filter(kind=ActionKind.REPAIR_OPPORTUNITY, opportunity_id=opportunity.id)
    return await repairs.order_by("-created_at", "-id").first()


async def _read_other(opportunity: Opportunity, request: RepairRequest, crm: Crm) -> OpportunityRecord | None:
    """The CRM opportunity to relink to, as the CRM shows it now."""
    crm_id = request.crm_id or opportunity.flag_crm_id
    if request.repair is not Repair.RELINK or crm_id is None:
        return None
    return await read_opportunity(crm_id, crm)


async def _refuse_unfit(
    opportunity: Opportunity, request: RepairRequest, other: OpportunityRecord | None
) -> None:
    if opportunity.flag is None:
        raise NothingToRepair("Nothing is wrong with this opportunity.", path=("opportunityId",))
    running = await actions_at_work([_recreation(opportunity)])
    if running:
        raise ActionRunning(running[opportunity.id])
    open_child = Ticket.filter(id=opportunity.child_ticket_id, status__in=workflow.OPEN_TICKET)
    proposed = propose_repairs(opportunity.flag, other is not None, await open_child.exists())
    if request.repair not in proposed:
        raise RepairNotProposed(
            f"{request.repair} does not help where it is {opportunity.flag}.", path=("repair",)
        )


async def _apply(
    change: Change, opportunity: Opportunity, request: RepairRequest, record: OpportunityRecord | None
) -> PlannedItem:
    """Do what can be done at once, and return the ledger's entry for it; RECREATE is left to the engine."""
    match request.repair:
        case Repair.RECREATE:
            return _recreation(opportunity)
        case Repair.RELINK:
            assert record is not None
            await _relink(change, opportunity, record)
        case Repair.CANCEL_CHILD:
            child = await closing.ticket_state(opportunity.child_ticket_id or "")
            transitions = workflow.cancel_ticket(child, request.reason)
            cancelled = await closing.write_transitions(change, transitions)
            await write_flag(change, opportunity, None, cause=cancelled)
        case Repair.KEEP:
            reason = workflow.given_reason(request.reason)
            await change.update(opportunity, kind="OPPORTUNITY_KEPT", kept_at=change.at, kept_reason=reason)
    return PlannedItem(
        REPAIR,
        opportunity.id,
        opportunity.code or "",
        opportunity.title,
        outcome=ItemOutcome.UPDATED,
        crm_id=opportunity.crm_id,
    )


def _recreation(opportunity: Opportunity) -> PlannedItem:
    code = opportunity.code or ""
    reference = recreated_code(code, making(code) + 1)
    return PlannedItem(RECREATE, opportunity.id, reference, opportunity.title)


async def _relink(change: Change, opportunity: Opportunity, record: OpportunityRecord) -> None:
    company = await Company.get(id=opportunity.company_id)
    if record.company_id != company.crm_id:
        raise WrongCompany(f"The opportunity is not one of {company.name}.", path=("crmOpportunityId",))
    await find_in_place(record.id, lambda _: False)
    found = found_of(record)
    plain, _, _ = (opportunity.code or "").partition(".")
    code = numbered_code(plain, making(found.code)) if found.own_code == plain else opportunity.code
    await refresh(
        change, opportunity, record, crm_id=record.id, code=code, carried_code=found.own_code, **WELL
    )
    await relink_shadows(change, opportunity)
    await settle_unmatched(change, record.id)


class OpportunityRecreation:
    """Makes an opportunity anew, under the next number. Fulfils `services.actions.kinds.CreateKind`."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        opportunity = await Opportunity.get(id=items[0].key)
        company = await Company.get(id=opportunity.company_id)
        return await find_carriers(self._crm, company, [item.reference for item in items])

    async def given(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        opportunities = await Opportunity.filter(id__in=[item.key for item in items])
        references = {item.reference for item in items}
        return {one.code: one.crm_id for one in opportunities if one.code in references}

    async def objection(self, item: ActionItem) -> str | None:
        opportunity = await Opportunity.get(id=item.key)
        ticket = await Ticket.get(id=opportunity.child_ticket_id or opportunity.ticket_id)
        if ticket.status == TicketStatus.CANCELLED:
            return "The ticket was cancelled."
        last = await _find_last(opportunity)
        if last is not None and last.id != item.action_id:
            return "Another repair came after this one."
        return "Nothing is wrong with the opportunity any more." if opportunity.flag is None else None

    async def send(self, item: ActionItem, *, claim: Claim) -> int:
        opportunity = await Opportunity.get(id=item.key)
        ticket = await Ticket.get(id=opportunity.ticket_id)
        line = await TicketLine.get_or_none(id=opportunity.ticket_line_id)
        service = await Service.get(id=line.service_id if line else opportunity.service_id)
        amount = opportunity.amount if opportunity.amount is not None else line.amount if line else Decimal(0)
        words = f"Rifatta per il ticket {ticket.code}"
        draft = await draft_for(ticket, service, item, title=item.label, amount=amount, description=words)
        return await self._crm.create_opportunity(draft, claim=claim)

    async def streams(self, item: ActionItem) -> Sequence[str]:
        return ["intake", (await Opportunity.get(id=item.key)).tree_id]

    async def record(self, change: Change, item: ActionItem, crm_id: int) -> None:
        """Let the mirror follow the new record.

        One that stands for something else by now is refused, and one that came after all when nobody wants it.
        """
        if await find_in_place(crm_id, lambda one: one.id == item.key):
            return
        opportunity = await Opportunity.get(id=item.key)
        if why := await self.objection(item):
            there = f"what stands for the opportunity is {opportunity.crm_id}"
            raise RepairNotProposed(f"{why} The CRM holds {crm_id} all the same; {there}.")
        await change.update(
            opportunity,
            kind="OPPORTUNITY_RECREATED",
            crm_id=crm_id,
            code=item.reference,
            status=OpportunityStatus.OPEN,
            missing_since=None,
            refreshed_at=change.at,
            carried_code=own_code(item.reference),
            **WELL,
        )
        await relink_shadows(change, opportunity)
        await settle_unmatched(change, crm_id)
