"""Years of sales and their work: the latest weeks are written row by row, and earlier ones are copies."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tortoise.connection import get_connection
from tortoise.fields import DateField, DatetimeField
from tortoise.models import Model

import models
from models.database import WRITES
from models.identity import new_id
from models.statistics import renew_statistics
from tests.benchmarks.past_days import kept_days
from tests.support import factories
from tests.support.factories import NOW, save, store_facts

SALES_A_DAY = 4
OPERATORS, COMPANIES = 8, 40
CHILDREN, MILESTONES, TASKS = 5, 3, 4
DAYS_OF_A_MILESTONE = 7

WEEK = 7 * SALES_A_DAY
WRITTEN = 5 * WEEK
"""The latest sales. Of the oldest week of them all work is finished, as it is of everything before."""

AT_ONCE = 50
"""Weeks that one statement copies."""

COPIED: dict[type[Model], str] = {
    models.Stream: "id",
    models.Ticket: "tree_id",
    models.TicketLine: "tree_id",
    models.Opportunity: "tree_id",
    models.Milestone: "tree_id",
    models.Task: "tree_id",
    models.CrmActivity: "tree_id",
    models.IntakeItem: "ticket_id",
    models.Action: "ticket_id",
    models.ActionItem: "(SELECT ticket_id FROM action WHERE id = action_id)",
    models.Event: "stream_id",
    models.KpiDay: "source_id",
}
"""What belongs to a sale, those that others point to first, and how it leads to its tree."""

COPIED_IDS = {
    "id", "tree_id", "stream_id", "ticket_id", "parent_id", "ticket_line_id", "child_ticket_id", "milestone_id",
    "action_id", "entity_id", "key", "source_id", "row_id", "child_id",
}  # fmt: skip
COPIED_NUMBERS = {"crm_id", "crm_activity_id"}


async def write_weeks(*, milestones: int = MILESTONES, tasks: int = TASKS) -> None:
    """Write the latest sales, with rows as the use cases leave them, as far as figures look at them.

    Children have at most 4 milestones, so that all work of the oldest week is finished.
    """
    owners = [factories.operator(weekly_hours=Decimal(40)) for _ in range(OPERATORS)]
    customers = [factories.company() for _ in range(COMPANIES)]
    workflow, sold = factories.template(), factories.service()
    await save(*owners, *customers, workflow, sold)
    rows: dict[type[Any], list[Any]] = {model: [] for model in COPIED}
    for number in range(WRITTEN):
        links = {
            "owner_id": owners[number % OPERATORS].id,
            "company_id": customers[number % COMPANIES].id,
            "template_id": workflow.id,
        }
        sold_at = NOW - timedelta(days=number // SALES_A_DAY)
        for row in _rows_of_sale(sold_at, links, sold.id, number, milestones, tasks):
            rows[type(row)].append(row)
    await save(*(row for some in rows.values() for row in some))
    await store_facts()
    await save(*await kept_days(NOW))


async def lengthen(sales: int) -> None:
    """Put copies of the oldest week before it, until there are so many sales."""
    oldest = await models.Ticket.filter(kind="PARENT").order_by("created_at", "id").limit(WEEK)
    for model, tree in COPIED.items():
        await _copy(model, tree, [one.id for one in oldest], sales - WRITTEN)
    await renew_statistics()
    if not _is_sqlite():
        await get_connection(WRITES).execute_query("VACUUM ANALYZE")


async def _copy(model: type[Any], tree: str, trees: list[str], sales: int) -> None:
    sqlite, client, table = _is_sqlite(), get_connection(WRITES), model._meta.db_table
    fields = model._meta.fields_map
    columns = {
        column: _copied(column, fields[name], sqlite)
        for name, column in model._meta.fields_db_projection.items()
        if not fields[name].generated
    }
    names = ", ".join(f'"{name}"' for name in columns)
    listed = ", ".join(f"('{one}', {number})" for number, one in enumerate(trees))
    # An index is made faster than it is kept.
    indexes = [tuple(row) for row in (await client.execute_query(_INDEXES[sqlite].format(table)))[1]]
    for name, _ in indexes:
        await client.execute_query(f'DROP INDEX "{name}"')
    # A connection gives up a statement that takes a minute.
    for first in reversed(range(1, -(-sales // WEEK) + 1, AT_ONCE)):
        last = first + AT_ONCE - 1
        await client.execute_query(
            f"WITH RECURSIVE week(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM week WHERE n < {last}),"
            f" sale(of_tree, number) AS (VALUES {listed}),"
            f" source AS (SELECT *, {tree} AS source_tree FROM {table})"
            f" INSERT INTO {table} ({names}) SELECT {', '.join(columns.values())} FROM week"
            f" JOIN sale ON (n - 1) * {WEEK} + number < {sales} JOIN source ON source_tree = of_tree ORDER BY n DESC"
        )
    for _, words in indexes:
        await client.execute_query(words)


_INDEXES = {
    True: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = '{}'",
    False: "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{}'"
    " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
}
"""The indexes of a table that are no constraint, with the words that make them; for SQLite, and for PostgreSQL."""


def _is_sqlite() -> bool:
    return get_connection(WRITES).capabilities.dialect == "sqlite"


def _copied(column: str, field: Any, sqlite: bool) -> str:
    """The SQL of a column's value in the copy of `n` weeks before. Ids sort by their age, as real ones do."""
    if column in COPIED_IDS:
        age = "printf('%04d', 9999 - n)" if sqlite else "lpad((9999 - n)::text, 4, '0')"
        return f"substr({column}, 1, 4) || '00' || {age} || substr({column}, 11)"
    if column in COPIED_NUMBERS:
        return f"{column} + n * 1000000"
    if column == "code":
        return "code || '-' || n"
    if isinstance(field, DateField | DatetimeField) and sqlite:
        return f"date(substr({column}, 1, 10), printf('-%d days', 7 * n)) || substr({column}, 11)"
    if isinstance(field, DatetimeField):
        return f"{column} - n * interval '7 days'"
    return f"{column} - 7 * n" if isinstance(field, DateField) else f'"{column}"'


