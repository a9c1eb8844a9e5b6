"""What the three buttons would do if they were pressed now. Nothing is written, here or in the CRM."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from services import activities, opportunities
from services.actions import ActionPlan, CallRate, PlannedItem, actions_at_work
from services.crm.errors import CrmCallsSpent
from services.crm.protocol import Crm, Priority
from services.crm.refusals import CrmDidNotAnswer, refusals
from services.freshness import mirror_age
from services.planning.foresight import Foreseen, blocked, foresee_create
from services.planning.plan_token import Facts
from services.vocabulary import ForeseenOutcome, ItemOutcome

CALLS = 10
PATIENCE = 20.0
"""Seconds that an operator waits for a preview before hearing that the CRM does not answer."""

FINISHED = {
    ItemOutcome.UNCHANGED: ForeseenOutcome.UNCHANGED,
    ItemOutcome.SKIPPED: ForeseenOutcome.SKIP,
}

Look = Callable[[Crm], Awaitable[Facts]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A plan as an operator is shown it. `mirror_age` is in seconds; `looked` tells whether the CRM was read for it.

    Without a `plan_token`, a press would be refused now.
    """

    items: tuple[Foreseen, ...]
    crm_calls: int
    estimated_duration: int
    mirror_age: int | None
    looked: bool
    plan_token: str | None


class Previews:
    def __init__(
        self, crm: Crm, *, rate: CallRate, clock: Callable[[], datetime], patience: float = PATIENCE
    ):
        self._crm = crm.with_priority(Priority.INTERACTIVE)
        self._rate = rate
        self._clock = clock
        self._patience = patience

    async def generate_opportunities(
        self, ticket_id: str, *, line_ids: Collection[str] | None = None, override_reason: str | None = None
    ) -> Preview:
        """🟡 What becomes of each line. The CRM is asked what it holds of the company already."""
        expansion = await opportunities.get_expansion(ticket_id, line_ids, override_reason)

        def look(crm: Crm) -> Awaitable[Facts]:
            references = [item.reference for item in expansion.plan.items]
            return opportunities.find_carriers(crm, expansion.company, references)

        return await self._preview(expansion.plan, look, company_ids=[expansion.company.id])

    async def generate_activities(self, opportunity_id: str) -> Preview:
        """🟣 What becomes of each milestone. The CRM is asked what it holds of the opportunity already."""
        generation = await activities.get_generation(opportunity_id)

        def look(crm: Crm) -> Awaitable[Facts]:
            return activities.find_carriers(crm, generation.opportunity)

        return await self._preview(generation.plan, look, company_ids=[generation.opportunity.company_id])

    async def _preview(self, plan: ActionPlan, look: Look, *, company_ids: Sequence[str]) -> Preview:
        made_of = [item.reference for item in plan.items if plan.creates(item)]
        found = await self._look(look) if made_of else None
        facts = {reference: found[reference] for reference in made_of if found and found.get(reference)}
        at_work = await actions_at_work(plan.items)
        items = tuple(_foresee(plan, item, facts, at_work) for item in plan.items)
        calls = sum(item.calls for item in items) + bool(made_of)
        return Preview(
            items=items,
            crm_calls=calls,
            estimated_duration=self._seconds(calls),
            mirror_age=await mirror_age(company_ids, now=self._clock()),
            looked=found is not None,
            plan_token=None if at_work else plan.token(facts),
        )

    def _seconds(self, calls: int) -> int:
        """How long so many calls take, from a rested budget."""
        last_at_once = self._rate.burst - 2
        return ceil(max(0, calls - last_at_once) * self._rate.interval)

    async def _look(self, look: Look) -> Facts | None:
        """What the CRM holds now; None where finding that out takes more calls than a preview may."""
        with refusals(), suppress(CrmCallsSpent):
            try:
                async with asyncio.timeout(self._patience):
                    return await look(self._crm.limited_to(CALLS))
            except TimeoutError:
                raise CrmDidNotAnswer("The CRM does not answer in time; nothing was written.") from None
        return None


def _foresee(plan: ActionPlan, item: PlannedItem, facts: Facts, at_work: Mapping[str, str]) -> Foreseen:
    """What becomes of an item. What is finished from the start, the plan says; of what is made the CRM knows more."""
    told = Foreseen(
        key=item.key,
        reference=item.reference,
        label=item.label,
        outcome=FINISHED[item.outcome] if item.outcome else ForeseenOutcome.UPDATE,
        explanation=item.explanation,
        crm_id=item.crm_id,
        calls=0 if item.outcome else 1,
    )
    if item.key in at_work:
        return blocked(told, f"The action {at_work[item.key]} is at work on it.")
    if plan.creates(item):
        found = facts.get(item.reference, ())
        return foresee_create(told, found, calls_on_adoption=plan.calls_on_adoption)
    return told
