"""Previews of the three buttons. Nothing is written, here or in the CRM."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

from models import Opportunity
from services.actions import (
    ActionPlan,
    CreationPlan,
    Forecaster,
    PlannedItem,
    Result,
    actions_running_on,
    effect_of,
)
from services.activities import generation as activities, verification
from services.activities.verification import ActivitiesSnapshot, Finding, read_activities
from services.crm.bounded_question import PATIENCE, glance
from services.crm.protocol import Crm
from services.opportunities import generation as opportunities
from services.opportunities.crm_snapshot import CompanySnapshot, read_company
from services.opportunities.mirror_age import mirror_age
from services.opportunities.sync import (
    as_planned_item,
    company_result,
    decide,
    find_known,
    shown_changes,
    with_fingerprints,
)
from services.opportunities.sync_plan import SyncPlan, get_sync_plan
from services.planning.actions.plan_token import Facts
from services.planning.actions.preview import CALLS_OF_AN_UPDATE, Foreseen, Why, blocked, foresee_create
from services.planning.calendar import WorkCalendar
from services.planning.opportunities.facts import SyncDecision
from services.planning.opportunities.preview_expectations import within
from services.records import get_opportunity
from services.vocabulary import ForeseenOutcome, ItemKind, ItemOutcome, ItemReason

Answer = TypeVar("Answer")

ASKED_FOR = 3
"""The activities that a preview reads by id: two calls for each that is gone, ten for everything."""

FORESEEN = {
    ItemOutcome.CREATED: ForeseenOutcome.CREATE,
    ItemOutcome.ADOPTED: ForeseenOutcome.ADOPT,
    ItemOutcome.UPDATED: ForeseenOutcome.UPDATE,
    ItemOutcome.UNCHANGED: ForeseenOutcome.UNCHANGED,
    ItemOutcome.SKIPPED: ForeseenOutcome.SKIP,
    ItemOutcome.NEEDS_ATTENTION: ForeseenOutcome.BLOCKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan as an operator sees it. `looked` says whether the CRM was read for it.

    Without a `plan_token`, a press would be refused now.
    """

    items: Sequence[Foreseen]
    crm_calls: int
    estimated_seconds: int
    mirror_age_seconds: int | None
    looked: bool
    plan_token: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the CRM showed, if it was `looked` at, and how many calls another look-up takes."""

    facts: Facts
    calls: int
    looked: bool


class Previews:
    """`lag_bound`: the seconds for which a new record may be missing from the CRM's search."""

    def __init__(
        self,
        crm: Crm,
        *,
        forecaster: Forecaster,
        calendar: WorkCalendar,
        clock: Callable[[], datetime],
        lag_bound: float,
        patience: float = PATIENCE,
    ) -> None:
        self._crm = crm
        self._forecaster = forecaster
        self._calendar = calendar
        self._clock = clock
        self._lag_bound = timedelta(seconds=lag_bound)
        self._patience = patience

    async def generate_opportunities(
        self, ticket_id: str, *, line_ids: Collection[str] | None = None, override_reason: str | None = None
    ) -> Preview:
        """🟡 Return what would happen to each line. The CRM is asked what it already holds of the company."""
        expansion = await opportunities.get_expansion(ticket_id, line_ids, override_reason)
        references = [item.reference for item in expansion.plan.items]

        def ask(crm: Crm) -> Awaitable[Facts]:
            return opportunities.find_carriers(crm, expansion.company, references)

        return await self._foresee_creation(expansion.plan, ask, company_id=expansion.company.id)

    async def generate_activities(self, opportunity_id: str) -> Preview:
        """🟣 Return what would happen to each milestone. The CRM is asked what it already holds of the opportunity."""
        opportunity = await get_opportunity(opportunity_id)
        plan = await activities.get_generation_plan(opportunity)
        snapshot, calls = (
            await self._read_activities(opportunity)
            if any(not one.outcome for one in plan.items)
            else (None, 0)
        )
        findings = await verification.compare(opportunity, snapshot, calendar=self._calendar)
        items = _with_findings(plan.items, findings)
        made_of = [item.reference for item in items if plan.creates(item)]
        carriers = snapshot.carriers if snapshot else {}
        facts = {reference: carriers[reference] for reference in made_of if carriers.get(reference)}
        marks = {opportunity.id: [one.mark for one in findings]} if findings else {}
        # The check looks up everything; after it, the first create looks up again.
        again = await self._forecaster.look_up_calls(ItemKind.CREATE_ACTIVITY) if findings and made_of else 0
        # The check looks a second time for what it does not find.
        looks = 2 if snapshot and snapshot.gone else 1
        running = await actions_running_on([*plan.items, *items])
        foreseen = [_foresee_made(plan, item, facts, running) for item in items]
        seen = Seen({**facts, **marks}, looks * calls + again, looked=snapshot is not None)
        return await self._preview(plan, foreseen, seen, running, company_ids=[opportunity.company_id])

    async def _read_activities(self, opportunity: Opportunity) -> tuple[ActivitiesSnapshot | None, int]:
        def ask(crm: Crm) -> Awaitable[ActivitiesSnapshot]:
            now = self._clock()
            return read_activities(
                crm, opportunity, read_at=now, asked_at=now, lag_bound=self._lag_bound, asking=ASKED_FOR
            )

        return await self._glance(ask, kind=ItemKind.CHECK_ACTIVITIES)

    async def sync_opportunities(
        self, *, company_id: str | None = None, ticket_id: str | None = None
    ) -> Preview:
        """🟠 Return what would happen to each opportunity. One company is read from the CRM; all are predicted."""
        plan = await get_sync_plan(company_id, ticket_id, predicted=True)
        if company_id or ticket_id:
            snapshot, calls = await self._glance(self._reading(plan), kind=ItemKind.SYNC_COMPANY)
        else:
            snapshot, calls = (
                None,
                len(plan.companies) * await self._forecaster.look_up_calls(ItemKind.SYNC_COMPANY),
            )
        found, facts = (
            (await _from_mirror(plan), {}) if snapshot is None else await _from_snapshot(plan, snapshot)
        )
        running = await actions_running_on(plan.items)
        items = [_foresee(item, running) for item in found]
        seen = Seen(facts, calls, looked=snapshot is not None)
        return await self._preview(plan, items, seen, running, company_ids=[one.id for one in plan.companies])

    def _reading(self, plan: SyncPlan) -> Callable[[Crm], Awaitable[CompanySnapshot]]:
        [company] = plan.companies
        return lambda crm: read_company(crm, company, asked_at=self._clock(), lag_bound=self._lag_bound)

    async def _foresee_creation(
        self, plan: CreationPlan, ask: Callable[[Crm], Awaitable[Facts]], *, company_id: str
    ) -> Preview:
        made_of = [item.reference for item in plan.items if plan.creates(item)]
        found, calls = await self._glance(ask, kind=plan.creating) if made_of else (None, 0)
        facts = {reference: found[reference] for reference in made_of if found and found.get(reference)}
        running = await actions_running_on(plan.items)
        items = [_foresee_made(plan, item, facts, running) for item in plan.items]
        seen = Seen(facts, calls, looked=found is not None)
        return await self._preview(plan, items, seen, running, company_ids=[company_id])

    async def _glance(
        self, ask: Callable[[Crm], Awaitable[Answer]], *, kind: str
    ) -> tuple[Answer | None, int]:
        """Return what the CRM shows, and the calls that a run takes for the same question, if not more."""
        answer, calls = await glance(self._crm, ask, patience=self._patience)
        if answer is None:
            calls = max(calls, await self._forecaster.look_up_calls(kind))
        return answer, calls

    async def _preview(
        self,
        plan: ActionPlan,
        items: Sequence[Foreseen],
        seen: Seen,
        running: Mapping[str, str],
        *,
        company_ids: Sequence[str],
    ) -> Preview:
        calls = seen.calls + sum(item.calls for item in items)
        lanes = {item.lane for item in plan.items}
        duration = await self._forecaster.seconds_for(calls, look_ups=seen.calls, lanes=len(lanes))
        return Preview(
            items=items,
            crm_calls=calls,
            estimated_seconds=ceil(duration),
            mirror_age_seconds=await mirror_age(company_ids, now=self._clock()),
            looked=seen.looked,
            plan_token=None if running else plan.token(seen.facts),
        )