def _rows_of_sale(
    sold_at: datetime, links: dict[str, str], service_id: str, number: int, milestones: int, tasks: int
) -> Iterator[Any]:
    parent = factories.ticket(**links, **_ticket(sold_at, 1))
    action = models.Action(
        id=new_id("axn"), kind="GENERATE_OPPORTUNITIES", status="FINISHED", ticket_id=parent.id, created_at=sold_at,
        finished_at=sold_at, item_count=CHILDREN, finished_count=CHILDREN,
    )  # fmt: skip
    yield from (parent, action, *_as_it_came(parent, sold_at, number))
    tickets = [parent]
    for position in range(1, CHILDREN + 1):
        line = factories.line(
            parent, id=new_id("tln"), position=position, service_id=service_id, awaits_child=False
        )
        child = factories.ticket(
            **links, **_ticket(sold_at, milestones), kind="CHILD", parent_id=parent.id, tree_id=parent.id,
            position=position, service_id=service_id,
        )  # fmt: skip
        yield from (line, child, _effect(action, child, position))
        yield factories.opportunity(
            parent, ticket_line_id=line.id, child_ticket_id=child.id, created_at=sold_at
        )
        tickets.append(child)
    stream = models.Stream(id=parent.id, occurred_at=sold_at)
    for ticket in tickets:
        for position in range(1, (1 if ticket is parent else milestones) + 1):
            ends_at = sold_at + timedelta(days=DAYS_OF_A_MILESTONE * position)
            dates = _dates(ends_at, "milestone", late=(number + position) % 8 == 0)
            stage = factories.milestone(ticket, position=position, title=f"Fase {position}", **dates)
            yield stage
            for place in range(1, tasks + 1):
                stream.seq += 1
                done_at = ends_at - timedelta(days=tasks - place, hours=(number + stream.seq) % 60)
                dates = _dates(done_at, "task", late=(number + stream.seq) % 8 == 0)
                task = factories.task(stage, position=place, assignee_id=links["owner_id"], **dates)
                yield task
                told_at = dates.get("finished_at", sold_at)
                yield factories.event(stream, stream.seq, entity_id=task.id, occurred_at=told_at)
    yield stream


def _as_it_came(parent: models.Ticket, sold_at: datetime, number: int) -> Iterator[Any]:
    """The sale in the CRM. One in eight waits in the inbox first, and of those of the last day one still does."""
    crm_id = factories.number()
    activity = {"crm_id": crm_id, "subject": "Venduto", "tree_id": parent.id, "ticket_id": parent.id}
    yield models.CrmActivity(role="SOURCE", **activity, occurred_at=sold_at, created_at=sold_at)
    if number % 8 == 0:
        yield models.IntakeItem(
            crm_activity_id=crm_id if number else factories.number(),
            ticket_id=parent.id,
            status="RESOLVED" if number else "WAITING",
            reason="NO_KIT",
            explanation="",
            subject="Venduto",
            description="",
            created_at=sold_at - timedelta(hours=1),
        )


def _effect(action: models.Action, child: models.Ticket, position: int) -> models.ActionItem:
    return models.ActionItem(
        action_id=action.id, position=position, lane="", kind="CREATE_OPPORTUNITY", key=child.id, reference="",
        label="Formazione", state="FINISHED", outcome="CREATED", next_try_at=child.created_at,
        created_at=child.created_at, finished_at=child.created_at,
    )  # fmt: skip


def _ticket(sold_at: datetime, milestones: int) -> dict[str, Any]:
    ends_at = sold_at + timedelta(days=DAYS_OF_A_MILESTONE * milestones)
    return {**_dates(ends_at, "ticket", late=False), "starts_on": sold_at.date(), "created_at": sold_at}


_FINISH = {
    "ticket": ("CLOSED", "IN_PROGRESS", "closed_at", "first_closed_at"),
    "milestone": ("COMPLETED", "IN_PROGRESS", "completed_at", "first_completed_at"),
    "task": ("DONE", "TODO", "finished_at", "first_finished_at"),
}


def _dates(ends_at: datetime, what: str, *, late: bool) -> dict[str, Any]:
    """What ends in the past is finished, and what ends later is open. What is late ends a day after its due date."""
    finished, unfinished, latest, first = _FINISH[what]
    due_on = ends_at.date() - timedelta(days=late)
    begun_at = ends_at - timedelta(days=DAYS_OF_A_MILESTONE if what != "task" else 1)
    dates: dict[str, Any] = {"due_on": due_on, "original_due_on": due_on}
    if ends_at <= NOW:
        return {**dates, "status": finished, "started_at": begun_at, latest: ends_at, first: ends_at}
    return {**dates, "status": unfinished, "started_at": begun_at if unfinished == "IN_PROGRESS" else None}
