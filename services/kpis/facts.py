"""What figures are counted from: tickets, milestones and tasks, each with the same names for what they share."""

from collections.abc import Mapping
from types import MappingProxyType

from services.planning.kpis.words import KpiDimension, KpiSubject
from services.reads.grouped import Facts
from services.vocabulary import MilestoneStatus, TaskStatus, TicketStatus

PART_COLUMNS: Mapping[KpiDimension, tuple[str, str]] = MappingProxyType(
    {
        KpiDimension.KIT: ("kit_id", "kit_name"),
        KpiDimension.SERVICE: ("service_id", "service_name"),
        KpiDimension.TEMPLATE: ("template_code", "template_name"),
        KpiDimension.MILESTONE: ("milestone_title", "milestone_title"),
        KpiDimension.OPERATOR: ("operator_id", "operator_name"),
        KpiDimension.COMPANY: ("company_id", "company_name"),
        KpiDimension.TICKET_KIND: ("ticket_kind", "ticket_kind"),
        KpiDimension.PRIORITY: ("priority", "priority"),
    }
)
"""The column of a dimension, and the column with what to show for it."""

_NO_TEXT = "CAST(NULL AS VARCHAR)"


def _work(
    table: str, *, joins: Mapping[str, str], holder: str, done: str, columns: Mapping[str, str]
) -> Facts:
    """Return the facts of one kind of work.

    `holder` is the column of the operator who has it now. Work that is finished belongs to whom it belonged then.
    """
    last_holder = f'COALESCE("{table}"."finished_owner_id", {holder})'
    own = {
        name: f'"{table}"."{name}"'
        for name in ("id", "status", "due_on", "original_due_on", "yellow_on", "red_on", "reopened_count")
    }
    return Facts(
        table,
        {
            **joins,
            "root": 'LEFT JOIN "ticket" AS "root" ON "root"."id" = "ticket"."tree_id"',
            "kit": 'LEFT JOIN "kit" AS "kit" ON "kit"."id" = "root"."kit_id"',
            "service": 'LEFT JOIN "service" AS "service" ON "service"."id" = "ticket"."service_id"',
            "workflow": 'LEFT JOIN "workflow_template" AS "workflow" ON "workflow"."id" = "ticket"."template_id"',
            "company": 'LEFT JOIN "company" AS "company" ON "company"."id" = "ticket"."company_id"',
            "holder": f'LEFT JOIN "operator" AS "holder" ON "holder"."id" = {holder}',
            "last_holder": f'LEFT JOIN "operator" AS "last_holder" ON "last_holder"."id" = {last_holder}',
        },
        {
            **own,
            "kit_id": '"root"."kit_id"',
            "kit_name": '"kit"."name"',
            "service_id": '"ticket"."service_id"',
            "service_name": '"service"."name"',
            "template_code": '"workflow"."code"',
            "template_name": '"workflow"."name"',
            "company_id": '"ticket"."company_id"',
            "company_name": '"company"."name"',
            "ticket_kind": '"ticket"."kind"',
            "ticket_code": '"ticket"."code"',
            "priority": '"ticket"."priority"',
            "last_holder_id": last_holder,
            "last_holder_name": '"last_holder"."name"',
            "operator_id": f'CASE WHEN "{table}"."status" = \'{done}\' THEN {last_holder} ELSE {holder} END',
            "operator_name": f'CASE WHEN "{table}"."status" = \'{done}\''
            ' THEN "last_holder"."name" ELSE "holder"."name" END',
            **columns,
        },
    )


_TICKETS = _work(
    "ticket",
    joins={},
    holder='"ticket"."owner_id"',
    done=TicketStatus.CLOSED,
    columns={
        "kind": '"ticket"."kind"',
        "created_at": '"ticket"."created_at"',
        "started_at": '"ticket"."started_at"',
        "finished_at": '"ticket"."closed_at"',
        "first_finished_at": '"ticket"."first_closed_at"',
        "cancelled_at": '"ticket"."cancelled_at"',
        "task_count": '"ticket"."task_count"',
        "finished_task_count": '"ticket"."finished_task_count"',
        "at_risk_on": '"ticket"."at_risk_on"',
        "milestone_title": _NO_TEXT,
        "title": '"ticket"."code" || \' · \' || "ticket"."title"',
    },
)

_OF_TICKET = 'JOIN "ticket" AS "ticket" ON "ticket"."id" = "{}"."ticket_id"'

_MILESTONES = _work(
    "milestone",
    joins={"ticket": _OF_TICKET.format("milestone")},
    holder='"ticket"."owner_id"',
    done=MilestoneStatus.COMPLETED,
    columns={
        "started_at": '"milestone"."started_at"',
        "finished_at": '"milestone"."completed_at"',
        "first_finished_at": '"milestone"."first_completed_at"',
        "cancelled_at": '"milestone"."cancelled_at"',
        "task_count": '"milestone"."task_count"',
        "finished_task_count": '"milestone"."finished_task_count"',
        "at_risk_on": '"milestone"."at_risk_on"',
        "milestone_title": '"milestone"."title"',
        "title": '"ticket"."code" || \' · \' || "milestone"."title"',
    },
)

_TASKS = _work(
    "task",
    joins={
        "ticket": _OF_TICKET.format("task"),
        "milestone": 'JOIN "milestone" AS "milestone" ON "milestone"."id" = "task"."milestone_id"',
    },
    holder='"task"."assignee_id"',
    done=TaskStatus.DONE,
    columns={
        "started_at": '"task"."started_at"',
        "finished_at": '"task"."finished_at"',
        "first_finished_at": '"task"."first_finished_at"',
        "cancelled_at": '"milestone"."cancelled_at"',
        "milestone_status": '"milestone"."status"',
        "estimated_hours": '"task"."estimated_hours"',
        "fortnight_hours": '"holder"."weekly_hours" * 2',
        "milestone_title": '"milestone"."title"',
        "title": '"ticket"."code" || \' · \' || "task"."title"',
    },
)

FACTS: Mapping[KpiSubject, Facts] = MappingProxyType(
    {
        KpiSubject.PARENTS: _TICKETS,
        KpiSubject.CHILDREN: _TICKETS,
        KpiSubject.TICKETS: _TICKETS,
        KpiSubject.MILESTONES: _MILESTONES,
        KpiSubject.TASKS: _TASKS,
    }
)
