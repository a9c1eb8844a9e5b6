"""What the databases plan to do for a statement."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from models.transaction import snapshot


async def tables_read_whole(words: str, values: Sequence[Any]) -> set[str]:
    """The tables that the database reads from one end to the other, in no order."""
    async with snapshot() as connection:
        if connection.capabilities.dialect == "sqlite":
            _, steps = await connection.execute_query(f"EXPLAIN QUERY PLAN {words}", values)
            return _scanned(words, [tuple(step)[1:] for step in steps])
        _, lines = await connection.execute_query(f"EXPLAIN {words}", values)
        return set(re.findall(r"Seq Scan on (\w+)", "\n".join(line[0] for line in lines)))


async def steps_of(words: str, values: Sequence[Any]) -> list[str]:
    """SQLite's plan, one line for each step."""
    async with snapshot() as connection:
        _, steps = await connection.execute_query(f"EXPLAIN QUERY PLAN {words}", values)
    return [step["detail"] for step in steps]


async def rows_read(words: str, values: Sequence[Any], *, plan: str) -> int:
    """How many rows PostgreSQL reads from its tables for a statement.

    `plan` is `force_custom_plan`, for these very values, or `force_generic_plan`, one for whatever values come: a
    statement that was prepared gets either of them, as PostgreSQL thinks best.
    """
    async with snapshot() as connection:
        for setting in (f"plan_cache_mode = {plan}", "max_parallel_workers_per_gather = 0"):
            await connection.execute_query(f"SET LOCAL {setting}")
        await connection.execute_query(f"PREPARE examined AS {words}")
        given = f"({', '.join(map(_literal, values))})" if values else ""
        examined = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE examined{given}"
        _, [[plans]] = await connection.execute_query(examined)
        await connection.execute_query("DEALLOCATE examined")
    return round(sum(_read_by(orjson.loads(plans)[0]["Plan"])))


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    text = f"{{{','.join(map(str, value))}}}" if isinstance(value, list) else str(value)
    return "'" + text.replace("'", "''") + "'"


def _read_by(node: dict[str, Any]) -> Iterator[float]:
    if "Relation Name" in node:
        removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
        yield node["Actual Loops"] * (node["Actual Rows"] + removed)
    for below in node.get("Plans", ()):
        yield from _read_by(below)


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