def _with_findings(items: Sequence[PlannedItem], findings: Sequence[Finding]) -> list[PlannedItem]:
    """Return the items that a run ends with: the checked ones with their outcomes, and the findings."""
    found = [one.item for one in findings]
    result = verification.check_result(found)
    checked = [_as_ended(one, result) if one.kind == ItemKind.CHECK_ACTIVITIES else one for one in items]
    return [*checked, *found]


def _as_ended(item: PlannedItem, result: Result) -> PlannedItem:
    ended = replace(item, outcome=result.outcome)
    return (
        replace(ended, reason=result.why.reason, explanation=result.why.explanation) if result.why else ended
    )


def _foresee(item: PlannedItem, running: Mapping[str, str], *, calls: int = 0) -> Foreseen:
    foreseen = Foreseen(
        kind=item.kind,
        key=item.key,
        reference=item.reference or None,
        label=item.label,
        outcome=FORESEEN[item.outcome] if item.outcome else ForeseenOutcome.UPDATE,
        reason=item.reason,
        explanation=item.explanation,
        changes=item.changes,
        crm_id=item.crm_id,
        calls=0 if item.outcome else calls,
    )
    if action_id := running.get(effect_of(item)):
        return blocked(foreseen, Why(ItemReason.UNDER_WAY, f"The action {action_id} is running on it."))
    return foreseen


