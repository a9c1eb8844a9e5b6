"""Synchronises opportunities: mirrors what the CRM holds and opens missing child tickets."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from models import Action, ActionItem, Company, Opportunity, Ticket
from services import companies
from services.actions import PlannedItem, Result, open_plan, running_action
from services.actions.ledger import add_items, left_to_person
from services.crm.protocol import Claim, Crm
from services.crm.records import CompanyRecord, OpportunityRecord
from services.events import Change, EventLog, EventType
from services.opportunities import mirror as opportunity_mirror
from services.opportunities.crm_snapshot import CompanySnapshot, read_company
from services.opportunities.defects import explain_defects, find_defects
from services.opportunities.generation import list_being_made
from services.opportunities.merged_companies import GONE, follow_company
from services.opportunities.sync_plan import get_sync_plan, service_names
from services.opportunities.unmatched import update_unmatched
from services.planning.actions.preview import NOT_AS_SHOWN, UP_TO_DATE, ValueChange, Why, value_change
from services.planning.calendar import WorkCalendar
from services.planning.opportunities.facts import SyncDecision, SyncOutcome, explain
from services.planning.opportunities.flags import explain_flag
from services.planning.opportunities.preview_expectations import mark, matches_preview, surprises, within
from services.planning.opportunities.sync import plan_sync
from services.vocabulary import ItemKind, ItemOutcome, ItemReason, OpportunityDefect, TicketKind

CHANGED = (ItemOutcome.CREATED, ItemOutcome.ADOPTED, ItemOutcome.UPDATED)


async def sync_opportunities(
    *,
    company_id: str | None = None,
    ticket_id: str | None = None,
    plan_token: str | None = None,
    actor: str,
    events: EventLog,
) -> Action:
    """🟠 Refresh the mirror and open the missing child tickets.

    The scope is all companies with parent tickets, one company, or one ticket and its children. Returns at once with
    the action. With the token of a preview, the action does what the preview showed, or is refused as PLAN_STALE.
    """
    async with events.change("intake", actor=actor) as change:
        plan = await get_sync_plan(company_id, ticket_id, predicted=plan_token is not None)
        if running := await running_action(plan.kind, plan.scope):
            return running
        return await open_plan(change, plan.shown_by(plan_token), operator_id=actor)


class CompanySync:
    """Reads one company's opportunities and applies what follows. Implements `services.actions.handlers.RepeatKind`.

    `lag_bound`: the seconds for which a new record may be missing from the CRM's search.
    """

    def __init__(self, crm: Crm, *, calendar: WorkCalendar, lag_bound: float = 60.0) -> None:
        self._crm = crm
        self._calendar = calendar
        self._lag_bound = timedelta(seconds=lag_bound)

    async def call(self, item: ActionItem, *, claim: Claim) -> CompanySnapshot:
        company = await Company.get(id=item.key)
        return await read_company(self._crm, company, asked_at=item.created_at, lag_bound=self._lag_bound)

    async def streams(self, item: ActionItem) -> Sequence[str]:
        """Return the streams of the company's trees and of the unmatched opportunities."""
        parents = Ticket.filter(company_id=item.key, kind=TicketKind.PARENT)
        return ["intake", *map(str, await parents.values_list("tree_id", flat=True))]

    async def apply(self, change: Change, item: ActionItem, snapshot: CompanySnapshot) -> Result:
        """Decide about the whole company and write what lies within the action's scope.

        An unmatched opportunity may belong to any ticket, so it is always reported, and their list is kept complete.
        """
        company = await Company.get(id=item.key)
        if snapshot.company is not None:
            survivor = await follow_company(change, company, snapshot.company)
            if survivor.id != company.id:
                merged = f"The CRM merged it into {survivor.name}; synchronise that one."
                return Result(ItemOutcome.UPDATED, Why(ItemReason.MERGED, merged))
        decisions = await decide(item.key, snapshot)
        only_ticket = (await Action.get(id=item.action_id)).ticket_id
        mine = with_fingerprints(within(decisions, only_ticket), snapshot)
        unshown = surprises(item.expected, mine)
        taken = [
            await self._apply_decision(change, decision, snapshot, left_alone=decision.crm_id in unshown)
            for decision, _ in mine
        ]
        await update_unmatched(change, item.key, decisions, snapshot.records)
        await add_items(change, item, taken)
        if not matches_preview(item.expected, mine):
            return Result(ItemOutcome.NEEDS_ATTENTION, NOT_AS_SHOWN)
        return company_result(taken, snapshot.company)

    async def resend_after_race(self, change: Change, item: ActionItem) -> None:
        """A look-up sends nothing."""

    async def _apply_decision(
        self, change: Change, decision: SyncDecision, snapshot: CompanySnapshot, *, left_alone: bool
    ) -> PlannedItem:
        record = snapshot.records.get(decision.crm_id)
        if left_alone:
            found = as_planned_item(decision, record, await find_known(decision))
            return left_to_person(found, NOT_AS_SHOWN)
        opportunity = await _mirror(change, decision, record)
        child = None
        if decision.creates_child and opportunity is not None:
            child = await opportunity_mirror.open_child(change, opportunity, calendar=self._calendar)
        return as_planned_item(decision, record, opportunity, child_code=child.code if child else None)


