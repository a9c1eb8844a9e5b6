"""What figures are counted from: tickets, milestones and tasks, each with the same names for what they share."""
# ruff: noqa: S608

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from services.planning.kpis.words import KpiDimension, KpiSubject
from services.reads.grouped import Facts
from services.vocabulary import (
    CrmActivityRole,
    IntakeStatus,
    ItemKind,
    MilestoneStatus,
    TaskStatus,
    TicketKind,
    TicketStatus,
)

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
        KpiDimension.OPPORTUNITY_STATUS: ("status", "status"),
        KpiDimension.REASON: ("reason", "reason"),
    }
)
"""The column of a dimension, and the column with what to show for it."""

NO_TEXT = "CAST(NULL AS VARCHAR)"

OF_TICKET_JOINS: Mapping[str, str] = MappingProxyType(
    {
        "root": 'LEFT JOIN "ticket" AS "root" ON "root"."id" = "ticket"."tree_id"',
        "kit": 'LEFT JOIN "kit" AS "kit" ON "kit"."id" = "root"."kit_id"',
        "service": 'LEFT JOIN "service" AS "service" ON "service"."id" = "ticket"."service_id"',
        "workflow": 'LEFT JOIN "workflow_template" AS "workflow" ON "workflow"."id" = "ticket"."template_id"',
    }
)
OF_TICKET_COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "kit_id": '"root"."kit_id"',
        "kit_name": '"kit"."name"',
        "service_id": '"ticket"."service_id"',
        "service_name": '"service"."name"',
        "template_code": '"workflow"."code"',
        "template_name": '"workflow"."name"',
        "ticket_kind": '"ticket"."kind"',
    }
)
"""What never changes of the ticket that work belongs to."""


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
    begun = f'CASE WHEN "{table}"."started_at" < {{}} THEN "{table}"."started_at" END'
    return Facts(
        table,
        {
            **joins,
            **OF_TICKET_JOINS,
            "company": 'LEFT JOIN "company" AS "company" ON "company"."id" = "ticket"."company_id"',
            "holder": f'LEFT JOIN "operator" AS "holder" ON "holder"."id" = {holder}',
            "last_holder": f'LEFT JOIN "operator" AS "last_holder" ON "last_holder"."id" = {last_holder}',
        },
        {
            **own,
            "node_id": f'"{table}"."id"',
            "updated_at": f'"{table}"."updated_at"',
            "begun_at": begun.format(columns["finished_at"]),
            "first_begun_at": begun.format(columns["first_finished_at"]),
            "first_undone_at": f'CASE WHEN "{table}"."reopened_count" > 0 THEN {columns["first_finished_at"]} END',
            **OF_TICKET_COLUMNS,
            "company_id": '"ticket"."company_id"',
            "company_name": '"company"."name"',
            "priority": '"ticket"."priority"',
            "last_holder_id": last_holder,
            "last_holder_name": '"last_holder"."name"',
            "operator_id": f'CASE WHEN "{table}"."status" = \'{done}\' THEN {last_holder} ELSE {holder} END',
            "operator_name": f'CASE WHEN "{table}"."status" = \'{done}\''
            ' THEN "last_holder"."name" ELSE "holder"."name" END',
            **columns,
        },
    )


def _last(alias: str, instant: str) -> dict[str, str]:
    """Return the join of a parent's last child by an instant, if all of its children have one or are cancelled.

    Written so that the database can begin with the children whose instant lies in the period.
    """
    later = (
        f'rival."{instant}" IS NULL OR rival."{instant}" > "{alias}"."{instant}"'
        f' OR (rival."{instant}" = "{alias}"."{instant}" AND rival."id" > "{alias}"."id")'
    )
    return {
        alias: f'JOIN "ticket" AS "{alias}" ON "{alias}"."parent_id" = "ticket"."id"'
        f' AND "{alias}"."status" <> \'{TicketStatus.CANCELLED}\' AND NOT EXISTS (SELECT 1 FROM "ticket" AS rival'
        f' WHERE rival."parent_id" = "{alias}"."parent_id" AND rival."status" <> \'{TicketStatus.CANCELLED}\''
        f" AND ({later}))"
    }


