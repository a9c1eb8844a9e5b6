"""Ten ticket trees of the kinds that the console's lists tell apart, each as often as a test wants."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tortoise.context import TortoiseContext

from models import Action, Company, IntakeItem, Kit, Milestone, Opportunity, Task, Ticket, TicketLine
from models.database import tortoise_config
from models.identity import Row
from services.events import Broadcast, EventLog
from services.operators import OperatorDraft, create_operator, create_token
from services.reads.columns import referenced_model
from services.vocabulary import Role
from tests.support import factories
from tests.support.databases import Databases, tamper
from tests.support.factories import NOW, TODAY

TREES = 10

GROWING = (Company, Ticket, TicketLine, Milestone, Task, Opportunity, Action, IntakeItem)
"""What there is more of where there are more trees, each after the rows that it points to."""

UNIQUE_NUMBERS = {"crm_id", "crm_activity_id"}
UNIQUE_TEXTS = {"code", "serial"}

OPEN = {"status": "OPEN"}
IN_PROGRESS = {"status": "IN_PROGRESS"}
CLOSED = {"status": "CLOSED", "closed_at": NOW, "first_closed_at": NOW}
CANCELLED = {"status": "CANCELLED", "cancelled_at": NOW}
COURSE: tuple[tuple[dict[str, Any], str, str], ...] = (
    *((OPEN, "PLANNED", "TODO"), (IN_PROGRESS, "IN_PROGRESS", "IN_PROGRESS")) * 4,
    (CLOSED, "COMPLETED", "DONE"),
    (CANCELLED, "CANCELLED", "SKIPPED"),
)
"""How far each of the ten has come: its tickets, its milestone and its task."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A database of trees, somebody who may ask about them, and what a list can be narrowed to."""

    url: str
    secret: str
    owner: str
    kit: str
    company: str
    parent: str
    times: int


def plant(databases: Databases, migrated: str, *, times: int) -> Planted:
    """Plant each of the ten trees so many times. It is done once: tests only read them."""
    return databases.once(f"planted {times}", lambda: _plant(databases, migrated, times))


def _plant(databases: Databases, migrated: str, times: int) -> Planted:
    async def make() -> Planted:
        url = await databases.create(f"planted_{times}", like=migrated)
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(url))
            return await _plant_ten(url, times)

    planted = asyncio.run(make())
    # Copies of good rows point to rows. SQLite does not look, unless told to; PostgreSQL must be told not to.
    trusting = "SET session_replication_role = replica;" if planted.url.startswith("postgres") else ""
    tamper(planted.url, trusting + "".join(_copies(model, times) for model in GROWING) + "ANALYZE;")
    return planted


async def _plant_ten(url: str, times: int) -> Planted:
    events = EventLog(clock=lambda: NOW, broadcast=Broadcast())
    draft = OperatorDraft(name="Ada", email="ada@studio.example", role=Role.OPERATOR)
    owner = await create_operator(draft, actor="test", events=events)
    token = await create_token(owner.id, Role.OPERATOR, "test", None, actor="test", events=events)
    colleague, workflow, sold = factories.operator(), factories.template(), factories.service()
    kit = Kit(
        code="SOF", name="Start Office", description="", main_service_id=sold.id, active=True, digest=""
    )
    await factories.save(colleague, workflow, sold, kit)
    links = {"template_id": workflow.id, "kit_id": kit.id, "service_id": sold.id}
    rows = [
        row for n in range(TREES) for row in _tree(n, {"owner_id": (owner, colleague)[n % 2].id, **links})
    ]
    await factories.save(*sorted(rows, key=lambda row: GROWING.index(type(row))))
    await factories.store_facts()
    company, parent, *_ = rows
    return Planted(url, token.secret, owner.id, kit.id, company.id, parent.id, times)


def _tree(n: int, links: dict[str, str]) -> Iterator[Row]:
    """Make a parent that has a milestone with a task, and a child; beside them, an action and an item of the inbox."""
    status, of_milestone, of_task = COURSE[n]
    created, due = {"created_at": NOW - timedelta(days=n)}, {"due_on": TODAY + timedelta(days=n - 3)}
    company = factories.company()
    columns = {
        "company_id": company.id,
        "priority": ("LOW", "MEDIUM", "HIGH")[n % 3],
        **links,
        **created,
        **due,
        **status,
    }
    parent = factories.ticket(**columns)
    child = factories.ticket(kind="CHILD", tree_id=parent.id, parent_id=parent.id, position=1, **columns)
    line = factories.line(parent, service_id=links["service_id"], awaits_child=False)
    milestone = factories.milestone(parent, status=of_milestone, **due)
    yield from (company, parent, child, line, milestone)
    yield factories.task(milestone, status=of_task, assignee_id=links["owner_id"], **due)
    yield factories.opportunity(parent, ticket_line_id=line.id, child_ticket_id=child.id)
    yield Action(
        kind="GENERATE_OPPORTUNITIES",
        status=("WAITING", "RUNNING", "COMPLETED")[n % 3],
        item_count=3,
        attention_count=n % 2,
        ticket_id=parent.id,
        company_id=company.id,
        **created,
    )
    yield IntakeItem(
        crm_activity_id=factories.number(),
        status=("WAITING", "RESOLVED")[n % 2],
        reason="NO_KIT",
        explanation="",
        subject="Venduto un kit",
        description="",
        **created,
    )


def _copies(model: type[Row], times: int) -> str:
    """Copy each row of a table, with an id, a code and numbers of its own, until it is there so many times."""
    table = model._meta.db_table
    columns = list(model._meta.fields_db_projection.values())
    written = ", ".join(f'"{one}"' for one in columns)
    read = ", ".join(_in_copy(model, one) for one in columns)
    copies = f"SELECT 1 WHERE {times} > 1 UNION ALL SELECT n + 1 FROM copies WHERE n < {times} - 1"
    numbered = f"WITH RECURSIVE copies(n) AS ({copies})"
    return f'INSERT INTO "{table}" ({written}) {numbered} SELECT {read} FROM "{table}", copies;'


def _in_copy(model: type[Row], column: str) -> str:
    """Return what the n-th copy of a row has in a column."""
    if column in UNIQUE_NUMBERS:
        return f'"{column}" * 100000 + n'
    if column in UNIQUE_TEXTS:
        return f"\"{column}\" || '-' || n"
    if column in ("id", "tree_id") or referenced_model(model, column) in GROWING:
        # Behind the prefix is the instant, which need not be true.
        return f'substr("{column}", 1, 4) || substr(CAST(1000000 + n AS TEXT), 2) || substr("{column}", 11)'
    return f'"{column}"'
