"""The data that all servers read: written through the hub's own schema, once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.queryset import QuerySet

import models
from models.database import WRITES
from server.wiring import open_hub
from services.kpis.days import DayKeeper
from services.operators import create_token
from services.vocabulary import Role
from tests.benchmarks.long_history import lengthen, write_weeks
from tests.benchmarks.peers.questions import Subjects
from tests.benchmarks.peers.servers import HUB, LIMIT, MERCURIUS, POSTGRAPHILE, STRAWBERRY, YOGA, Place
from tests.support.databases import Databases
from tests.support.hub import add_operator, settings_for
from tests.support.sandbox_process import running_sandbox

CLIENTS = 16
PARENTS = 20
MILESTONES, TASKS = 4, 5
COMPLETED = 2_000
"""Tasks that each peer completes, again and again. The hub completes each open task once."""

# What PostGraphile may see; it makes its schema from views, their comments and functions.
VIEWS = """
CREATE SCHEMA peers;
CREATE VIEW peers.ticket AS SELECT id, code, title, kind, parent_id, position, created_at, task_count,
  finished_task_count FROM public.ticket;
CREATE VIEW peers.milestone AS SELECT id, title, status, ticket_id, position, task_count, finished_task_count
  FROM public.milestone;
CREATE VIEW peers.task AS SELECT id, title, status, milestone_id, position, finished_at FROM public.task;
COMMENT ON VIEW peers.ticket IS E'@primaryKey id\\n'
  '@foreignKey (parent_id) references peers.ticket (id)|@fieldName parent|@foreignFieldName children';
COMMENT ON VIEW peers.milestone IS E'@primaryKey id\\n'
  '@foreignKey (ticket_id) references peers.ticket (id)|@foreignFieldName milestones';
COMMENT ON VIEW peers.task IS E'@primaryKey id\\n'
  '@foreignKey (milestone_id) references peers.milestone (id)|@foreignFieldName tasks';
CREATE FUNCTION peers.ticket_progress(one peers.ticket) RETURNS float8 LANGUAGE sql STABLE AS
  'SELECT one.finished_task_count::float8 / NULLIF(one.task_count, 0)';
CREATE FUNCTION peers.milestone_progress(one peers.milestone) RETURNS float8 LANGUAGE sql STABLE AS
  'SELECT one.finished_task_count::float8 / NULLIF(one.task_count, 0)';
CREATE TYPE peers.counts AS (open_parents int, backlog_tasks int, milestones_in_progress int, late_tasks int);
CREATE FUNCTION peers.kpis() RETURNS peers.counts LANGUAGE sql STABLE AS $$
  SELECT (SELECT count(*)::int FROM public.ticket WHERE kind = 'PARENT' AND status IN ('OPEN', 'IN_PROGRESS')),
    (SELECT count(*)::int FROM public.task WHERE status = 'TODO'),
    (SELECT count(*)::int FROM public.milestone WHERE status = 'IN_PROGRESS'),
    (SELECT count(*)::int FROM public.task WHERE status IN ('TODO', 'IN_PROGRESS')
      AND due_on < (now() AT TIME ZONE 'Europe/Rome')::date) $$;
"""


@dataclass(frozen=True)
class Stage:
    """A database with so many sales, a CRM that holds nothing, and who may ask for what."""

    place: Place
    subjects: Subjects
    tokens: Sequence[str]


@asynccontextmanager
async def staged(databases: Databases, sales: int, folder: Path, core: int) -> AsyncIterator[Stage]:
    with running_sandbox(folder / "crm.sqlite3") as sandbox:
        await sandbox.empty()
        place = Place(await databases.create(f"sales_{sales}"), sandbox.crm, core, folder / "log.txt")
        # Tortoise keeps the words of its inserts by table, in the dialect that came first.
        EXECUTOR_CACHE.clear()
        async with open_hub(settings_for(place.database_url, sandbox)) as hub:
            bea = await add_operator(hub.events, "Bea")
            tokens = [
                await create_token(
                    bea.id, Role.OPERATOR, f"client {n}", None, actor=bea.id, events=hub.events
                )
                for n in range(CLIENTS)
            ]
            await write_weeks(milestones=MILESTONES, tasks=TASKS)
            await lengthen(sales)
            # Else the hub would do it while it is measured.
            await DayKeeper(hub.events, hub.calendar).keep()
            if not place.database_url.startswith("sqlite"):
                await get_connection(WRITES).execute_script(VIEWS)
            subjects = await _subjects()
        yield Stage(place, subjects, [one.secret for one in tokens])
        await databases.drop(f"sales_{sales}")


async def _subjects() -> Subjects:
    parents = models.Ticket.filter(kind="PARENT").order_by("-created_at").limit(PARENTS)
    open_tasks = models.Task.filter(status__in=["TODO", "IN_PROGRESS"]).order_by("-id")
    peers = (LIMIT, MERCURIUS, POSTGRAPHILE, YOGA, STRAWBERRY)
    finished = await _ids(models.Task.filter(status="DONE").order_by("id").limit(COMPLETED * len(peers)))
    tasks = {peer: cycle(finished[place :: len(peers)]) for place, peer in enumerate(peers)}
    return Subjects(await _ids(parents), {HUB: iter(await _ids(open_tasks)), **tasks})


async def _ids(rows: QuerySet[Any]) -> list[str]:
    return [str(one) for one in await rows.values_list("id", flat=True)]
