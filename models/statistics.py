"""What SQLite knows of its rows when it chooses an index. PostgreSQL keeps such statistics by itself."""

from models.database import shared_client
from models.transaction import transaction

LOOKED_AT = 1000
"""How many entries of an index are looked at, about."""


async def renew_statistics() -> None:
    """Let SQLite look how many rows it has of what.

    Other connections take new statistics only when the schema changes, as it does when their table is made.
    """
    if shared_client() is not None:
        return
    async with transaction() as inside:
        await inside.execute_query(f"PRAGMA analysis_limit = {LOOKED_AT}")
        await inside.execute_query("DROP TABLE IF EXISTS sqlite_stat1")
        await inside.execute_query("ANALYZE")
