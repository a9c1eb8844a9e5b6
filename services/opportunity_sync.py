"""The way back: what the CRM holds is mirrored, and opportunities without a child ticket get one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from models import Action, ActionItem, Company, Opportunity, Ticket
from services import opportunity_mirror
from services.actions import PlannedItem, Result, open_plan, running_action
from services.actions.ledger import add_items
from services.crm.protocol import Claim, Crm
from services.crm.records import OpportunityRecord
from services.events import Change, EventLog
from services.opportunities import list_being_made
from services.opportunity_reading import Heard, read_company
from services.planning.calendar import WorkCalendar
from services.planning.foresight import NOT_AS_SHOWN
from services.planning.opportunity_facts import SyncDecision, SyncOutcome, explain
from services.planning.opportunity_flags import explain_flag
from services.planning.opportunity_sync import plan_sync
from services.planning.sync_shown import came_true, mark, surprises, within
from services.sync_plan import get_sync_plan, service_names
from services.unmatched import keep_unmatched
from services.vocabulary import ItemOutcome, TicketKind

FOUND = "OPPORTUNITY"
CHANGED = (ItemOutcome.CREATED, ItemOutcome.ADOPTED, ItemOutcome.UPDATED)


async def sync_opportunities(
    *,
    company_id: str | None = None,
    ticket_id: str | None = None,
    plan_token: str | None = None,
    actor: str,
    events: EventLog,
) -> Action:
    """🟠 Bring opportunities back: refresh the mirror, and open the child tickets that are missing.

    For all companies with parent tickets, one company, or one ticket and its children. Answers at once with the
    action. With the token of a preview, it is what was shown, or PLAN_STALE.
    """
    async with events.change("intake", actor=actor) as change:
        plan = await get_sync_plan(company_id, ticket_id, foretold=plan_token is not None)
        if running := await running_action(plan.kind, plan.scope):
            return running
        return await open_plan(change, plan.shown_by(plan_token), operator_id=actor)


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
        decisions = await decide(item.key, heard)
        only_ticket = (await Action.get(id=item.action_id)).ticket_id
        mine = marked(within(decisions, only_ticket), heard)
        unshown = surprises(item.expected, mine)
        taken = [
            await self._take_in(change, decision, heard, left_alone=decision.crm_id in unshown)
            for decision, _ in mine
        ]
        await keep_unmatched(change, item.key, decisions, heard.records)
        await add_items(change, item, taken)
        if not came_true(item.expected, mine):
            return Result(ItemOutcome.NEEDS_ATTENTION, NOT_AS_SHOWN)
        return Result(company_outcome(taken))

    async def say_again(self, change: Change, item: ActionItem) -> None:
        """Reading says nothing."""

    async def _take_in(
        self, change: Change, decision: SyncDecision, heard: Heard, *, left_alone: bool
    ) -> PlannedItem:
        record = heard.records.get(decision.crm_id)
        if left_alone:
            found = told(decision, record, await find_known(decision))
            return replace(found, outcome=ItemOutcome.NEEDS_ATTENTION, explanation=NOT_AS_SHOWN)
        opportunity = await _mirror(change, decision, record)
        child = None
        if decision.creates_child and opportunity is not None:
            child = await opportunity_mirror.open_child(change, opportunity, calendar=self._calendar)
        return told(decision, record, opportunity, child_code=child.code if child else None)


async def decide(company_id: str, heard: Heard) -> tuple[SyncDecision, ...]:
    """What another company's ticket has is not for this one, wherever the CRM shows it now."""
    sales = await opportunity_mirror.list_sales(company_id)
    known = await opportunity_mirror.list_known(company_id, sales, [*heard.records, *heard.absent])
    elsewhere = await Opportunity.exclude(company_id=company_id).filter(crm_id__in=list(heard.records))
    others = {one.crm_id for one in elsewhere}
    making = await list_being_made(company_id)
    found = [
        replace(one, being_made=one.code.strip().upper() in making)
        for one in heard.found()
        if one.crm_id not in others
    ]
    return plan_sync(sales, known, found, await service_names(), heard.absences)


def marked(decisions: Sequence[SyncDecision], heard: Heard) -> list[tuple[SyncDecision, int]]:
    """Each decision with what stands for it, and for what the CRM shows, where an operator was shown both."""
    records = [heard.records.get(one.crm_id) for one in decisions]
    shown = [opportunity_mirror.shown(one) if one else {} for one in records]
    return [(decision, mark(decision, one)) for decision, one in zip(decisions, shown, strict=True)]


async def find_known(decision: SyncDecision) -> Opportunity | None:
    return await Opportunity.get_or_none(id=decision.opportunity_id) if decision.opportunity_id else None


def told(
    decision: SyncDecision,
    record: OpportunityRecord | None,
    opportunity: Opportunity | None,
    *,
    child_code: str | None = None,
) -> PlannedItem:
    """A decision as an item: what is, or will have been, done about one opportunity."""
    title = opportunity_mirror.shown(record)["title"] if record else opportunity.title if opportunity else ""
    return PlannedItem(
        kind=FOUND,
        key=str(decision.crm_id),
        reference=(decision.code or (record.code if record else ""))[:64],
        label=(f"{child_code} · {title}" if child_code else title)[:500],
        outcome=_outcome(decision),
        explanation=_explanation(decision),
        crm_id=decision.crm_id,
    )


def company_outcome(taken: Sequence[PlannedItem]) -> ItemOutcome:
    """What became of a company, given what became of its opportunities."""
    changed = any(one.outcome in CHANGED for one in taken)
    return ItemOutcome.UPDATED if changed else ItemOutcome.UNCHANGED


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
        await opportunity_mirror.refresh(change, opportunity, record, carried_code=decision.carried_code)
    await opportunity_mirror.write_flag(change, opportunity, decision.flag)
    return opportunity


def _outcome(decision: SyncDecision) -> ItemOutcome:
    if decision.needs_person:
        return ItemOutcome.NEEDS_ATTENTION
    if decision.creates_child:
        return ItemOutcome.CREATED
    return {
        SyncOutcome.REFRESH: ItemOutcome.UPDATED,
        SyncOutcome.UNCHANGED: ItemOutcome.UNCHANGED,
        SyncOutcome.ADOPT: ItemOutcome.ADOPTED,
        SyncOutcome.MISSING: ItemOutcome.UPDATED if decision.changes else ItemOutcome.UNCHANGED,
    }.get(decision.outcome, ItemOutcome.SKIPPED)


def _explanation(decision: SyncDecision) -> str | None:
    if decision.flag is not None:
        return explain_flag(decision.flag.kind, decision.flag.crm_id)
    why = decision.no_child or decision.reason
    return explain(why) if why else None
