"""What the databases plan to do for a statement."""

import re
from collections.abc import Sequence
from typing import Any

from models.transaction import snapshot


async def tables_read_whole(words: str, values: Sequence[Any]) -> set[str]:
    """The tables that the database reads from one end to the other, in no order."""
    async with snapshot() as connection:
        if connection.capabilities.dialect == "sqlite":
            _, steps = await connection.execute_query(f"EXPLAIN QUERY PLAN {words}", values)
            return _scanned(words, [tuple(step)[1:] for step in steps])
        _, lines = await connection.execute_query(f"EXPLAIN {words}", values)
        return set(re.findall(r"Seq Scan on (\w+)", "\n".join(line[0] for line in lines)))


def _scanned(words: str, steps: list[tuple[int, int, str]]) -> set[str]:
    """SQLite's plan knows tables by their aliases only, and scans what a step beside it has made in the same way."""
    made = {
        (parent, detail.split()[-1])
        for parent, _, detail in steps
        if detail.startswith(("CO-ROUTINE", "MAT"))
    }
    aliases = {
        parts[-1]
        for parent, _, detail in steps
        if (parts := detail.split())[0] == "SCAN" and len(parts) == 2 and (parent, parts[1]) not in made
    }
    named = re.findall(r'(?:FROM|JOIN) "?(\w+)"?(?: AS "?(\w+)"?)?', words)
    return {table for table, alias in named if (alias or table) in aliases}
