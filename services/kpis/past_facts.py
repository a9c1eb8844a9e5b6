"""What figures of past days are counted from: how rows stood at the ends of days, under the names of today's rows."""
# ruff: noqa: S608

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from services.kpis.facts import (
    EFFECTS,
    MILESTONES,
    NO_TEXT,
    OF_TICKET,
    OF_TICKET_COLUMNS,
    OF_TICKET_JOINS,
    OPEN_LINES,
    PART_COLUMNS,
    SALES,
    TASKS,
    TICKETS,
    title_of,
)
from services.reads.grouped import Facts
from services.vocabulary import TicketKind, TicketStatus

DAYS, FIRST, BEYOND = "days", "first", "beyond"
DAY_COLUMNS: Mapping[str, type] = MappingProxyType({"day": date, "soon": date})

ASKED_DAYS = f"SELECT day, soon FROM ({{{DAYS}}}) AS listed"
"""The days that are asked for, each with the day until when work counts as load."""

_STOOD = f"""
    SELECT * FROM kpi_day WHERE entity = '{{entity}}' AND until_on > {{{FIRST}}} AND since_on < {{{BEYOND}}}
"""
_CUT = {
    "since_on": f'CASE WHEN "stood"."since_on" < {{{FIRST}}} THEN {{{FIRST}}} ELSE "stood"."since_on" END',
    "until_on": f'CASE WHEN "stood"."until_on" > {{{BEYOND}}} THEN {{{BEYOND}}} ELSE "stood"."until_on" END',
}
"""What lies outside the days that are asked for is cut off, so that more rows are alike."""

_WAITING = ("status", "reason")
_WORK = (
    "status", "company_id", "operator_id", "priority", "due_on", "yellow_on", "red_on", "at_risk_on",
    "task_count", "finished_task_count",
)  # fmt: skip


def _stood(
    entity: str,
    joins: Mapping[str, str],
    columns: Mapping[str, str],
    kept: Iterable[str] = _WORK,
    by_day: Mapping[str, str] = MappingProxyType({}),
) -> Facts:
    """Return the facts of rows of an entity as they stood at the ends of the days that are asked for.

    `kept` are the columns that are as `KpiDay` has them.
    """
    names = {name for pair in PART_COLUMNS.values() for name in pair}
    return Facts(
        "stood",
        {
            **joins,
            "company": 'LEFT JOIN "company" AS "company" ON "company"."id" = "stood"."company_id"',
            "holder": 'LEFT JOIN "operator" AS "holder" ON "holder"."id" = "stood"."operator_id"',
        },
        {
            **dict.fromkeys(sorted(names), NO_TEXT),
            **{name: f'"stood"."{name}"' for name in kept},
            "id": '"stood"."row_id"',
            "node_id": '"stood"."row_id"',
            "updated_at": '"stood"."changed_at"',
            "company_name": '"company"."name"',
            "operator_name": '"holder"."name"',
            **_CUT,
            **columns,
        },
        _STOOD.replace("{entity}", entity),
        by_day,
    )


def _itself(table: str, alias: str = "") -> str:
    return f'JOIN "{table}" AS "{alias or table}" ON "{alias or table}"."id" = "stood"."row_id"'


_TICKETS = _stood(
    "Ticket",
    {"ticket": _itself("ticket"), **OF_TICKET_JOINS},
    {
        **OF_TICKET_COLUMNS,
        "kind": '"stood"."kind"',
        "created_at": '"ticket"."created_at"',
        "title": title_of("ticket"),
    },
)
_MILESTONES = _stood(
    "Milestone",
    {"milestone": _itself("milestone"), "ticket": OF_TICKET.format("milestone"), **OF_TICKET_JOINS},
    {
        **OF_TICKET_COLUMNS,
        "milestone_title": '"milestone"."title"',
        "title": title_of("milestone"),
    },
)
_TASKS = _stood(
    "Task",
    {
        "task": _itself("task"),
        "milestone": 'JOIN "milestone" AS "milestone" ON "milestone"."id" = "task"."milestone_id"',
        "ticket": OF_TICKET.format("task"),
        **OF_TICKET_JOINS,
    },
    {
        **OF_TICKET_COLUMNS,
        "milestone_title": '"milestone"."title"',
        "title": title_of("task"),
        "estimated_hours": '"stood"."hours"',
    },
    by_day={
        "fortnight_hours": '(SELECT week.hours * 2 FROM kpi_day AS week WHERE week.row_id = "stood"."operator_id"'
        ' AND week.since_on <= "asked"."day" AND week.until_on > "asked"."day")',
    },
)
_LINES = _stood(
    "TicketLine",
    {
        "line": _itself("ticket_line", "line"),
        "root": 'JOIN "ticket" AS "root" ON "root"."id" = "line"."ticket_id"',
        "child": 'LEFT JOIN "ticket" AS "child" ON "child"."id" = "stood"."child_id"',
        "kit": OF_TICKET_JOINS["kit"],
        "service": 'LEFT JOIN "service" AS "service" ON "service"."id" = "line"."service_id"',
        "workflow": 'LEFT JOIN "workflow_template" AS "workflow" ON "workflow"."id" = "child"."template_id"',
    },
    {
        **OF_TICKET_COLUMNS,
        "service_id": '"line"."service_id"',
        "ticket_kind": f"CAST('{TicketKind.CHILD}' AS VARCHAR)",
        "amount": '"line"."amount"',
        "flag": '"stood"."reason"',
        "child_status": '"stood"."status"',
        # A line without a child is not kept while its parent is cancelled.
        "parent_status": f"CAST('{TicketStatus.OPEN}' AS VARCHAR)",
        "node_id": 'COALESCE("child"."id", "root"."id")',
        "title": 'COALESCE("child"."code", "root"."code") || \' · \' || "line"."name"',
    },
)
_SALES = _stood(
    "IntakeItem",
    {"item": _itself("intake_item", "item")},
    {"created_at": '"item"."created_at"', "title": '"item"."subject"'},
    _WAITING,
)
_EFFECTS = _stood(
    "ActionItem",
    {"item": _itself("action_item", "item")},
    {
        "created_at": '"item"."created_at"',
        "title": '"item"."label"',
        "outcome": '"stood"."status"',
        "open_key": 'CASE WHEN "stood"."status" IS NULL THEN "stood"."row_id" END',
        # An effect with an outcome is kept only while somebody should look at its action.
        "attention_count": "1",
    },
    _WAITING,
)

PAST: Mapping[Facts, Facts] = MappingProxyType(
    {
        TICKETS: _TICKETS,
        MILESTONES: _MILESTONES,
        TASKS: _TASKS,
        OPEN_LINES: _LINES,
        SALES: _SALES,
        EFFECTS: _EFFECTS,
    }
)
"""The facts of past days that stand in for those of today's rows."""
