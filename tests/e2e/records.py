"""What is on disk: the sandbox's store (docs/crm-in-cloud.md, part 7.4) and the hub's database."""

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.databases import MACHINERY

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
    return _read(store, TABLES)


def read_hub(database: Path, *, only: Sequence[str] = (), without: Sequence[str] = ()) -> Rows:
    """Every row of the hub, or of some tables. The account of calls is left out: even a failed call moves it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    left_out = (*MACHINERY, *without)
    return _read(database, [name for (name,) in tables if name in (only or (name,)) and name not in left_out])


def _read(file: Path, tables: Sequence[str]) -> Rows:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}


def new_records(table: str, *, before: Rows, after: Rows) -> list[dict[str, Any]]:
    """The bodies of the rows that were added, each with its id; none that was there before may differ."""
    old = before[table]
    assert after[table][: len(old)] == old
    return [json.loads(row[1]) | {"id": row[0]} for row in after[table][len(old) :]]


def foreseeable(record: dict[str, Any]) -> dict[str, Any]:
    """What of a record can be known beforehand."""
    return {name: value for name, value in record.items() if name not in UNFORESEEABLE}
