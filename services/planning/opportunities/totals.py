"""What the opportunities of a sale come to."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from services.vocabulary import OpportunityStatus


@dataclass(frozen=True, slots=True)
class OpportunityTotals:
    count: int
    won: int
    lost: int
    missing: int
    amount: Decimal


def total_opportunities(
    opportunities: Iterable[tuple[OpportunityStatus, Decimal | None]], *, missing: int
) -> OpportunityTotals:
    """Count opportunities and add up their amounts, without those of lost ones. An amount may be unknown.

    >>> total_opportunities(
    ...     [(OpportunityStatus.WON, Decimal("900.50")), (OpportunityStatus.LOST, Decimal("7"))], missing=1
    ... )
    OpportunityTotals(count=2, won=1, lost=1, missing=1, amount=Decimal('900.50'))
    """
    all_of_them = list(opportunities)
    statuses = [status for status, _ in all_of_them]
    amounts = (
        amount
        for status, amount in all_of_them
        if amount is not None and status is not OpportunityStatus.LOST
    )
    return OpportunityTotals(
        count=len(statuses),
        won=statuses.count(OpportunityStatus.WON),
        lost=statuses.count(OpportunityStatus.LOST),
        missing=missing,
        amount=sum(amounts, Decimal("0.00")),
    )
