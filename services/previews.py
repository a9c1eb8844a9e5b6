"""What the three buttons would do if they were pressed now. Nothing is written, here or in the CRM."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import TypeVar

from models import Opportunity
from services import activities, activity_check, opportunities
from services.actions import ActionPlan, CreationPlan, Lookout, PlannedItem, actions_at_work
from services.activity_check import Finding, HeardActivities, read_activities
from services.crm.glance import PATIENCE, glance
from services.crm.protocol import Crm
from services.freshness import mirror_age
from services.opportunity_reading import Heard, read_company
from services.opportunity_sync import company_outcome, decide, find_known, marked, told
from services.planning.calendar import WorkCalendar
from services.planning.foresight import Foreseen, blocked, foresee_create
from services.planning.plan_token import Facts
from services.planning.sync_shown import within
from services.sync_plan import SYNC, SyncPlan, get_sync_plan
from services.vocabulary import ForeseenOutcome, ItemOutcome

Answer = TypeVar("Answer")

ASKED_FOR = 3
"""How many activities a preview asks for by their ids: two calls for each that is gone, and ten for everything."""

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
    """A plan as an operator is shown it. `mirror_age` is in seconds; `looked` tells whether the CRM was read for it.

    Without a `plan_token`, a press would be refused now.
    """

    items: Sequence[Foreseen]
    crm_calls: int
    estimated_duration: int
    mirror_age: int | None
    looked: bool
    plan_token: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the CRM showed, where it was `looked` at, and what it costs to look again."""

    facts: Facts
    calls: int
    looked: bool


class Previews:
    """`lag_bound`: the seconds for which a new record may be missing from the CRM's search."""

    def __init__(
        self,
        crm: Crm,
        *,
        lookout: Lookout,
        calendar: WorkCalendar,
        clock: Callable[[], datetime],
        lag_bound: float,
        patience: float = PATIENCE,
    ) -> None:
        self._crm = crm
        self._lookout = lookout
        self._calendar = calendar
        self._clock = clock
        self._lag_bound = timedelta(seconds=lag_bound)
        self._patience = patience

    async def generate_opportunities(
        self, ticket_id: str, *, line_ids: Collection[str] | None = None, override_reason: str | None = None
    ) -> Preview:
        """🟡 What becomes of each line. The CRM is asked what it holds of the company already."""
        expansion = await opportunities.get_expansion(ticket_id, line_ids, override_reason)
        references = [item.reference for item in expansion.plan.items]

        def ask(crm: Crm) -> Awaitable[Facts]:
            return opportunities.find_carriers(crm, expansion.company, references)

        return await self._foresee_creation(expansion.plan, ask, company_id=expansion.company.id)

    async def generate_activities(self, opportunity_id: str) -> Preview:
        """🟣 What becomes of each milestone. The CRM is asked what it holds of the opportunity already."""
        opportunity = await activities.get_opportunity(opportunity_id)
        plan = await activities.get_generation_plan(opportunity)
        heard, calls = (
            await self._hear(opportunity) if any(not one.outcome for one in plan.items) else (None, 0)
        )
        findings = await activity_check.compare(opportunity, heard, calendar=self._calendar)
        items = _with_findings(plan.items, findings)
        made_of = [item.reference for item in items if plan.creates(item)]
        carriers = heard.carriers if heard else {}
        facts = {reference: carriers[reference] for reference in made_of if carriers.get(reference)}
        marks = {opportunity.id: [one.mark for one in findings]} if findings else {}
        # Once the check has looked through the CRM, the first create looks for itself.
        again = await self._lookout.look_up_calls(activities.CREATE) if findings and made_of else 0
        at_work = await actions_at_work([*plan.items, *items])
        foreseen = [_foresee_made(plan, item, facts, at_work) for item in items]
        seen = Seen({**facts, **marks}, calls + again, looked=heard is not None)
        return await self._preview(plan, foreseen, seen, at_work, company_ids=[opportunity.company_id])

    async def _hear(self, opportunity: Opportunity) -> tuple[HeardActivities | None, int]:
        def ask(crm: Crm) -> Awaitable[HeardActivities]:
            return read_activities(
                crm, opportunity, asked_at=self._clock(), lag_bound=self._lag_bound, asking=ASKED_FOR
            )

        return await self._glance(ask, kind=activities.CHECK)

    async def sync_opportunities(
        self, *, company_id: str | None = None, ticket_id: str | None = None
    ) -> Preview:
        """🟠 What becomes of each opportunity. The CRM is asked about one company; of all, our mirror foretells it."""
        plan = await get_sync_plan(company_id, ticket_id, foretold=True)
        if company_id or ticket_id:
            heard, calls = await self._glance(self._reading(plan), kind=SYNC)
        else:
            heard, calls = None, len(plan.companies) * await self._lookout.look_up_calls(SYNC)
        found, facts = (await _foretold(plan), {}) if heard is None else await _overheard(plan, heard)
        at_work = await actions_at_work(plan.items)
        items = [_foresee(item, at_work) for item in found]
        seen = Seen(facts, calls, looked=heard is not None)
        return await self._preview(plan, items, seen, at_work, company_ids=[one.id for one in plan.companies])

    def _reading(self, plan: SyncPlan) -> Callable[[Crm], Awaitable[Heard]]:
        [company] = plan.companies
        return lambda crm: read_company(crm, company, asked_at=self._clock(), lag_bound=self._lag_bound)

    async def _foresee_creation(
        self, plan: CreationPlan, ask: Callable[[Crm], Awaitable[Facts]], *, company_id: str
    ) -> Preview:
        made_of = [item.reference for item in plan.items if plan.creates(item)]
        found, calls = await self._glance(ask, kind=plan.creating) if made_of else (None, 0)
        facts = {reference: found[reference] for reference in made_of if found and found.get(reference)}
        at_work = await actions_at_work(plan.items)
        items = [_foresee_made(plan, item, facts, at_work) for item in plan.items]
        seen = Seen(facts, calls, looked=found is not None)
        return await self._preview(plan, items, seen, at_work, company_ids=[company_id])

    async def _glance(
        self, ask: Callable[[Crm], Awaitable[Answer]], *, kind: str
    ) -> tuple[Answer | None, int]:
        """What the CRM shows, and the calls that a run takes for the same question, if not more."""
        answer, calls = await glance(self._crm, ask, patience=self._patience)
        if answer is None:
            calls = max(calls, await self._lookout.look_up_calls(kind))
        return answer, calls

    async def _preview(
        self,
        plan: ActionPlan,
        items: Sequence[Foreseen],
        seen: Seen,
        at_work: Mapping[str, str],
        *,
        company_ids: Sequence[str],
    ) -> Preview:
        calls = seen.calls + sum(item.calls for item in items)
        lanes = {item.lane for item in plan.items}
        duration = await self._lookout.seconds_for(calls, look_ups=seen.calls, lanes=len(lanes))
        return Preview(
            items=items,
            crm_calls=calls,
            estimated_duration=ceil(duration),
            mirror_age=await mirror_age(company_ids, now=self._clock()),
            looked=seen.looked,
            plan_token=None if at_work else plan.token(seen.facts),
        )


