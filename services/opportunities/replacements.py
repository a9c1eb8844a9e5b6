"""Flags name the record that stands in an opportunity's place in the CRM: once it is ours, no other can have it."""

from models import Opportunity
from services.events import Change, EventType


async def trees_that_name(*crm_ids: int) -> list[str]:
    """Return the trees with an opportunity whose flag names one of these records of the CRM."""
    trees = await Opportunity.filter(flag_crm_id__in=crm_ids).values_list("tree_id", flat=True)
    return sorted(set(map(str, trees)))


async def note_replacements(change: Change, opportunity: Opportunity, *crm_ids: int) -> None:
    """Tell the trees that the change owns: the opportunity took or left these records, so repairs differ there.

    The last event of the opportunity is the cause.
    """
    cause = change.last_event(opportunity.id)
    for one in await Opportunity.filter(flag_crm_id__in=crm_ids).order_by("id"):
        if change.seq_of(one.event_stream_id) is not None:
            change.note(one, kind=EventType.OPPORTUNITY_REPAIRS_CHANGED, cause=cause)
