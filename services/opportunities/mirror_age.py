"""The age of our copy of the CRM."""

from collections.abc import Sequence
from datetime import datetime

from tortoise.functions import Max

from models import ActionItem, Opportunity
from services.vocabulary import ItemKind, ItemOutcome

SEEN = (ItemOutcome.UPDATED, ItemOutcome.UNCHANGED)


async def mirror_age(company_ids: Sequence[str], *, now: datetime) -> int | None:
    """Return the seconds since all opportunities of these companies were last seen in the CRM. None: they have none."""
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
    """Return when each company was last synchronised, whole (None) or for one ticket; unchanged rows keep the date."""
    looked = ActionItem.filter(kind=ItemKind.SYNC_COMPANY, key__in=company_ids, outcome__in=SEEN)
    newest = looked.annotate(newest=Max("finished_at")).group_by("key", "action__ticket_id")
    rows = await newest.values_list("key", "action__ticket_id", "newest")
    return {(company_id, ticket_id): at for company_id, ticket_id, at in rows}
