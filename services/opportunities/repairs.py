"""Repairs an opportunity that went wrong in the CRM. Each repair is an action and is applied once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
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
from services.actions import (
    ActionRunning,
    Created,
    Opening,
    PlannedItem,
    actions_running_on,
    effect_of,
    open_action,
)
from services.actions.engine.timing import always
from services.activities.mirror import relink_shadows
from services.crm.errors import CrmUnavailable
from services.crm.protocol import Claim, Crm
from services.crm.records import OpportunityRecord
from services.errors import Refusal
from services.events import Change, EventLog, EventType, changing, refuse_stale
from services.opportunities.generation import (
    carriers_among,
    draft_for,
    find_in_place,
    is_opportunity,
)
from services.opportunities.mapping import WrongCompany, read_opportunity
from services.opportunities.mirror import CLEARED_FLAG, found_of, refresh, write_flag
from services.opportunities.replacements import note_replacements, trees_that_name
from services.opportunities.unmatched import remove_unmatched
from services.planning.actions.preview import TICKET_CANCELLED, Why
from services.planning.opportunities.flags import propose_repairs
from services.planning.tickets import workflow
from services.planning.tickets.codes import making, numbered_code, own_code, recreated_code
from services.records import get_opportunity
from services.tickets import cascade
from services.vocabulary import (
    ActionKind,
    ActionStatus,
    FlagKind,
    ItemKind,
    ItemOutcome,
    ItemReason,
    ItemState,
    OpportunityStatus,
    Repair,
    TicketStatus,
)


class NothingToRepair(Refusal):
    """The last synchronisation found nothing wrong with the opportunity."""

    code = "NOTHING_TO_REPAIR"


class RepairNotProposed(Refusal):
    """This repair does not fit the problem."""

    code = "REPAIR_NOT_PROPOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairRequest:
    """The repair that an operator chose. `crm_id` relinks to another CRM opportunity than the proposed one."""

    repair: Repair
    crm_id: int | None = None
    reason: str | None = None


async def repair_opportunity(
    opportunity_id: str,
    request: RepairRequest,
    *,
    actor: str,
    crm: Crm,
    events: EventLog,
    expected_version: int | None = None,
) -> Action:
    """Repair a flagged opportunity and return the action. Only RECREATE goes on in the background.

    The same request returns the same action, until a new problem appears.
    """
    opportunity = await get_opportunity(opportunity_id)
    if earlier := await _find_earlier(opportunity, request):
        return earlier
    record = await _read_other(opportunity, request, crm)
    concerned = await trees_that_name(opportunity.crm_id, *([record.id] if record else []))
    load = partial(get_opportunity, opportunity.id)
    async with changing(events, load, "intake", *concerned, actor=actor) as (change, opportunity):
        if earlier := await _find_earlier(opportunity, request):
            return earlier
        await refuse_stale(opportunity, expected_version)
        await _refuse_unfit(opportunity, request, record)
        item = await _apply(change, opportunity, request, record)
        links = {
            "opportunity_id": opportunity.id,
            "ticket_id": opportunity.ticket_id,
            "company_id": opportunity.company_id,
        }
        kind, scope = ActionKind.REPAIR_OPPORTUNITY, _scope(opportunity, request)
        return await open_action(change, Opening(kind, scope, [item], links, actor, request.reason))


def _scope(opportunity: Opportunity, request: RepairRequest) -> dict[str, Any]:
    return {"opportunityId": opportunity.id, "repair": request.repair.value, "crmId": request.crm_id}


async def _find_earlier(opportunity: Opportunity, request: RepairRequest) -> Action | None:
    """Return the action of the same repair while it runs, and until a new problem appears after it."""
    last = await _find_last(opportunity)
    if last is None or last.scope != _scope(opportunity, request):
        return None
    kept = opportunity.kept_at is not None and request.repair is Repair.KEEP
    return last if opportunity.flag is None or kept or last.status == ActionStatus.RUNNING else None


async def _find_last(opportunity: Opportunity) -> Action | None:
    repairs = Action.filter(kind=ActionKind.REPAIR_OPPORTUNITY, opportunity_id=opportunity.id)
    return await repairs.order_by("-created_at", "-id").first()


async def _read_other(opportunity: Opportunity, request: RepairRequest, crm: Crm) -> OpportunityRecord | None:
    """Read the CRM opportunity to relink to."""
    crm_id = request.crm_id or opportunity.flag_crm_id
    if request.repair is not Repair.RELINK or crm_id is None:
        return None
    return await read_opportunity(crm_id, crm)


async def _refuse_unfit(
    opportunity: Opportunity, request: RepairRequest, other: OpportunityRecord | None
) -> None:
    if opportunity.flag is None:
        raise NothingToRepair("Nothing is wrong with this opportunity.", path=("opportunityId",))
    recreation = _recreation(opportunity)
    running = await actions_running_on([recreation])
    if running:
        raise ActionRunning(running[effect_of(recreation)])
    open_child = Ticket.filter(id=opportunity.child_ticket_id, status__in=workflow.OPEN_TICKET)
    proposed = propose_repairs(opportunity.flag, other is not None, await open_child.exists())
    if request.repair not in proposed:
        raise RepairNotProposed(
            f"{request.repair} does not repair an opportunity that is {opportunity.flag}.", path=("repair",)
        )


async def _apply(
    change: Change, opportunity: Opportunity, request: RepairRequest, record: OpportunityRecord | None
) -> PlannedItem:
    """Do what needs no create and return the ledger's entry for it. RECREATE is left to the engine."""
    match request.repair:
        case Repair.RECREATE:
            return _recreation(opportunity)
        case Repair.RELINK:
            assert record is not None
            await _relink(change, opportunity, record)
        case Repair.CANCEL_CHILD:
            child = await cascade.ticket_state(opportunity.child_ticket_id or "")
            transitions = workflow.cancel_ticket(child, request.reason)
            cancelled = await cascade.write_transitions(change, transitions)
            await write_flag(change, opportunity, None, cause=cancelled)
        case Repair.KEEP:
            reason = workflow.given_reason(request.reason)
            await change.update(
                opportunity, kind=EventType.OPPORTUNITY_KEPT, kept_at=change.at, kept_reason=reason
            )
    return PlannedItem(
        ItemKind.REPAIR_OPPORTUNITY,
        opportunity.id,
        opportunity.code or "",
        opportunity.title,
        outcome=ItemOutcome.UPDATED,
        crm_id=opportunity.crm_id,
    )