def title_of(table: str) -> str:
    """Return the SQL of how a row of work is shown."""
    return f'"ticket"."code" || \' · \' || "{table}"."title"'


_FIRST_VALUE = {
    "valued": 'JOIN "ticket" AS "valued" ON "valued"."parent_id" = "ticket"."id"',
    "first_value": 'JOIN "milestone" AS "first_value" ON "first_value"."ticket_id" = "valued"."id"'
    ' AND NOT EXISTS (SELECT 1 FROM "ticket" AS other JOIN "milestone" AS rival ON rival."ticket_id" = other."id"'
    ' WHERE other."parent_id" = "valued"."parent_id"'
    ' AND (rival."first_completed_at" < "first_value"."first_completed_at"'
    ' OR (rival."first_completed_at" = "first_value"."first_completed_at" AND rival."id" < "first_value"."id")))',
}
"""The join of the milestone that was completed first in any child. The database can begin with those of the period."""


_SALE = f'"sale"."ticket_id" = "ticket"."id" AND "sale"."role" = \'{CrmActivityRole.SOURCE}\''

TICKETS = _work(
    "ticket",
    joins={
        "sale": f'LEFT JOIN "crm_activity" AS "sale" ON {_SALE}',
        **_FIRST_VALUE,
        **_last("last_child", "closed_at"),
        **_last("first_closed_child", "first_closed_at"),
    },
    holder='"ticket"."owner_id"',
    done=TicketStatus.CLOSED,
    columns={
        # Not searched in an index: the children are most of all tickets that there ever were.
        "kind": '("ticket"."kind" || \'\')',
        "sold_at": 'COALESCE("sale"."occurred_at", "ticket"."created_at")',
        "first_value_at": '"first_value"."first_completed_at"',
        "delivered_at": '"last_child"."closed_at"',
        "first_delivered_at": '"first_closed_child"."first_closed_at"',
        "created_at": '"ticket"."created_at"',
        "started_at": '"ticket"."started_at"',
        "finished_at": '"ticket"."closed_at"',
        "first_finished_at": '"ticket"."first_closed_at"',
        "cancelled_at": '"ticket"."cancelled_at"',
        "at_risk_on": '"ticket"."at_risk_on"',
        "lead_day_count": '"ticket"."lead_day_count"',
        "worked_day_count": '"ticket"."worked_day_count"',
        "task_count": '"ticket"."task_count"',
        "finished_task_count": '"ticket"."finished_task_count"',
        "milestone_title": NO_TEXT,
        "title": title_of("ticket"),
    },
)

SOLD_TICKETS = replace(
    TICKETS,
    columns={**TICKETS.columns, "sold_at": '"ticket"."sold_at"'},
    relation=f"""
        SELECT "ticket".*, "sale"."occurred_at" AS sold_at
        FROM crm_activity AS "sale" JOIN ticket AS "ticket" ON {_SALE} WHERE "sale"."occurred_at" IS NOT NULL
        UNION ALL
        SELECT "ticket".*, "ticket"."created_at" AS sold_at FROM ticket AS "ticket"
        WHERE "ticket"."kind" = '{TicketKind.PARENT}' AND NOT EXISTS (
            SELECT 1 FROM crm_activity AS "sale" WHERE {_SALE} AND "sale"."occurred_at" IS NOT NULL
        )
    """,
)
"""The parents, sold when the CRM says or else when they were made: the database can begin with those of a period."""

OF_TICKET = 'JOIN "ticket" AS "ticket" ON "ticket"."id" = "{}"."ticket_id"'

MILESTONES = _work(
    "milestone",
    joins={"ticket": OF_TICKET.format("milestone")},
    holder='"ticket"."owner_id"',
    done=MilestoneStatus.COMPLETED,
    columns={
        "started_at": '"milestone"."started_at"',
        "finished_at": '"milestone"."completed_at"',
        "first_finished_at": '"milestone"."first_completed_at"',
        "cancelled_at": '"milestone"."cancelled_at"',
        "at_risk_on": '"milestone"."at_risk_on"',
        "task_count": '"milestone"."task_count"',
        "finished_task_count": '"milestone"."finished_task_count"',
        "milestone_title": '"milestone"."title"',
        "title": title_of("milestone"),
    },
)

