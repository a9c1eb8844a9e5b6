"""A ticket tree with a log, as live items and payloads show it."""

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from server.wiring.foundation import followers_of_changes
from services.events import Broadcast, EventLog, Feeds, Rhythm
from services.live import Watching
from services.planning.calendar import WorkCalendar
from services.reads import Environment
from services.tickets.facts import FactsKeeper
from tests.support.factories import NOW, Tree, save_tree, store_facts

ROME = WorkCalendar(ZoneInfo("Europe/Rome"))

TICKET_ROW = """fragment TicketRow on Ticket {
  id code kind title status priority progress deliveryProgress sla yellowOn dueOn redOn version updatedAt
  taskCount finishedTaskCount owner { id name } parent { id } opportunity { id } closure { reason }
  nextDueTask { id } opportunityTotals { count won lost missing amount }
}"""
MILESTONE_ROW = """fragment MilestoneRow on Milestone {
  id position title status progress taskCount finishedTaskCount blocked sla yellowOn dueOn redOn originalDueOn
  version updatedAt ticket { id } crmActivity { id } dependsOn
}"""
TASK_ROW = """fragment TaskRow on Task {
  id position title status mandatory ready blocked sla yellowOn dueOn redOn version updatedAt
  milestone { id } ticket { id } assignee { id name }
}"""
LINE_ROW = "fragment LineRow on TicketLine { id name amount opportunity { id } }"
OPPORTUNITY_ROW = """fragment OpportunityRow on Opportunity {
  id code title status phase flag proposedRepairs version ticketLine { id } childTicket { id }
}"""
ACTIVITY_ROW = """fragment ActivityRow on CrmActivity {
  id crmId subject completed dueOn desiredRevision appliedRevision missingSince version milestone { id }
}"""
ROWS = "\n".join((TICKET_ROW, MILESTONE_ROW, TASK_ROW, LINE_ROW, OPPORTUNITY_ROW, ACTIVITY_ROW))

GROUPS = """
  tickets { ...TicketRow } milestones { ...MilestoneRow } tasks { ...TaskRow } lines { ...LineRow }
  opportunities { ...OpportunityRow } crmActivities { ...ActivityRow }"""

TREE = f"""query Tree($id: ID!) {{
  ticket(id: $id) {{
    ...TicketRow treeSeq treeCursor sourceActivity {{ ...ActivityRow }}
    lines {{ ...LineRow }} opportunities {{ ...OpportunityRow }}
    milestones {{ ...MilestoneRow crmActivity {{ ...ActivityRow }} tasks {{ ...TaskRow }} }}
    children {{ ...TicketRow milestones {{ ...MilestoneRow crmActivity {{ ...ActivityRow }} tasks {{ ...TaskRow }} }} }}
  }}
}}
{ROWS}"""


WATCH = f"""subscription Watch($id: ID!, $after: String) {{
  ticketEvents(ticketId: $id, after: $after) {{
    state seq previousSeq cursor occurredAt today more removedIds
    by {{ __typename ... on Operator {{ id name }} ... on SystemActor {{ systemName: name }} }}
    events {{ id seq kind entityId }}
    rows {{ {GROUPS} }}
  }}
}}
{ROWS}"""


def watching_over(broadcast: Broadcast, **rhythm: Any) -> Watching:
    """What the program's watchers are served by."""
    environment = Environment(today=ROME.today(NOW), calendar=ROME)
    return Watching(
        Feeds(broadcast, today=lambda: environment.today, rhythm=Rhythm(**rhythm)), lambda: environment
    )


@dataclass
class Store:
    """The rows of a tree as a client keeps them: each under the highest `seq` that it came with."""

    rows: dict[str, dict] = field(default_factory=dict)
    seqs: dict[str, int] = field(default_factory=dict)
    cursor: str | None = None
    seq: int = 0

    def put(self, rows: dict[str, dict], seq: int) -> None:
        for row_id, row in rows.items():
            if seq >= self.seqs.get(row_id, 0):
                self.rows[row_id], self.seqs[row_id] = row, seq

    def fill(self, ticket: dict) -> None:
        """Take a tree query for everything."""
        self.rows, self.seqs = {}, {}
        self.put(rows_of_tree(ticket), ticket["treeSeq"])
        self.seq, self.cursor = ticket["treeSeq"], ticket["treeCursor"]

    def take(self, item: dict) -> None:
        """Take a live item."""
        self.put(rows_of_groups(item["rows"]), item["seq"])
        for row_id in item["removedIds"]:
            self.rows.pop(row_id, None)
        if not item["more"]:
            self.seq, self.cursor = item["seq"], item["cursor"]


def event_log(broadcast: Broadcast | None = None) -> EventLog:
    """A log with the followers of the program."""
    return EventLog(
        clock=lambda: NOW,
        broadcast=broadcast or Broadcast(),
        followers=followers_of_changes(FactsKeeper(ROME)),
    )


async def save_live_tree(*, children: int = 1, milestones: int = 2, tasks: int = 2) -> Tree:
    """A tree whose log has begun: its first events contain its facts."""
    tree = await save_tree(children=children, milestones=milestones, tasks=tasks)
    await store_facts()
    return tree


def rows_of_tree(ticket: dict) -> dict[str, dict]:
    """The rows of a tree query by id, each as the groups of a live item show it."""
    rows: dict[str, dict] = {}
    for row in (ticket, *ticket.get("children", ())):
        for milestone in row["milestones"]:
            for task in milestone["tasks"]:
                rows[task["id"]] = task
            if activity := milestone["crmActivity"]:
                rows[activity["id"]] = activity
            rows[milestone["id"]] = {
                **{name: value for name, value in milestone.items() if name != "tasks"},
                "crmActivity": activity and {"id": activity["id"]},
            }
        rows |= {one["id"]: one for name in ("lines", "opportunities") for one in row.get(name, ())}
        if source := row.get("sourceActivity"):
            rows[source["id"]] = source
        below = (
            "milestones",
            "children",
            "lines",
            "opportunities",
            "sourceActivity",
            "treeSeq",
            "treeCursor",
        )
        rows[row["id"]] = {name: value for name, value in row.items() if name not in below}
    return rows


def rows_of_groups(groups: dict[str, list[dict]]) -> dict[str, dict]:
    """The rows of a payload or a live item, by id."""
    return {row["id"]: row for rows in groups.values() for row in rows}