def _recreation(opportunity: Opportunity) -> PlannedItem:
    code = opportunity.code or ""
    reference = recreated_code(code, making(code) + 1)
    return PlannedItem(ItemKind.RECREATE_OPPORTUNITY, opportunity.id, reference, opportunity.title)


async def _relink(change: Change, opportunity: Opportunity, record: OpportunityRecord) -> None:
    company = await Company.get(id=opportunity.company_id)
    if record.company_id != company.crm_id:
        raise WrongCompany(f"The opportunity is not one of {company.name}.", path=("crmOpportunityId",))
    await find_in_place(record.id, lambda _: False)
    found = found_of(record)
    plain, _, _ = (opportunity.code or "").partition(".")
    code = numbered_code(plain, making(found.code)) if found.own_code == plain else opportunity.code
    left = opportunity.crm_id
    await refresh(
        change, opportunity, record, crm_id=record.id, code=code, carried_code=found.own_code, **CLEARED_FLAG
    )
    await note_replacements(change, opportunity, left, record.id)
    await relink_shadows(change, opportunity)
    await remove_unmatched(change, record.id)


class OpportunityRecreation:
    """Creates an opportunity again, under the next number. Implements `services.actions.handlers.CreateKind`."""

    def __init__(
        self,
        crm: Crm,
        *,
        clock: Callable[[], datetime],
        lag_bound: float,
        steady_since: Callable[[], datetime] = always,
    ) -> None:
        self._crm = crm
        self._clock = clock
        self._lag_bound = timedelta(seconds=lag_bound)
        self._steady_since = steady_since

    async def look_up(self, items: Sequence[ActionItem]) -> Mapping[str, Sequence[int]]:
        opportunity = await Opportunity.get(id=items[0].key)
        company = await Company.get(id=opportunity.company_id)
        asked_at = self._clock()
        records = await self._crm.get_opportunities(company.crm_id)
        if opportunity.flag == FlagKind.DELETED and items[0].state == ItemState.PENDING:
            self._check_gone(opportunity, records, asked_at)
        return carriers_among(records, [item.reference for item in items])

    def _check_gone(
        self, opportunity: Opportunity, records: Sequence[OpportunityRecord], asked_at: datetime
    ) -> None:
        """Raise unless this is the second look that does not find the opportunity, later than the search can lag."""
        if any(one.id == opportunity.crm_id for one in records):
            raise RepairNotProposed(
                f"The CRM shows the opportunity {opportunity.crm_id} again, so no other was created. "
                "Synchronise its company."
            )
        certain_at = max(opportunity.missing_since or asked_at, self._steady_since()) + self._lag_bound
        if asked_at < certain_at:
            raise CrmUnavailable(
                f"The opportunity {opportunity.crm_id} has not been missing from the CRM for long enough to be sure.",
                retry_after=(certain_at - asked_at).total_seconds(),
            )

    async def already_linked(self, items: Sequence[ActionItem]) -> Mapping[str, int]:
        opportunities = await Opportunity.filter(id__in=[item.key for item in items])
        references = {item.reference for item in items}
        return {one.code: one.crm_id for one in opportunities if one.code in references}

    async def reason_to_skip(self, item: ActionItem) -> Why | None:
        opportunity = await Opportunity.get(id=item.key)
        ticket = await Ticket.get(id=opportunity.child_ticket_id or opportunity.ticket_id)
        if ticket.status == TicketStatus.CANCELLED:
            return TICKET_CANCELLED
        last = await _find_last(opportunity)
        if last is not None and last.id != item.action_id:
            return Why(ItemReason.REPAIR_OVERTAKEN, "Another repair came after this one.")
        if opportunity.flag is None:
            return Why(ItemReason.NOTHING_TO_REPAIR, "Nothing is wrong with the opportunity any more.")
        return None

    async def send(self, item: ActionItem, *, claim: Claim) -> Created:
        opportunity = await Opportunity.get(id=item.key)
        ticket = await Ticket.get(id=opportunity.ticket_id)
        line = await TicketLine.get_or_none(id=opportunity.ticket_line_id)
        service = await Service.get(id=line.service_id if line else opportunity.service_id)
        amount = opportunity.amount if opportunity.amount is not None else line.amount if line else Decimal(0)
        words = f"Rifatta per il ticket {ticket.code}"
        draft = await draft_for(ticket, service, item, title=item.label, amount=amount, description=words)
        return Created(await self._crm.create_opportunity(draft, claim=claim))

    async def carries(self, item: ActionItem, crm_id: int) -> bool:
        return await is_opportunity(self._crm, crm_id, item.reference)

    async def examine(self, item: ActionItem, crm_id: int) -> None:
        """Ask nothing: the next synchronisation reads what the record shows."""

    async def streams(self, item: ActionItem) -> Sequence[str]:
        opportunity = await Opportunity.get(id=item.key)
        return ["intake", opportunity.tree_id, *await trees_that_name(opportunity.crm_id)]

    async def record(self, change: Change, item: ActionItem, crm_id: int, details: None) -> None:
        """Point the mirror to the new record.

        A record that meanwhile belongs elsewhere is refused, and so is a late one that is no longer needed.
        """
        if await find_in_place(crm_id, lambda one: one.id == item.key):
            return
        opportunity = await Opportunity.get(id=item.key)
        if why := await self.reason_to_skip(item):
            there = f"the opportunity's record is {opportunity.crm_id}"
            raise RepairNotProposed(f"{why.explanation} The CRM holds {crm_id} anyway; {there}.")
        left = opportunity.crm_id
        await change.update(
            opportunity,
            kind=EventType.OPPORTUNITY_RECREATED,
            crm_id=crm_id,
            code=item.reference,
            status=OpportunityStatus.OPEN,
            missing_since=None,
            refreshed_at=change.at,
            carried_code=own_code(item.reference),
            **CLEARED_FLAG,
        )
        await note_replacements(change, opportunity, left, crm_id)
        await relink_shadows(change, opportunity)
        await remove_unmatched(change, crm_id)
