"""What an operator reads of an item that did not simply do its work."""

from tests.support.databases import rows_of


async def items_without_reason(database: str) -> list[tuple[object, ...]]:
    """Return kind, outcome and explanation of the items that ended without saying why."""
    return await rows_of(
        database,
        "SELECT kind, outcome, explanation FROM action_item"
        " WHERE outcome NOT IN ('CREATED', 'UPDATED') AND reason IS NULL",
    )