TASKS = _work(
    "task",
    joins={
        "ticket": OF_TICKET.format("task"),
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
        "title": title_of("task"),
    },
)


def _sold(
    table: str,
    *,
    parent: str,
    service: str,
    columns: Mapping[str, str],
    opportunity: str | None = None,
    with_child: bool = False,
    relation: str | None = None,
) -> Facts:
    """Return the facts of what was sold: it belongs to the owner of its child, or of its parent while there is none.

    `opportunity` joins that of the row, if the row is none itself. `with_child` keeps only what has a child.
    """
    child = '"opportunity"."child_ticket_id"'
    kind_of_join = "JOIN" if with_child else "LEFT JOIN"
    of_either = 'COALESCE("child"."{0}", "root"."{0}")'
    owner = of_either.format("owner_id")
    return Facts(
        table,
        {
            "root": f'JOIN "ticket" AS "root" ON "root"."id" = "{table}"."ticket_id"',
            **({"opportunity": f"{kind_of_join} {opportunity}"} if opportunity else {}),
            "child": f'{kind_of_join} "ticket" AS "child" ON "child"."id" = {child}',
            "line": 'LEFT JOIN "ticket_line" AS "line" ON "line"."id" = "opportunity"."ticket_line_id"',
            "kit": 'LEFT JOIN "kit" AS "kit" ON "kit"."id" = "root"."kit_id"',
            "service": f'LEFT JOIN "service" AS "service" ON "service"."id" = {service}',
            "workflow": 'LEFT JOIN "workflow_template" AS "workflow" ON "workflow"."id" = "child"."template_id"',
            "company": f'LEFT JOIN "company" AS "company" ON "company"."id" = {parent}',
            "holder": f'LEFT JOIN "operator" AS "holder" ON "holder"."id" = {owner}',
        },
        {
            "id": f'"{table}"."id"',
            "kit_id": '"root"."kit_id"',
            "kit_name": '"kit"."name"',
            "service_id": service,
            "service_name": '"service"."name"',
            "template_code": '"workflow"."code"',
            "template_name": '"workflow"."name"',
            "milestone_title": NO_TEXT,
            "company_id": parent,
            "company_name": '"company"."name"',
            "ticket_kind": f"CAST('{TicketKind.CHILD}' AS VARCHAR)",
            "priority": of_either.format("priority"),
            **{
                f"{who}_{what}": source
                for who in ("operator", "last_holder")
                for what, source in (("id", owner), ("name", '"holder"."name"'))
            },
            "due_on": of_either.format("due_on"),
            "at_risk_on": of_either.format("at_risk_on"),
            "flag": '"opportunity"."flag"',
            "parent_status": '"root"."status"',
            "child_status": '"child"."status"',
            "finished_at": '"child"."closed_at"',
            "first_finished_at": '"child"."first_closed_at"',
            "amount": f'"{table}"."amount"',
            **columns,
        },
        relation,
    )


def _lines(*, with_child: bool = False, relation: str | None = None) -> Facts:
    """Return the facts of lines that were sold: the child of each, or its parent while it has none."""
    return _sold(
        "ticket_line",
        parent='"root"."company_id"',
        opportunity='"opportunity" AS "opportunity" ON "opportunity"."ticket_line_id" = "ticket_line"."id"',
        with_child=with_child,
        service='"ticket_line"."service_id"',
        columns={
            "node_id": 'COALESCE("child"."id", "root"."id")',
            "title": 'COALESCE("child"."code", "root"."code") || \' · \' || "ticket_line"."name"',
        },
        relation=relation,
    )


LINES_WITH_CHILD = _lines(with_child=True)
"""The lines that have a child. The database can begin with the children of a period."""

