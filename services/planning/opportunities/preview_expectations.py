"""Compares a synchronisation with what its preview showed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.planning.actions.plan_token import mark_of
from services.planning.opportunities.facts import (
    FoundOpportunity,
    KnownOpportunity,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
)
from services.planning.opportunities.sync import plan_sync
from services.vocabulary import TicketStatus

MARKS, CHILDREN = "marks", "children"

Expected = Mapping[str, Sequence[int]]
"""The `marks` of all decisions about a company, or, if only our mirror was read, the CRM ids of the opportunities
that get `children`.
"""


@dataclass(frozen=True, slots=True)
class CompanyStanding:
    """The inputs of a company's synchronisation: its parent tickets and the mirrored opportunities."""

    company_id: str
    sales: tuple[SaleTicket, ...]
    known: tuple[KnownOpportunity, ...]

    def grounds(self) -> "CompanyStanding":
        """Return the same without what decides nothing: the progress of a parent, unless it was cancelled."""
        sales = [
            one if one.status is TicketStatus.CANCELLED else replace(one, status=TicketStatus.OPEN)
            for one in self.sales
        ]
        return replace(self, sales=tuple(sales))

    def plan_from_mirror(self, services: Mapping[str, str]) -> tuple[SyncDecision, ...]:
        """Plan as if the CRM still held exactly what our mirror holds."""
        seen = [
            FoundOpportunity(one.crm_id, one.carried_code, one.title, one.amount, one.phase, one.status)
            for one in self.known
            if not one.is_missing
        ]
        return plan_sync(self.sales, self.known, seen, services)


def within(decisions: Sequence[SyncDecision], only_ticket: str | None) -> list[SyncDecision]:
    """Return the decisions in an action's scope. An unmatched opportunity may be any ticket's, so it always counts."""
    return [one for one in decisions if only_ticket is None or one.ticket_id in (None, only_ticket)]


def mark(decision: SyncDecision, shown: Mapping[str, object]) -> int:
    """Return a number for a decision about an opportunity that is `shown` so. Two decisions almost never share one."""
    return mark_of([decision, shown])


def children_of(decisions: Sequence[SyncDecision]) -> list[int]:
    return [one.crm_id for one in decisions if one.creates_child]


def surprises(expected: Expected | None, marked: Sequence[tuple[SyncDecision, int]]) -> frozenset[int]:
    """Return the CRM ids of the opportunities with a decision that the preview did not show.

    A preview from our mirror alone still allows taking over what the CRM shows of the opportunities that it holds.
    """
    if expected is None:
        return frozenset()
    if MARKS in expected:
        marks = {*expected[MARKS]}
        return frozenset(decision.crm_id for decision, own in marked if own not in marks)
    children = {*expected[CHILDREN]}
    return frozenset(
        decision.crm_id
        for decision, _ in marked
        if decision.outcome is SyncOutcome.ADOPT or decision.creates_child != (decision.crm_id in children)
    )


def matches_preview(expected: Expected | None, marked: Sequence[tuple[SyncDecision, int]]) -> bool:
    """Return whether the decisions are exactly those that the preview showed."""
    if expected is None:
        return True
    if MARKS in expected:
        return {*expected[MARKS]} == {own for _, own in marked}
    return not surprises(expected, marked) and {*expected[CHILDREN]} <= {one.crm_id for one, _ in marked}
