"""What an operator reads of an item that did not simply do its work."""

from models import ActionItem
from services.vocabulary import ItemOutcome

SPEAKS_FOR_ITSELF = (ItemOutcome.CREATED, ItemOutcome.UPDATED)


async def items_without_reason() -> list[tuple[str, str, str | None]]:
    """Return kind, outcome and explanation of the items that ended without saying why."""
    ended = ActionItem.filter(outcome__isnull=False, reason__isnull=True)
    return await ended.exclude(outcome__in=SPEAKS_FOR_ITSELF).values_list("kind", "outcome", "explanation")
