"""What the three buttons would do if they were pressed now. Nothing is written, here or in the CRM."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from services import opportunities
from services.actions import ActionPlan, CallRate, PlannedItem, actions_at_work
from services.crm.errors import CrmCallsSpent
from services.crm.protocol import Crm, Priority
from services.crm.refusals import CrmDidNotAnswer, refusals
from services.freshness import mirror_age
from services.planning.foresight import Foreseen, foresee_create
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
            references = [item.reference for item in expansion.plan.items if item.outcome is None]
            return opportunities.find_carriers(crm, expansion.company, references)

        return await self._preview(expansion.plan, look, company_ids=[expansion.company.id])

    async def _preview(self, plan: ActionPlan, look: Look, *, company_ids: Sequence[str]) -> Preview:
        to_do = [item for item in plan.items if item.outcome is None]
        found = await self._look(look) if to_do else None
        facts = {reference: ids for reference, ids in (found or {}).items() if ids}
        at_work = await actions_at_work(plan.items)
        items = tuple(_foresee(item, facts, at_work) for item in plan.items)
        calls = sum(item.calls for item in items) + bool(to_do)
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


def _foresee(item: PlannedItem, facts: Facts, at_work: Mapping[str, str]) -> Foreseen:
    """What becomes of an item. What is finished from the start, the plan says; of the rest the CRM knows more."""
    if item.outcome is None and item.key not in at_work:
        return foresee_create(item.key, item.reference, item.label, facts.get(item.reference, ()))
    action_id = at_work.get(item.key)
    return Foreseen(
        key=item.key,
        reference=item.reference,
        label=item.label,
        outcome=FINISHED[item.outcome] if item.outcome else ForeseenOutcome.BLOCKED,
        explanation=f"The action {action_id} is at work on it." if action_id else item.explanation,
        crm_id=item.crm_id,
    )
