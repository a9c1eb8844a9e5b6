"""What the CRM holds: the sandbox's store (docs/crm-in-cloud.md, part 7.4)."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

TABLES = (
    "activity",
    "activity_sub_type",
    "catalog",
    "company",
    "opportunity",
    "opportunity_phase",
    "user",
)
# What the CRM itself, or the moment of writing, puts into a record.
UNFORESEEABLE = ("id", "createdDate", "lastModifiedDate", "closeDate")

Rows = dict[str, list[tuple[Any, ...]]]


def read_store(store: Path) -> Rows:
    """Every row of every resource, column by column; the log of calls is not among them."""
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in TABLES}


def new_records(table: str, *, before: Rows, after: Rows) -> list[dict[str, Any]]:
    """The bodies of the rows that were added, each with its id; none that was there before may differ."""
    old = before[table]
    assert after[table][: len(old)] == old
    return [json.loads(row[1]) | {"id": row[0]} for row in after[table][len(old) :]]


def foreseeable(record: dict[str, Any]) -> dict[str, Any]:
    """What of a record can be known beforehand."""
    return {name: value for name, value in record.items() if name not in UNFORESEEABLE}
