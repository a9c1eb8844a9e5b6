"""The way back: what the CRM holds is mirrored, and opportunities without a child ticket get one."""

from collections.abc import Sequence
from datetime import timedelta

from models import Action, ActionItem, Company, Opportunity, Ticket
from services import catalog_store, opportunity_mirror, tickets
from services.actions import PlannedItem, Result, open_action, running_action
from services.actions.ledger import add_finished_items
from services.crm.protocol import Claim, Crm
from services.crm.records import OpportunityRecord
from services.errors import Refusal
from services.events import Change, EventLog
from services.opportunity_reading import Heard, read_company
from services.planning.calendar import WorkCalendar
from services.planning.opportunity_facts import SyncDecision, SyncOutcome, SyncReason, explain
from services.planning.opportunity_sync import plan_sync
from services.unmatched import keep_unmatched
from services.vocabulary import ActionKind, ItemOutcome, TicketKind

SYNC = "SYNC_COMPANY"
FOUND = "OPPORTUNITY"
CHANGED = (ItemOutcome.CREATED, ItemOutcome.ADOPTED, ItemOutcome.UPDATED)


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


class CompanySync:
    """Reads one company's opportunities and takes them in. Fulfils `services.actions.kinds.RepeatKind`.

    `lag_bound`: the seconds for which a new record may be missing from the CRM's search.
    """

    def __init__(self, crm: Crm, *, calendar: WorkCalendar, lag_bound: float = 60.0) -> None:
        self._crm = crm
        self._calendar = calendar
        self._lag_bound = timedelta(seconds=lag_bound)

    async def talk(self, item: ActionItem, *, claim: Claim) -> Heard:
        company = await Company.get(id=item.key)
        return await read_company(self._crm, company, asked_at=item.created_at, lag_bound=self._lag_bound)

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """The company's trees, and the stream of what waits for a person."""
        parents = Ticket.filter(company_id=item.key, kind=TicketKind.PARENT)
        return ["intake", *map(str, await parents.values_list("tree_id", flat=True))]

    async def apply(self, change: Change, item: ActionItem, heard: Heard) -> Result:
        """Decide about all of the company, write what lies within the action's scope.

        What nobody could match may be any ticket's, so it is always told, and the list of it kept whole.
        """
        decisions = await _decide(item.key, heard)
        only_ticket = (await Action.get(id=item.action_id)).ticket_id
        taken = [
            await self._take_in(change, decision, heard.records.get(decision.crm_id))
            for decision in decisions
            if only_ticket is None or decision.ticket_id in (None, only_ticket)
        ]
        await keep_unmatched(change, item.key, decisions, heard.records)
        await add_finished_items(change, item, taken)
        changed = any(one.outcome in CHANGED for one in taken)
        return Result(ItemOutcome.UPDATED if changed else ItemOutcome.UNCHANGED)

    async def say_again(self, change: Change, item: ActionItem) -> None:
        """Reading says nothing."""

    async def _take_in(
        self, change: Change, decision: SyncDecision, record: OpportunityRecord | None
    ) -> PlannedItem:
        opportunity = await _mirror(change, decision, record)
        child = None
        if decision.creates_child and opportunity is not None:
            child = await opportunity_mirror.open_child(change, opportunity, calendar=self._calendar)
        title = opportunity_mirror.shown(record)["title"] if record else decision.code or ""
        return PlannedItem(
            kind=FOUND,
            key=str(decision.crm_id),
            reference=((opportunity.code if opportunity else record.code if record else None) or "")[:64],
            label=(f"{child.code} · {title}" if child else title)[:500],
            outcome=_outcome(decision, opportunity),
            explanation=_explanation(decision),
            crm_id=decision.crm_id,
        )


async def _decide(company_id: str, heard: Heard) -> tuple[SyncDecision, ...]:
    """What another company's ticket has is not for this one, wherever the CRM shows it now."""
    sales = await opportunity_mirror.list_sales(company_id)
    known = await opportunity_mirror.list_known(company_id, sales, [*heard.records, *heard.absent])
    services = {code: one.name for code, one in (await catalog_store.list_services()).items()}
    elsewhere = await Opportunity.exclude(company_id=company_id).filter(crm_id__in=list(heard.records))
    others = {one.crm_id for one in elsewhere}
    found = [one for one in heard.found() if one.crm_id not in others]
    return plan_sync(sales, known, found, services)


async def _mirror(
    change: Change, decision: SyncDecision, record: OpportunityRecord | None
) -> Opportunity | None:
    """Write what the CRM shows now into our mirror; None for an opportunity that stays a stranger."""
    if decision.outcome is SyncOutcome.ADOPT and record is not None:
        return await opportunity_mirror.adopt(change, decision, record)
    if decision.opportunity_id is None:
        return None
    opportunity = await Opportunity.get(id=decision.opportunity_id)
    if record is None:
        missing_since = opportunity.missing_since or change.at
        await change.update(opportunity, kind="OPPORTUNITY_MISSING", missing_since=missing_since)
    elif decision.outcome is SyncOutcome.REFRESH:
        await opportunity_mirror.refresh(change, opportunity, record)
    return opportunity


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
    return explain(why) if why else None
