"""What fields and filters compute from the rows of tickets, in SQL and in Python."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.planning.opportunities.totals import OpportunityTotals, total_opportunities
from services.planning.tickets.facts import TaskCounts, TaskGroup, count_tasks
from services.reads import AllOf, Compare, Condition, Not, row_lists
from services.reads.conditions import Other
from services.reads.plan import Expression
from services.vocabulary import MilestoneStatus, OpportunityStatus, SlaLight, TreeScope

# The finished share of the work. Null: there is nothing to do, which is not the same as all done.
_SHARE = "CAST({row}.finished_task_count AS DOUBLE PRECISION) / NULLIF({row}.task_count, 0)"

ticket_progress = Expression(_SHARE, returns=float)
milestone_progress = Expression(
    f"CASE WHEN {{row}}.status <> '{MilestoneStatus.CANCELLED}' THEN {_SHARE} END", returns=float
)

# The light of today; null for work without a light. `planning.tickets.sla.light` is the same rule for work that is
# not stored, and `has_light` for filters.
light = Expression(
    "CASE WHEN {row}.yellow_on IS NULL OR {row}.red_on IS NULL THEN NULL"
    f" WHEN {{today}} < {{row}}.yellow_on THEN '{SlaLight.GREEN}'"
    f" WHEN {{today}} <= {{row}}.due_on THEN '{SlaLight.YELLOW}'"
    f" WHEN {{today}} < {{row}}.red_on THEN '{SlaLight.ORANGE}' ELSE '{SlaLight.RED}' END",
    returns=str,
)

ticket_delivery_progress = Expression(
    "SELECT CAST(SUM(child.finished_task_count) AS DOUBLE PRECISION) / NULLIF(SUM(child.task_count), 0)"
    " FROM ticket AS child WHERE child.parent_id = {row}.id AND child.status <> 'CANCELLED'",
    returns=float,
)

# How far the log of a tree has come, and the last event in it: both of the state that the operation reads.
tree_seq = Expression("SELECT stream.seq FROM stream WHERE stream.id = {row}.tree_id", returns=int)
tree_cursor = Expression(
    "SELECT event.id FROM event WHERE event.stream_id = {row}.tree_id ORDER BY event.seq DESC LIMIT 1",
    returns=str,
)

milestone_ticket_code = Expression(
    "SELECT ticket.code FROM ticket WHERE ticket.id = {row}.ticket_id", returns=str
)

comment_count = Expression(
    "SELECT COUNT(*) FROM comment WHERE comment.subject_id = {row}.id AND comment.deleted_at IS NULL",
    returns=int,
)

item_attempt_count = Expression(
    "SELECT COUNT(*) FROM action_attempt WHERE action_attempt.item_id = {row}.id", returns=int
)

item_next_try_at = Expression(
    "CASE WHEN {row}.finished_at IS NULL THEN {row}.next_try_at END", returns=datetime
)

child_is_open = Expression(
    "EXISTS (SELECT 1 FROM ticket WHERE ticket.id = {row}.child_ticket_id"
    " AND ticket.status IN ('OPEN', 'IN_PROGRESS'))",
    returns=bool,
)

# The record in an opportunity's place in the CRM may be another one of ours; it cannot stand for two.
opportunity_can_relink = Expression(
    "({row}.flag_crm_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM opportunity AS mirrored WHERE mirrored.crm_id = {row}.flag_crm_id))",
    returns=bool,
)


def has_light(light: SlaLight | None, today: date | Other) -> Condition:
    """Return the condition that work shows this light today, or as of the day that a column holds."""
    match light:
        case None:
            return Compare("yellow_on", "null", True)
        case SlaLight.GREEN:
            return Compare("yellow_on", "gt", today)
        case SlaLight.YELLOW:
            return AllOf((Compare("yellow_on", "lte", today), Compare("due_on", "gte", today)))
        case SlaLight.ORANGE:
            return AllOf((Compare("red_on", "gt", today), Compare("due_on", "lt", today)))
        case SlaLight.RED:
            return Compare("red_on", "lte", today)


def is_late(late: bool, today: date) -> Condition:
    """Return the condition that unfinished work is past its due date: its light is orange or red."""
    past = AllOf((Compare("yellow_on", "lte", today), Compare("due_on", "lt", today)))
    return past if late else Not(past)


def _groups_of(where: str, own: str) -> Expression:
    """The tasks of milestones that are not cancelled, in groups that `count_tasks` treats alike."""
    groups = (
        f"SELECT {own} AS own, task.status, task.blocked, task.due_on, COUNT(*) AS size FROM task"  # noqa: S608
        " JOIN milestone ON milestone.id = task.milestone_id AND milestone.status <> 'CANCELLED'"
        f" WHERE {where} GROUP BY 1, 2, 3, 4"
    )
    return row_lists("own, status, blocked, due_on, size", f"FROM ({groups}) AS counted")


milestone_task_groups = _groups_of("task.milestone_id = {row}.id", own="TRUE")

# The tree's stream has the id of its parent, so this finds the whole tree of a parent, and of a child its own tasks.
ticket_task_groups = _groups_of(
    "(task.tree_id = {row}.id OR task.ticket_id = {row}.id)", own="task.ticket_id = {row}.id"
)


def milestone_task_counts(groups: list[list[Any]] | None, today: date) -> TaskCounts:
    """Return where the tasks of a milestone stand."""
    return count_tasks(_task_groups(groups), today)


def ticket_task_counts(groups: list[list[Any]] | None, today: date) -> dict[TreeScope, TaskCounts]:
    """Return where the tasks of a ticket stand: its own, and those of its tree."""
    own = [group for group in groups or () if group[0]]
    return {
        TreeScope.OWN: count_tasks(_task_groups(own), today),
        TreeScope.TREE: count_tasks(_task_groups(groups), today),
    }


def _task_groups(groups: list[list[Any]] | None) -> Iterator[TaskGroup]:
    for _own, status, blocked, due_on, size in groups or ():
        yield TaskGroup(status, bool(blocked), date.fromisoformat(due_on), size)


next_due_task = Expression(
    "SELECT task.id FROM task"
    " JOIN milestone ON milestone.id = task.milestone_id AND milestone.status <> 'CANCELLED'"
    " WHERE (task.tree_id = {row}.id OR task.ticket_id = {row}.id) AND task.status IN ('TODO', 'IN_PROGRESS')"
    " ORDER BY task.due_on, task.id LIMIT 1",
    returns=str,
)

# A parent has the opportunities of its sale, and a child the one that it delivers.
ticket_opportunities = row_lists(
    "status, missing, amount",
    "FROM (SELECT opportunity.status, opportunity.missing_since IS NOT NULL AS missing,"
    " CAST(opportunity.amount AS TEXT) AS amount FROM opportunity"
    " WHERE opportunity.ticket_id = {row}.id OR opportunity.child_ticket_id = {row}.id) AS mirrored",
)
ticket_lines_to_sell = Expression(
    "SELECT COUNT(*) FROM ticket_line WHERE ticket_line.ticket_id = {row}.id"
    " AND NOT EXISTS (SELECT 1 FROM opportunity WHERE opportunity.ticket_line_id = ticket_line.id)",
    returns=int,
)


def opportunity_totals(opportunities: list[list[Any]] | None, missing: int) -> OpportunityTotals:
    """Return what the opportunities of a ticket come to; `missing` is how many of its lines have none."""
    return total_opportunities(
        (
            (OpportunityStatus(status), None if gone or amount is None else Decimal(amount))
            for status, gone, amount in opportunities or ()
        ),
        missing=missing,
    )


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    id: str
    text: str
    done: bool
    done_at: datetime | None = None
    done_by_id: str | None = None


def checklist_entries(checklist: list[dict[str, Any]]) -> list[ChecklistEntry]:
    """Return the entries of a task's checklist column.

    >>> checklist_entries([{"id": "chk_1", "text": "Ask for the balance sheet", "done": False}])
    [ChecklistEntry(id='chk_1', text='Ask for the balance sheet', done=False, done_at=None, done_by_id=None)]
    """
    return [
        ChecklistEntry(
            entry["id"],
            entry["text"],
            entry["done"],
            datetime.fromisoformat(entry["doneAt"]) if "doneAt" in entry else None,
            entry.get("doneBy"),
        )
        for entry in checklist
    ]
