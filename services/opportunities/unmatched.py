"""The CRM opportunities that wait for an operator to map them."""

from collections.abc import Mapping, Sequence
from typing import Any

from models import UnmatchedOpportunity
from services.crm.records import OpportunityRecord
from services.events import Change, EventType
from services.opportunities.mirror import mirrored
from services.planning.opportunities.facts import SyncDecision, SyncOutcome, SyncReason


async def update_unmatched(
    change: Change,
    company_id: str,
    decisions: Sequence[SyncDecision],
    records: Mapping[int, OpportunityRecord],
) -> None:
    """Update a company's list after a synchronisation that read the whole company.

    A lost opportunity is not listed, because there is nothing to deliver. One that was matched, or that the CRM no
    longer has, leaves the list.
    """
    waiting = {one.crm_id: one for one in decisions if _waits(one)}
    for row in await UnmatchedOpportunity.filter(company_id=company_id).order_by("id"):
        if row.crm_id not in waiting:
            await change.delete(row, kind=EventType.UNMATCHED_OPPORTUNITY_SETTLED)
    for crm_id, decision in waiting.items():
        await _keep(change, company_id, decision, records[crm_id])


def _waits(decision: SyncDecision) -> bool:
    return decision.outcome is SyncOutcome.UNMATCHED and decision.reason is not SyncReason.LOST


async def _keep(change: Change, company_id: str, decision: SyncDecision, record: OpportunityRecord) -> None:
    assert decision.reason is not None
    columns: dict[str, Any] = {
        "company_id": company_id,
        "code": record.code[:100],
        "reason": decision.reason,
        "candidate_line_ids": list(decision.candidate_line_ids),
        **mirrored(record),
    }
    row = await UnmatchedOpportunity.get_or_none(crm_id=record.id)
    if row is None:
        fresh = UnmatchedOpportunity(crm_id=record.id, created_at=change.at, **columns)
        await change.create(fresh, kind=EventType.UNMATCHED_OPPORTUNITY_FOUND)
    else:
        await change.update(row, kind=EventType.UNMATCHED_OPPORTUNITY_CHANGED, **columns)


async def remove_unmatched(change: Change, crm_id: int) -> None:
    """Remove a mapped opportunity from the list."""
    row = await UnmatchedOpportunity.get_or_none(crm_id=crm_id)
    if row is not None:
        await change.delete(row, kind=EventType.UNMATCHED_OPPORTUNITY_SETTLED)
