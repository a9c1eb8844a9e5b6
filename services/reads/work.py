"""How far work has come, in SQL: a cancelled milestone and what stands in it count no more, a skipped task neither."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from services.planning.closure import Closure, closure
from services.planning.workflow import MilestoneState, TaskState, TicketState
from services.reads.plan import Expression
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus

_SHARE = (
    "CAST(SUM(CASE WHEN task.status = 'DONE' THEN 1 ELSE 0 END) AS DOUBLE PRECISION)"
    " / NULLIF(SUM(CASE WHEN task.status = 'SKIPPED' THEN 0 ELSE 1 END), 0)"
)
_TASKS_OF_MILESTONE = "FROM task WHERE task.milestone_id = {row}.id"
_TASKS_THAT_COUNT = (
    "FROM task JOIN milestone ON milestone.id = task.milestone_id AND milestone.status <> 'CANCELLED'"
)

milestone_progress = Expression(
    f"SELECT {_SHARE} {_TASKS_OF_MILESTONE} AND {{row}}.status <> 'CANCELLED'", returns=float
)
milestone_task_count = Expression(f"SELECT COUNT(*) {_TASKS_OF_MILESTONE}", returns=int)
milestone_finished_task_count = Expression(
    f"SELECT COUNT(*) {_TASKS_OF_MILESTONE} AND task.status = 'DONE'", returns=int
)
milestone_finished = Expression("{row}.status IN ('COMPLETED', 'CANCELLED')", returns=bool)

task_finished = Expression("{row}.status IN ('DONE', 'SKIPPED')", returns=bool)
task_warning_days = Expression(
    "SELECT milestone.warning_days FROM milestone WHERE milestone.id = {row}.milestone_id", returns=int
)
task_escalation_days = Expression(
    "SELECT milestone.escalation_days FROM milestone WHERE milestone.id = {row}.milestone_id", returns=int
)

ticket_progress = Expression(
    f"SELECT {_SHARE} {_TASKS_THAT_COUNT} WHERE task.ticket_id = {{row}}.id", returns=float
)
ticket_delivery_progress = Expression(
    f"SELECT {_SHARE} {_TASKS_THAT_COUNT} JOIN ticket AS child ON child.id = task.ticket_id"
    " AND child.status <> 'CANCELLED' WHERE child.parent_id = {row}.id",
    returns=float,
)
ticket_finished = Expression("{row}.status IN ('CLOSED', 'CANCELLED')", returns=bool)

item_attempt_count = Expression(
    "SELECT COUNT(*) FROM action_attempt WHERE action_attempt.item_id = {row}.id", returns=int
)

child_is_open = Expression(
    "EXISTS (SELECT 1 FROM ticket WHERE ticket.id = {row}.child_ticket_id"
    " AND ticket.status IN ('OPEN', 'IN_PROGRESS'))",
    returns=bool,
)

# What stands in an opportunity's place in the CRM may be another one of ours: it cannot stand for two.
opportunity_can_relink = Expression(
    "({row}.flag_crm_id IS NOT NULL AND NOT EXISTS"
    " (SELECT 1 FROM opportunity AS mirrored WHERE mirrored.crm_id = {row}.flag_crm_id))",
    returns=bool,
)


def _days_of_latest_milestone(column: str) -> Expression:
    """The ticket is due with its latest milestone, and warns and escalates as that one does."""
    return Expression(
        f"COALESCE((SELECT milestone.{column} FROM milestone WHERE milestone.ticket_id = {{row}}.id"  # noqa: S608
        " AND milestone.status <> 'CANCELLED'"
        ' ORDER BY milestone.due_on DESC, milestone."position" DESC LIMIT 1), 0)',
        returns=int,
    )


ticket_warning_days = _days_of_latest_milestone("warning_days")
ticket_escalation_days = _days_of_latest_milestone("escalation_days")


def _blocked(milestone: str, positions: str, count: str) -> str:
    """That a milestone is open, and so is one that it waits for: the declared ones, else the one before it."""
    return (
        f"({milestone}.status IN ('PLANNED', 'IN_PROGRESS') AND EXISTS (SELECT 1 FROM milestone AS earlier"  # noqa: S608
        f" WHERE earlier.ticket_id = {milestone}.ticket_id AND earlier.status IN ('PLANNED', 'IN_PROGRESS')"
        f" AND CASE WHEN {count}({milestone}.depends_on) > 0"
        f' THEN earlier."position" IN (SELECT CAST(value AS INTEGER) FROM {positions}({milestone}.depends_on))'
        f' ELSE earlier."position" = (SELECT MAX(nearest."position") FROM milestone AS nearest'
        f" WHERE nearest.ticket_id = {milestone}.ticket_id"
        f' AND nearest."position" < {milestone}."position") END))'
    )


def _blocked_on_sqlite(milestone: str) -> str:
    return _blocked(milestone, "json_each", "json_array_length")


def _blocked_on_postgres(milestone: str) -> str:
    return _blocked(milestone, "jsonb_array_elements_text", "jsonb_array_length")


def _blocked_task(blocked: str) -> str:
    return (
        "{row}.status IN ('TODO', 'IN_PROGRESS') AND EXISTS (SELECT 1 FROM milestone AS own"  # noqa: S608
        f" WHERE own.id = {{row}}.milestone_id AND {blocked})"
    )


milestone_blocked = Expression(
    _blocked_on_sqlite("{row}"), returns=bool, postgres=_blocked_on_postgres("{row}")
)
task_blocked = Expression(
    _blocked_task(_blocked_on_sqlite("own")),
    returns=bool,
    postgres=_blocked_task(_blocked_on_postgres("own")),
)


def _work_of_ticket(array: str, arrays: str) -> str:
    row = (
        'milestone."position", milestone.id, milestone.status,'
        ' task."position", task.id, task.status, task.mandatory'
    )
    return (
        f"SELECT {arrays}({array}({row})) FROM milestone"  # noqa: S608
        " LEFT JOIN task ON task.milestone_id = milestone.id WHERE milestone.ticket_id = {row}.id"
    )


# The milestones and tasks of a ticket, a list for each task, as `ticket_closure` takes them.
ticket_work = Expression(
    _work_of_ticket("json_array", "json_group_array"),
    returns=list,
    postgres=_work_of_ticket("json_build_array", "json_agg"),
)


def ticket_closure(id: str, status: str, work: list[list[Any]] | None) -> Closure:
    """Why a ticket is or is not closed."""
    statuses: dict[str, MilestoneStatus] = {}
    tasks: defaultdict[str, list[TaskState]] = defaultdict(list)
    for _, milestone_id, milestone_status, _, task_id, task_status, mandatory in sorted(
        work or (), key=_place
    ):
        statuses[milestone_id] = MilestoneStatus(milestone_status)
        if task_id is not None:
            tasks[milestone_id].append(
                TaskState(task_id, milestone_id, TaskStatus(task_status), bool(mandatory))
            )
    milestones = tuple(
        MilestoneState(one, milestone_status, tasks=tuple(tasks[one]))
        for one, milestone_status in statuses.items()
    )
    return closure(TicketState(id, TicketStatus(status), milestones))


def _place(row: list[Any]) -> tuple[int, int]:
    return row[0], row[3] or 0


@dataclass(frozen=True, slots=True)
class ChecklistEntry:
    text: str
    done: bool


def checklist_entries(checklist: list[dict[str, Any]]) -> list[ChecklistEntry]:
    """What a task's checklist column holds.

    >>> checklist_entries([{"text": "Ask for the balance sheet", "done": True}])
    [ChecklistEntry(text='Ask for the balance sheet', done=True)]
    """
    return [ChecklistEntry(entry["text"], entry["done"]) for entry in checklist]