def _foresee_made(
    plan: CreationPlan, item: PlannedItem, facts: Facts, running: Mapping[str, str]
) -> Foreseen:
    """Return the predicted item. The plan decides what is already finished, the CRM what is to be created."""
    foreseen = _foresee(item, running, calls=CALLS_OF_AN_UPDATE)
    if not plan.creates(item) or effect_of(item) in running:
        return foreseen
    found = facts.get(item.reference, ())
    return foresee_create(foreseen, found, calls_on_adoption=plan.calls_on_adoption)


async def _from_snapshot(plan: SyncPlan, snapshot: CompanySnapshot) -> tuple[list[PlannedItem], Facts]:
    """Return the company and its opportunities as a run with the same snapshot reports them, and their marks."""
    [company] = plan.items
    decisions = with_fingerprints(within(await decide(company.key, snapshot), plan.only_ticket), snapshot)
    found = [await _found(decision, snapshot) for decision, _ in decisions]
    result = company_result(found, snapshot.company)
    return [_as_ended(company, result), *found], {company.key: [mark for _, mark in decisions]}


async def _found(decision: SyncDecision, snapshot: CompanySnapshot) -> PlannedItem:
    """Return an opportunity as a run reports it, with what the run changes of our copy."""
    record, opportunity = snapshot.records.get(decision.crm_id), await find_known(decision)
    child_code = decision.code if decision.creates_child else None
    item = as_planned_item(decision, record, opportunity, child_code=child_code)
    return replace(item, changes=shown_changes(decision, record, opportunity))


async def _from_mirror(plan: SyncPlan) -> list[PlannedItem]:
    """Return every company with the opportunities that our mirror expects to get a child or to need a person."""
    found = []
    for company in plan.items:
        found.append(replace(company, explanation="The CRM is read, and our copy of it brought up to date."))
        for decision in plan.decisions[company.key]:
            if decision.creates_child or decision.needs_person:
                child_code = decision.code if decision.creates_child else None
                found.append(
                    as_planned_item(decision, None, await find_known(decision), child_code=child_code)
                )
    return found