OPEN_LINES = _lines(
    relation=f"""
        SELECT line.* FROM ticket AS begun JOIN opportunity AS sold ON sold.child_ticket_id = begun.id
            JOIN ticket_line AS line ON line.id = sold.ticket_line_id
        WHERE begun.status IN ('{TicketStatus.OPEN}', '{TicketStatus.IN_PROGRESS}')
        UNION ALL
        SELECT line.* FROM ticket_line AS line WHERE line.awaits_child = TRUE
    """
)
"""The lines whose child is open, or that have none: the database begins with the open tickets."""

_OPPORTUNITIES = _sold(
    "opportunity",
    parent='"opportunity"."company_id"',
    service='COALESCE("opportunity"."service_id", "line"."service_id")',
    columns={
        "node_id": '"opportunity"."id"',
        "title": '"opportunity"."title"',
        "status": '"opportunity"."status"',
        "created_at": '"opportunity"."created_at"',
    },
)


def _waiting(
    table: str,
    *,
    title: str,
    joins: Mapping[str, str],
    columns: Mapping[str, str],
    relation: str | None = None,
) -> Facts:
    """Return the facts of what waits for somebody, or did, and belongs to no ticket."""
    without = {
        name: NO_TEXT
        for pair in PART_COLUMNS.values()
        for name in (*pair, "last_holder_id", "last_holder_name")
    }
    own = {name: f'"{table}"."{name}"' for name in ("id", "created_at")}
    shown = {"node_id": own["id"], "title": f'"{table}"."{title}"'}
    return Facts(table, joins, {**without, **own, **shown, **columns}, relation)


SALES = _waiting(
    "intake_item",
    title="subject",
    joins={},
    columns={"status": '"intake_item"."status"', "reason": '"intake_item"."reason"'},
)
SALES_SEEN = _waiting(
    "sale",
    title="subject",
    joins={},
    columns={name: f'"sale"."{name}"' for name in ("node_id", "status", "reason", "recognised_at")},
    relation=f"""
        SELECT made.id, made.ticket_id AS node_id, made.subject, '{IntakeStatus.RESOLVED}' AS status, before.reason,
            COALESCE(before.created_at, made.created_at) AS created_at,
            CASE WHEN before.id IS NULL AND made.crm_id NOT IN (
                SELECT entered.crm_id FROM action_item AS entered
                WHERE entered.kind = '{ItemKind.CREATE_SALE}' AND entered.crm_id IS NOT NULL
            ) THEN made.created_at END AS recognised_at
        FROM crm_activity AS made LEFT JOIN intake_item AS before
            ON before.crm_activity_id = made.crm_id AND before.created_at < made.created_at
        WHERE made.role = '{CrmActivityRole.SOURCE}'
        UNION ALL
        SELECT item.id, item.id, item.subject, item.status, item.reason, item.created_at, NULL
        FROM intake_item AS item WHERE NOT EXISTS (
            SELECT 1 FROM crm_activity AS known WHERE known.crm_id = item.crm_activity_id
        )
    """,
)
"""The sales that the hub has seen: those with a ticket, and those that wait for one or were dismissed."""

EFFECTS = _waiting(
    "action_item",
    title="label",
    joins={"action": 'JOIN "action" AS "action" ON "action"."id" = "action_item"."action_id"'},
    columns={
        "open_key": '"action_item"."open_key"',
        "outcome": '"action_item"."outcome"',
        "reason": 'COALESCE("action_item"."outcome", "action_item"."state")',
        "attention_count": '"action"."attention_count"',
    },
)

FACTS: Mapping[KpiSubject, Facts] = MappingProxyType(
    {
        KpiSubject.PARENTS: TICKETS,
        KpiSubject.CHILDREN: TICKETS,
        KpiSubject.TICKETS: TICKETS,
        KpiSubject.MILESTONES: MILESTONES,
        KpiSubject.TASKS: TASKS,
        KpiSubject.OPPORTUNITIES: _OPPORTUNITIES,
        KpiSubject.SALES: SALES,
        KpiSubject.EFFECTS: EFFECTS,
    }
)