def _with_findings(items: Sequence[PlannedItem], findings: Sequence[Finding]) -> list[PlannedItem]:
    """The items of a plan as a run has them at last: what was checked, with its outcome, and what was found."""
    found = [one.item for one in findings]
    outcome = activity_check.check_outcome(found)
    checked = [replace(one, outcome=outcome) if one.kind == activities.CHECK else one for one in items]
    return [*checked, *found]


def _foresee(item: PlannedItem, at_work: Mapping[str, str], *, calls: int = 0) -> Foreseen:
    told = Foreseen(
        key=item.key,
        reference=item.reference,
        label=item.label,
        outcome=FORESEEN[item.outcome] if item.outcome else ForeseenOutcome.UPDATE,
        explanation=item.explanation,
        crm_id=item.crm_id,
        calls=0 if item.outcome else calls,
    )
    if item.key in at_work:
        return blocked(told, f"The action {at_work[item.key]} is at work on it.")
    return told


def _foresee_made(
    plan: CreationPlan, item: PlannedItem, facts: Facts, at_work: Mapping[str, str]
) -> Foreseen:
    """What is finished from the start, the plan says; of what is to be made, the CRM knows more."""
    told = _foresee(item, at_work, calls=1)
    if not plan.creates(item) or item.key in at_work:
        return told
    found = facts.get(item.reference, ())
    return foresee_create(told, found, calls_on_adoption=plan.calls_on_adoption)


async def _overheard(plan: SyncPlan, heard: Heard) -> tuple[list[PlannedItem], Facts]:
    """The one company of the plan and its opportunities, as a run tells them that hears the same; and their marks."""
    [company] = plan.items
    decisions = marked(within(await decide(company.key, heard), plan.only_ticket), heard)
    found = [
        told(
            decision,
            heard.records.get(decision.crm_id),
            await find_known(decision),
            child_code=decision.code if decision.creates_child else None,
        )
        for decision, _ in decisions
    ]
    outcome = company_outcome(found)
    return [replace(company, outcome=outcome), *found], {company.key: [mark for _, mark in decisions]}


async def _foretold(plan: SyncPlan) -> list[PlannedItem]:
    """Every company, and of its opportunities those that get a child or need a person, as far as our mirror tells."""
    found = []
    for company in plan.items:
        found.append(replace(company, explanation="The CRM is read, and our copy of it brought up to date."))
        for decision in plan.decisions[company.key]:
            if decision.creates_child or decision.needs_person:
                child_code = decision.code if decision.creates_child else None
                found.append(told(decision, None, await find_known(decision), child_code=child_code))
    return found
