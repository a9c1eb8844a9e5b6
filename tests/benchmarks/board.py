"""The board of figures over more and more history, on both databases: `python -m tests.benchmarks.board [sales...]`.

Sales come in evenly, so more sales are a longer history: the period holds as much work each time.
"""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

import models
from models.database import WRITES, migrate, tortoise_config
from schema import schema
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.factories import NOW, save
from tests.support.postgres_server import running_postgres

SALES = (200, 2_000, 20_000)
GOAL = 3
SALES_A_DAY = 4
AT_ONCE = 100
ROUNDS = 7
OPERATORS, COMPANIES = 8, 40
CHILDREN, MILESTONES, TASKS = 4, 4, 5
DAYS_OF_A_MILESTONE = 7

BOARD = """{
  kpis(lastDays: 30) {
    dataUntil
    figures {
      definition { key }
      measure { value count numerator }
      previous { value }
      trend
      series { from measure { value } }
      exclusions { reason measure { value } }
    }
  }
  load: kpis(lastDays: 30, figures: [{ key: OPEN }, { key: LATE }, { key: FINISHED }]) {
    figures { groups(by: OPERATOR) { key label measure { value } } }
  }
}"""


async def measure_board(numbers_of_sales: Sequence[int] = SALES) -> None:
    with TemporaryDirectory() as folder:
        await _measure("SQLite", SqliteFiles(Path(folder)), numbers_of_sales)
    with running_postgres() as server:
        await _measure("PostgreSQL", PostgresDatabases(server), numbers_of_sales)


async def _measure(kind: str, databases: Databases, numbers_of_sales: Sequence[int]) -> None:
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    print(f"\nThe board of figures, 30 days with series and operators, {kind}: milliseconds of one answer")
    times = []
    for sales in numbers_of_sales:
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(await databases.create(f"board_{sales}")))
            await migrate()
            await _add_history(sales)
            times.append(await _time_of_an_answer())
        print(f"  {sales:>6,} sales {times[-1]:10.1f} ms", flush=True)
        await databases.drop(f"board_{sales}")
    print(f"  from the first to the last {times[-1] / times[0]:5.1f} times (goal: at most {GOAL})")


async def _time_of_an_answer() -> float:
    spent = []
    for _ in range(ROUNDS + 1):
        started = time.perf_counter()
        result = await schema.execute(BOARD, context_value=context_for())
        spent.append((time.perf_counter() - started) * 1000)
        assert result.errors is None, result.errors
    return median(spent[1:])


async def _add_history(sales: int) -> None:
    """Write rows as the use cases leave them, as far as figures look at them."""
    owners = [factories.operator(weekly_hours="40") for _ in range(OPERATORS)]
    customers = [factories.company() for _ in range(COMPANIES)]
    workflow, sold, stream = factories.template(), factories.service(), models.Stream(id="tree")
    await save(*owners, *customers, workflow, sold, stream)
    numbers = count(1)
    for first in range(0, sales, AT_ONCE):
        rows: dict[type, list[Any]] = {}
        for sale in range(first, min(first + AT_ONCE, sales)):
            links = {
                "owner_id": owners[sale % OPERATORS].id,
                "company_id": customers[sale % COMPANIES].id,
                "template_id": workflow.id,
            }
            sold_at = NOW - timedelta(days=(sales - 1 - sale) // SALES_A_DAY)
            for row in _rows_of_sale(sold_at, links, sold.id, stream, numbers):
                rows.setdefault(type(row), []).append(row)
        # Parents come before their children, because a sale yields them in this order.
        await save(*(row for some in rows.values() for row in some))
    client = get_connection(WRITES)
    await client.execute_script("ANALYZE")


def _rows_of_sale(
    sold_at: datetime, links: dict[str, str], service_id: str, stream: models.Stream, numbers: "count[int]"
) -> Iterator[Any]:
    parent = factories.ticket(**links, **_ticket(sold_at, 1))
    children = [
        factories.ticket(
            **links, **_ticket(sold_at, MILESTONES), kind="CHILD", parent_id=parent.id, tree_id=parent.id,
            position=position, service_id=service_id,
        )
        for position in range(1, CHILDREN + 1)
    ]  # fmt: skip
    yield parent
    yield from children
    for ticket in (parent, *children):
        for position in range(1, (1 if ticket is parent else MILESTONES) + 1):
            ends_at = sold_at + timedelta(days=DAYS_OF_A_MILESTONE * position)
            stage = factories.milestone(
                ticket,
                position=position,
                title=f"Fase {position}",
                task_count=TASKS,
                **_dates(ends_at, "milestone"),
            )
            yield stage
            for number in range(1, TASKS + 1):
                done_at = ends_at - timedelta(days=TASKS - number) + timedelta(hours=next(numbers) % 60 - 30)
                columns = _dates(done_at, "task")
                task = factories.task(stage, position=number, assignee_id=links["owner_id"], **columns)
                yield task
                if columns.get("finished_at"):
                    yield factories.event(stream, next(numbers), entity_id=task.id, occurred_at=done_at)


def _ticket(sold_at: datetime, milestones: int) -> dict[str, Any]:
    ends_at = sold_at + timedelta(days=DAYS_OF_A_MILESTONE * milestones)
    return {**_dates(ends_at, "ticket"), "starts_on": sold_at.date(), "created_at": sold_at}


_FINISH = {
    "ticket": ("CLOSED", "IN_PROGRESS", "closed_at", "first_closed_at"),
    "milestone": ("COMPLETED", "IN_PROGRESS", "completed_at", "first_completed_at"),
    "task": ("DONE", "TODO", "finished_at", "first_finished_at"),
}


def _dates(ends_at: datetime, what: str) -> dict[str, Any]:
    """What ends in the past is finished, and what is due today or later is open. One in eight is a day late."""
    finished, unfinished, latest, first = _FINISH[what]
    due_on = ends_at.date() - timedelta(days=ends_at.hour % 8 == 0)
    dates = {"due_on": due_on, "original_due_on": due_on}
    if ends_at <= NOW:
        return {**dates, "status": finished, latest: ends_at, first: ends_at}
    return {**dates, "status": unfinished, "yellow_on": due_on, "red_on": due_on + timedelta(days=3)}


if __name__ == "__main__":
    asyncio.run(measure_board([int(word) for word in sys.argv[1:]] or SALES))
