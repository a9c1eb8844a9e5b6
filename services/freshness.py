"""How old our copy of the CRM is."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.functions import Max

from models import ActionItem, Opportunity
from services.sync_plan import SYNC
from services.vocabulary import ItemOutcome

SEEN = (ItemOutcome.UPDATED, ItemOutcome.UNCHANGED)


async def mirror_age(company_ids: Sequence[str], *, now: datetime) -> int | None:
    """Seconds since all opportunities of these companies had been seen in the CRM; None where they have none."""
    synchronised = await _synchronised(company_ids)
    mirrored = await Opportunity.filter(company_id__in=company_ids).values_list(
        "company_id", "ticket_id", "refreshed_at"
    )
    seen = [
        max(
            refreshed_at,
            *(synchronised.get((company_id, scope), refreshed_at) for scope in (None, ticket_id)),
        )
        for company_id, ticket_id, refreshed_at in mirrored
    ]
    return int((now - min(seen)).total_seconds()) if seen else None


async def _synchronised(company_ids: Sequence[str]) -> dict[tuple[str, str | None], datetime]:
    """When each company was last synchronised, as a whole (None) or for one ticket; the unchanged kept its date."""
    looked = ActionItem.filter(kind=SYNC, key__in=company_ids, outcome__in=SEEN)
    newest = looked.annotate(newest=Max("finished_at")).group_by("key", "action__ticket_id")
    rows = await newest.values_list("key", "action__ticket_id", "newest")
    return {(company_id, ticket_id): at for company_id, ticket_id, at in rows}
