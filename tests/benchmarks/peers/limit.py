"""The limit: bare Starlette, and for each question one statement by hand whose result is the JSON.

No document, no types, no caller, no log: whatever a GraphQL server does comes on top of this.
"""

import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.benchmarks.peers.listening import listen


def _text(column: str) -> str:
    return f"to_json({column})::text"


def _list(row: str, source: str) -> str:
    return (
        f"'[' || (SELECT COALESCE(string_agg(j, ','), '') FROM (SELECT {row} AS j FROM {source}) AS l) || ']'"
    )


def _shown(ticket: str, *more: str) -> str:
    """A ticket with its milestones and tasks; `ticket` is the name of its row."""
    task = (
        f"""'{{"id":"' || t.id || '","title":' || {_text("t.title")} || ',"status":"' || t.status || '"}}'"""
    )
    tasks = _list(task, "task t WHERE t.milestone_id = m.id ORDER BY t.position")
    milestone = f"""'{{"id":"' || m.id || '","title":' || {_text("m.title")} || ',"status":"' || m.status
      || '","tasks":' || {tasks} || '}}'"""
    milestones = _list(milestone, f"milestone m WHERE m.ticket_id = {ticket}.id ORDER BY m.position")
    rest = "".join(f" || {one}" for one in more)
    return f"""'{{"id":"' || {ticket}.id || '","code":' || {_text(f"{ticket}.code")}
      || ',"title":' || {_text(f"{ticket}.title")} || ',"milestones":' || {milestones}{rest} || '}}'"""


_CHILDREN = _list(_shown("c"), "ticket c WHERE c.parent_id = p.id ORDER BY c.position")
_TREE = _shown("p", "',\"children\":'", _CHILDREN)


def _progress(row: str) -> str:
    return f"COALESCE(({row}.finished_task_count::float8 / NULLIF({row}.task_count, 0))::text, 'null')"


_PROGRESSES = _list(
    f"""'{{"id":"' || m.id || '","title":' || {_text("m.title")} || ',"progress":' || {_progress("m")} || '}}'""",
    "milestone m WHERE m.ticket_id = p.id ORDER BY m.position",
)
_ENTRY = f"""'{{"id":"' || p.id || '","code":' || {_text("p.code")} || ',"title":' || {_text("p.title")}
  || ',"progress":' || {_progress("p")} || ',"milestones":' || {_PROGRESSES} || '}}'"""

_COUNT = "'{{\"measure\":{{\"count\":' || (SELECT count(*) FROM {}) || '}}}}'"
_COUNTED = (
    "ticket WHERE kind = 'PARENT' AND status IN ('OPEN', 'IN_PROGRESS')",
    "task WHERE status = 'TODO'",
    "milestone WHERE status = 'IN_PROGRESS'",
    "task WHERE status IN ('TODO', 'IN_PROGRESS') AND due_on < (now() AT TIME ZONE 'Europe/Rome')::date",
)

STATEMENTS = {
    "Q1": f"""SELECT '{{"data":{{"ticket":' || {_TREE} || '}}}}' FROM ticket p WHERE p.id = $1""",
    "Q2": f"""
      WITH p AS (SELECT * FROM ticket WHERE ($1 = '' OR (created_at, id) < (split_part($1, '|', 1)::timestamptz,
        split_part($1, '|', 2))) ORDER BY created_at DESC, id DESC LIMIT 51),
      shown AS (SELECT * FROM p ORDER BY created_at DESC, id DESC LIMIT 50)
      SELECT '{{"data":{{"tickets":{{"nodes":' || {_list(_ENTRY, "shown p ORDER BY p.created_at DESC, p.id DESC")}
        || ',"pageInfo":{{"hasNextPage":' || (SELECT count(*) > 50 FROM p)::text || ',"endCursor":'
        || (SELECT to_json(created_at || '|' || id)::text FROM shown ORDER BY created_at, id LIMIT 1)
        || '}}}}}}}}'""",
    "Q3": f"""
      SELECT '{{"data":{{"tickets":{{"nodes":' || {
        _list(_TREE, "ticket p WHERE p.kind = 'PARENT' ORDER BY p.created_at DESC, p.id DESC LIMIT 20")
    } || '}}}}}}'""",
    "Q4": f"""SELECT '{{"data":{{"kpis":{{"figures":[' || {
        " || ',' || ".join(_COUNT.format(one) for one in _COUNTED)
    } || ']}}}}}}'""",
    "Q5": f"""UPDATE task SET status = 'DONE', finished_at = now() WHERE id = $1
      RETURNING '{{"data":{{"completeTask":{{"task":{{"id":"' || id || '","title":' || {_text("title")}
        || ',"status":"' || status || '"}}}}}}}}'""",
}

_VALUES: Mapping[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]] = {
    "Q1": lambda sent: (sent["id"],),
    "Q2": lambda sent: (sent["after"] or "",),
    "Q3": lambda sent: (),
    "Q4": lambda sent: (),
    "Q5": lambda sent: (sent["id"],),
}


@asynccontextmanager
async def database(app: Starlette) -> AsyncIterator[None]:
    # Connections keep nothing of a request, so that none has to be reset.
    pool = asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=8, max_size=8, reset=_nothing)
    async with pool as app.state.pool:
        yield


async def _nothing(connection: Any) -> None: ...


def answer(question: str) -> Route:
    statement, values = STATEMENTS[question], _VALUES[question]

    async def respond(request: Request) -> Response:
        sent = orjson.loads(await request.body())["variables"]
        found = await request.app.state.pool.fetchval(statement, *values(sent))
        return Response(found, media_type="application/json")

    return Route(f"/{question}", respond, methods=["POST"])


if __name__ == "__main__":
    listen(Starlette(routes=[answer(question) for question in STATEMENTS], lifespan=database))
