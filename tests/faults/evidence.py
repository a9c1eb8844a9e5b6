"""What a run leaves behind, read after all processes have ended: the hub's ledger and the CRM's store file."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from tests.faults.plan import Blow, Plan
from tests.faults.stage import SALE_OF
from tests.support.crm_store import foreseeable

Row = dict[str, Any]

NOWHERE = "no look-up"
RECORDS = ("opportunity", "activity")
MARKER = re.compile(r"\[IH:([^\]]+)\]")

# Which record of the CRM the hub takes for which of its own, and believes to be there.
LINKS = """SELECT opportunity.code AS reference, opportunity.crm_id AS crm_id FROM opportunity
    WHERE opportunity.missing_since IS NULL
    UNION ALL SELECT ticket.code || ':' || milestone.position, crm_activity.crm_id FROM crm_activity
    JOIN milestone ON milestone.id = crm_activity.milestone_id JOIN ticket ON ticket.id = milestone.ticket_id"""
# A child has the same plan whether or not its opportunity was recreated.
CHILDREN = """SELECT ticket.code AS code, ticket.title AS title, REPLACE(opportunity.code, '.2', '') AS opportunity,
    milestone.position AS place, milestone.title AS milestone, CAST(milestone.due_on AS TEXT) AS milestone_due,
    task.position AS step, task.title AS task, CAST(task.due_on AS TEXT) AS task_due
    FROM ticket LEFT JOIN opportunity ON opportunity.child_ticket_id = ticket.id
    JOIN milestone ON milestone.ticket_id = ticket.id JOIN task ON task.milestone_id = milestone.id
    WHERE ticket.kind = 'CHILD' ORDER BY ticket.code, milestone.position, task.position"""

# What the filter of an item's look-up names.
SCOPES = """SELECT item.id AS id, 'crossId eq ' || company.crm_id AS scope FROM action_item AS item
    JOIN ticket_line AS line ON line.id = item.key JOIN ticket ON ticket.id = line.ticket_id
    JOIN company ON company.id = ticket.company_id
    UNION ALL SELECT item.id, 'crossId eq ' || company.crm_id FROM action_item AS item
    JOIN opportunity ON opportunity.id = item.key JOIN company ON company.id = opportunity.company_id
    UNION ALL SELECT item.id, 'opportunityId eq ' || opportunity.crm_id FROM action_item AS item
    JOIN milestone ON milestone.id = item.key
    JOIN opportunity ON opportunity.child_ticket_id = milestone.ticket_id
    UNION ALL SELECT item.id, 'companyId eq ' || company.crm_id FROM action_item AS item
    JOIN action ON action.id = item.action_id JOIN company ON company.id = action.company_id
    WHERE item.kind = 'CREATE_SALE'"""


@dataclass(frozen=True)
class Record:
    """A record of ours in the CRM: `reference` as the stage calls it, `marker` as it stands in the record."""

    table: str
    id: int
    reference: str
    marker: str
    written_at: float
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One call as the CRM saw it; `ended_at` is far away where its answer never came to an end."""

    at: float
    ended_at: float
    controller: str
    action: str
    query: str
    effect: str | None
    fault: str | None


@dataclass(frozen=True)
class Struck:
    blow: Blow
    began_at: float
    ended_at: float


@dataclass(frozen=True)
class Ledger:
    """The hub's tables, as far as they show what it did and believes."""

    actions: Sequence[Row]
    items: Sequence[Row]
    attempts: Sequence[Row]
    events: Sequence[Row]
    tasks: Sequence[Row]
    links: Sequence[Row]
    children: Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Answered:
    """A press that was answered, with the action or the task that it was answered with."""

    reference: str
    ids: frozenset[str]


@dataclass(frozen=True)
class Evidence:
    """`wanted`: the records to be made; `children`: the tickets; `followed`: the activities to be updated."""

    plan: Plan
    wanted: Sequence[str]
    children: Sequence[str]
    followed: Sequence[str]
    answered: Sequence[Answered]
    ledger: Ledger
    records: Sequence[Record]
    calls: Sequence[Call]
    struck: Sequence[Struck]
    log: str


def read_ledger(database_url: str, began_at: float) -> Ledger:
    """Of the actions, only those of the run itself."""

    def of_the_run(columns: str, table: str) -> list[Row]:
        return [
            row for row in ask(database_url, f"SELECT {columns} FROM {table}") if row["created_at"] > began_at
        ]

    scopes = {row["id"]: row["scope"] for row in ask(database_url, SCOPES)}
    columns = "id, action_id, kind, reference, outcome, explanation, crm_id, created_at, finished_at"
    items = [{**row, "scope": scopes.get(row["id"], NOWHERE)} for row in of_the_run(columns, "action_item")]
    known = {item["id"] for item in items}

    def of_items(query: str) -> list[Row]:
        return [row for row in ask(database_url, query) if row["item_id"] in known]

    return Ledger(
        actions=of_the_run("id, kind, status, created_at", "action"),
        items=items,
        attempts=of_items(
            "SELECT item_id, step, started_at, ended_at, result FROM action_attempt ORDER BY id"
        ),
        events=of_items("SELECT entity_id AS item_id, kind, occurred_at FROM event ORDER BY stream_id, seq"),
        tasks=ask(database_url, "SELECT id, status FROM task"),
        links=ask(database_url, LINKS),
        children=_by_code(ask(database_url, CHILDREN)),
    )


def _by_code(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["code"], []).append(row)
    return found


def ask(database_url: str, query: str) -> list[Row]:
    """Rows with instants in seconds, from whichever kind of database."""
    if database_url.startswith("sqlite://"):
        path = database_url.removeprefix("sqlite://")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=20)) as connection:
            connection.row_factory = sqlite3.Row
            found = [dict(row) for row in connection.execute(query)]
    else:
        found = asyncio.run(_ask_postgres(database_url, query))
    return [{name: _seconds(name, value) for name, value in row.items()} for row in found]


async def _ask_postgres(database_url: str, query: str) -> list[Row]:
    connection = await asyncpg.connect(database_url)
    try:
        return [dict(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


def _seconds(name: str, value: Any) -> Any:
    if not name.endswith("_at") or value is None:
        return value
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()


def read_records(store: Path) -> list[Record]:
    """Every record that carries our marker, whatever a search would show."""
    return [
        _record(table, row)
        for table in RECORDS
        for row in _rows(store, f"SELECT id, body, created_at FROM {table}")
        if MARKER.search(row["body"])
    ]


def _record(table: str, row: Row) -> Record:
    body = json.loads(row["body"])
    marker = MARKER.search(str(body.get("subject") or body.get("title")))
    assert marker is not None, body
    shown = SALE_OF.format(body["companyId"]) if marker[1].startswith("sale:") else marker[1]
    return Record(
        table, row["id"], shown, marker[1], _seconds("written_at", row["created_at"]), foreseeable(body)
    )


def read_calls(store: Path) -> list[Call]:
    return [_call(row) for row in _rows(store, "SELECT * FROM calls ORDER BY id")]


def count_calls(store: Path) -> int:
    return int(_rows(store, "SELECT count(*) AS seen FROM calls")[0]["seen"])


def _call(row: Row) -> Call:
    at = _seconds("at_at", row["at"])
    took = float("inf") if row["duration_ms"] is None else row["duration_ms"] / 1000
    return Call(
        at, at + took, row["controller"] or "", row["action"] or "", row["query"], row["effect"], row["fault"]
    )


def _rows(file: Path, query: str) -> list[Row]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query)]
