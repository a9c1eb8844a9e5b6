"""How things stand once an action is over, in the CRM and in the hub, told so that two runs can be compared."""

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.e2e.records import foreseeable, new_records, read_store
from tests.e2e.running import Files

# What operators see of the hub's rows, without ids and instants, which differ from run to run. Updates of activities
# are left out: one that is found after a kill is brought up to date once, because nobody knows what was sent.
SHOWN = {
    "ticket": "SELECT code, kind, title, status, starts_on, due_on FROM ticket",
    "milestone": """SELECT ticket.code, milestone.position, milestone.title, milestone.status, milestone.due_on
        FROM milestone JOIN ticket ON ticket.id = milestone.ticket_id""",
    "task": """SELECT ticket.code, milestone.position, task.position, task.title, task.status, task.due_on
        FROM task JOIN milestone ON milestone.id = task.milestone_id JOIN ticket ON ticket.id = task.ticket_id""",
    "opportunity": """SELECT opportunity.code, opportunity.title, opportunity.amount, opportunity.status,
        line.position, parent.code, child.code
        FROM opportunity JOIN ticket AS parent ON parent.id = opportunity.ticket_id
        JOIN ticket_line AS line ON line.id = opportunity.ticket_line_id
        LEFT JOIN ticket AS child ON child.id = opportunity.child_ticket_id""",
    "crm_activity": """SELECT role, subject, completed, applied_revision = desired_revision, milestone.title,
        crm_activity.due_on, opportunity.code FROM crm_activity
        LEFT JOIN milestone ON milestone.id = crm_activity.milestone_id
        LEFT JOIN opportunity ON opportunity.id = crm_activity.opportunity_id""",
    "action": """SELECT kind, status, item_count, finished_count, attention_count FROM action
        WHERE kind <> 'FOLLOW_MILESTONES'""",
    "action_item": """SELECT kind, reference, label, state, outcome FROM action_item
        WHERE kind <> 'UPDATE_ACTIVITY'""",
}

# Which record of the CRM the hub takes for which of its own.
LINKS = {
    "opportunity": "SELECT code, crm_id FROM opportunity",
    "activity": """SELECT ticket.code || ':' || milestone.position, crm_activity.crm_id FROM crm_activity
        JOIN milestone ON milestone.id = crm_activity.milestone_id JOIN ticket ON ticket.id = milestone.ticket_id""",
}

UNENDED_TALKS = """SELECT attempt.id FROM action_attempt AS attempt
    JOIN action_item AS item ON item.id = attempt.item_id
    WHERE item.action_id = ? AND item.outcome IS NULL AND attempt.step = 'TALK' AND attempt.ended_at IS NULL"""


class Phase(StrEnum):
    """What a hub was about when it was killed, as its ledger tells."""

    UNNOTED = "before the action was noted"
    BETWEEN = "between two items"
    TALKING = "talking to the CRM"
    SENDING = "sending a record"
    ENDED = "after the end"


@dataclass(frozen=True)
class Ending:
    """`crm`: the records that were added, by table. `hub`: its rows as operators see them.

    `mismatched`: the added records that the hub does not know under their reference.
    """

    crm: dict[str, list[dict[str, Any]]]
    hub: dict[str, list[Any]]
    mismatched: list[tuple[str, int]]

    @property
    def record_count(self) -> int:
        return sum(len(records) for records in self.crm.values())


def read_ending(begun_with: Files, files: Files) -> Ending:
    before, after = read_store(begun_with.store), read_store(files.store)
    added = {table: new_records(table, before=before, after=after) for table in before}
    known = {link for query in LINKS.values() for link in rows(files, query)}
    held = [(_reference_in(record), record["id"]) for table in LINKS for record in added[table]]
    return Ending(
        crm={table: sorted(map(foreseeable, records), key=json.dumps) for table, records in added.items()},
        hub={name: sorted(rows(files, query), key=repr) for name, query in SHOWN.items()},
        mismatched=[link for link in held if link not in known],
    )


def read_phase(files: Files, action_ids: set[str]) -> Phase:
    """`action_ids`: the action that a press has made, where it came so far."""
    if not action_ids:
        return Phase.UNNOTED
    (action_id,) = action_ids
    states = Counter(rows(files, "SELECT state FROM action_item WHERE action_id = ?", action_id))
    if states[("SENDING",)]:
        return Phase.SENDING
    if rows(files, UNENDED_TALKS, action_id):
        return Phase.TALKING
    return Phase.BETWEEN if states[("PENDING",)] else Phase.ENDED


def action_ids(files: Files) -> set[str]:
    return {name for (name,) in rows(files, "SELECT id FROM action WHERE kind <> 'FOLLOW_MILESTONES'")}


def rows(files: Files, query: str, *values: str) -> list[Any]:
    with closing(sqlite3.connect(files.database)) as connection:
        return connection.execute(query, values).fetchall()


def _reference_in(record: dict[str, Any]) -> str:
    """The reference that stands in brackets in front of a subject or a title."""
    return str(record.get("subject", record.get("title"))).removeprefix("[IH:").partition("]")[0]