async def decide(company_id: str, snapshot: CompanySnapshot) -> tuple[SyncDecision, ...]:
    """Plan the company. Opportunities that another company's tickets have are left out, wherever the CRM shows them."""
    sales = await opportunity_mirror.list_sales(company_id)
    known = await opportunity_mirror.list_known(company_id, sales, [*snapshot.records, *snapshot.absent])
    elsewhere = await Opportunity.exclude(company_id=company_id).filter(crm_id__in=list(snapshot.records))
    others = {one.crm_id for one in elsewhere}
    making = await list_being_made(company_id)
    found = [
        replace(one, being_made=one.code.strip().upper() in making)
        for one in snapshot.found()
        if one.crm_id not in others
    ]
    company = await Company.get(id=company_id)
    return plan_sync(sales, known, found, await service_names(), snapshot.absences, company.name)


def with_fingerprints(
    decisions: Sequence[SyncDecision], snapshot: CompanySnapshot
) -> list[tuple[SyncDecision, int]]:
    """Return each decision with a fingerprint of it and of the CRM's record, as a preview shows them."""
    records = [snapshot.records.get(one.crm_id) for one in decisions]
    shown = [opportunity_mirror.shown(one) if one else {} for one in records]
    return [(decision, mark(decision, one)) for decision, one in zip(decisions, shown, strict=True)]


async def find_known(decision: SyncDecision) -> Opportunity | None:
    return await Opportunity.get_or_none(id=decision.opportunity_id) if decision.opportunity_id else None


def as_planned_item(
    decision: SyncDecision,
    record: OpportunityRecord | None,
    opportunity: Opportunity | None,
    *,
    child_code: str | None = None,
) -> PlannedItem:
    """Return a decision as an item: what was, or will be, done about one opportunity."""
    defects = find_defects(record) if record else []
    left_out = explain_defects(defects)
    title = opportunity_mirror.shown(record)["title"] if record else opportunity.title if opportunity else ""
    return PlannedItem(
        kind=ItemKind.SYNC_OPPORTUNITY,
        key=str(decision.crm_id),
        reference=(decision.code or (record.code if record else ""))[:64],
        label=(f"{child_code} · {title}" if child_code else title)[:500],
        outcome=_outcome(decision, defects),
        reason=_reason(decision, left_out),
        explanation=" ".join(filter(None, [_explanation(decision), left_out])) or None,
        crm_id=decision.crm_id,
    )


def company_result(taken: Sequence[PlannedItem], answered: CompanyRecord | None) -> Result:
    """Return the result of a company from those of its opportunities and its own record in the CRM."""
    if answered is None:
        return Result(ItemOutcome.NEEDS_ATTENTION, Why(ItemReason.DELETED, GONE))
    changed = any(one.outcome in CHANGED for one in taken)
    outcome = ItemOutcome.UPDATED if changed else ItemOutcome.UNCHANGED
    if defects := companies.explain_defects(answered.defects):
        return Result(outcome, Why(ItemReason.NOT_STORABLE, defects))
    return Result(outcome, None if changed else UP_TO_DATE)


async def _mirror(
    change: Change, decision: SyncDecision, record: OpportunityRecord | None
) -> Opportunity | None:
    """Write the CRM's record into our mirror. None: the opportunity stays unmatched."""
    if decision.outcome is SyncOutcome.ADOPT and record is not None:
        return await opportunity_mirror.adopt(change, decision, record)
    if decision.opportunity_id is None:
        return None
    opportunity = await Opportunity.get(id=decision.opportunity_id)
    if record is None:
        missing_since = opportunity.missing_since or change.at
        await change.update(opportunity, kind=EventType.OPPORTUNITY_MISSING, missing_since=missing_since)
    elif decision.outcome is SyncOutcome.REFRESH:
        await opportunity_mirror.refresh(change, opportunity, record, carried_code=decision.carried_code)
    else:
        await opportunity_mirror.note_defects(change, opportunity, record)
    await opportunity_mirror.write_flag(change, opportunity, decision.flag)
    return opportunity


def _outcome(decision: SyncDecision, defects: Collection[OpportunityDefect]) -> ItemOutcome:
    # A shortened text still says what it is about. An amount that is missing has to be corrected in the CRM.
    if decision.needs_person or OpportunityDefect.AMOUNT_TOO_LARGE in defects:
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


def _reason(decision: SyncDecision, left_out: str | None) -> ItemReason | None:
    if left_out:
        return ItemReason.NOT_STORABLE
    if decision.flag is not None:
        return ItemReason(decision.flag.kind)
    if why := decision.no_child or decision.reason:
        return ItemReason(why)
    if decision.outcome is SyncOutcome.MISSING:
        return ItemReason.DELETED
    if decision.creates_child:
        return None
    return ItemReason.DIFFERS if decision.changes else ItemReason.UP_TO_DATE


_SHOWN_NAMES = {"is_missing": "missing"}


def shown_changes(
    decision: SyncDecision, record: OpportunityRecord | None, opportunity: Opportunity | None
) -> tuple[ValueChange, ...]:
    """Return what a synchronisation changes of our copy of an opportunity, as a preview shows it."""
    if opportunity is None:
        return ()
    after = {**(opportunity_mirror.shown(record) if record else {}), "is_missing": record is None}
    before = {name: getattr(opportunity, name) for name in after if name != "is_missing"}
    before["is_missing"] = opportunity.missing_since is not None
    after["flag"], before["flag"] = decision.flag and decision.flag.kind, opportunity.flag
    return tuple(
        value_change(_SHOWN_NAMES.get(name, name), before[name], after[name])
        for name in decision.changes
        if name in after and before[name] != after[name]
    )
