"""What an operator was shown of a synchronisation, and what of it turned out otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.planning.opportunity_facts import (
    FoundOpportunity,
    KnownOpportunity,
    SaleTicket,
    SyncDecision,
    SyncOutcome,
)
from services.planning.opportunity_sync import plan_sync
from services.planning.plan_token import mark_of
from services.vocabulary import TicketStatus

MARKS, CHILDREN = "marks", "children"

Expected = Mapping[str, Sequence[int]]
"""The `marks` of everything that was decided about a company, or, where only our mirror was asked, the CRM ids of the
opportunities that get `children`."""


@dataclass(frozen=True, slots=True)
class CompanyStanding:
    """What a synchronisation of one company rests on here: its parent tickets, and the opportunities that we mirror."""

    company_id: str
    sales: tuple[SaleTicket, ...]
    known: tuple[KnownOpportunity, ...]

    def grounds(self) -> "CompanyStanding":
        """The same, without what decides nothing: how far a parent has come, unless it was cancelled."""
        sales = [
            one if one.status is TicketStatus.CANCELLED else replace(one, status=TicketStatus.OPEN)
            for one in self.sales
        ]
        return replace(self, sales=tuple(sales))

    def plan_from_mirror(self, services: Mapping[str, str]) -> tuple[SyncDecision, ...]:
        """What would be decided if the CRM still held exactly what we mirror of it."""
        seen = [
            FoundOpportunity(one.crm_id, one.carried_code, one.title, one.amount, one.phase, one.status)
            for one in self.known
            if not one.is_missing
        ]
        return plan_sync(self.sales, self.known, seen, services)


def within(decisions: Sequence[SyncDecision], only_ticket: str | None) -> list[SyncDecision]:
    """What lies within an action's scope. What nobody could match may be any ticket's, so it is always told."""
    return [one for one in decisions if only_ticket is None or one.ticket_id in (None, only_ticket)]


def mark(decision: SyncDecision, shown: Mapping[str, object]) -> int:
    """A number that another decision, or the same about an opportunity that is `shown` otherwise, hardly ever has."""
    return mark_of([decision, shown])


def children_of(decisions: Sequence[SyncDecision]) -> list[int]:
    return [one.crm_id for one in decisions if one.creates_child]


def surprises(expected: Expected | None, marked: Sequence[tuple[SyncDecision, int]]) -> frozenset[int]:
    """The CRM ids of the opportunities about which something was decided that was not shown.

    What our mirror alone foretold leaves it free to take over what the CRM says of the opportunities that it holds.
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


def came_true(expected: Expected | None, marked: Sequence[tuple[SyncDecision, int]]) -> bool:
    """Whether everything that was shown was decided, and nothing else."""
    if expected is None:
        return True
    if MARKS in expected:
        return {*expected[MARKS]} == {own for _, own in marked}
    return not surprises(expected, marked) and {*expected[CHILDREN]} <= {one.crm_id for one, _ in marked}
