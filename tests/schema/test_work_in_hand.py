"""Lists of what is open, where nearly all that there is was finished long ago."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import get_named_type

from schema import schema
from server.metrics import Metrics
from services.events import Broadcast, EventLog
from tests.support.asgi_client import AsgiClient, application
from tests.support.databases import tamper
from tests.support.factories import NOW
from tests.support.planted_trees import plant
from tests.support.query_plans import rows_read, steps_of, tables_read_whole

PAGE = 50
MOST_READ = 600
"""As many rows of a table as are open in any way; of each there are ten thousand."""

THE_CALLERS = {"operator", "token"}
"""There is one of each here. The second statement of a caller looks at them, too."""

OF_A_TABLE = re.compile(r"(SEARCH|SCAN) t\d+ USING")
BY_ID = re.compile(r"\(id=\?\)$")
"""Reads the rows of the page, once they are found."""

OF_A_STATE = re.compile(r"\((status|ready|blocked)=\?|USING INDEX idx_\w+_(ready|blocked)_")

STATES = {
    "tickets": ["status: {eq: OPEN}", "status: {in: [OPEN, IN_PROGRESS]}"],
    "tasks": [
        "status: {eq: TODO}",
        "status: {in: [TODO, IN_PROGRESS]}",
        "ready: {eq: true}",
        "blocked: {eq: true}",
    ],
    "milestones": [
        "status: {eq: PLANNED}",
        "status: {in: [PLANNED, IN_PROGRESS]}",
        "blocked: {eq: true}",
    ],
    "opportunities": ["status: {eq: WON}", "status: {in: [LOST, WON]}"],
    "actions": ["status: {eq: RUNNING}", "status: {in: [WAITING, RUNNING]}"],
    "intakeItems": ["status: {eq: WAITING}"],
}
OPEN_TREES = "substr(id, 5, 6) BETWEEN '000001' AND '000030'"
"""Of each kind of tree these copies stay as they are."""

FINISHED = f"""
UPDATE ticket SET status = 'CLOSED', closed_at = created_at WHERE NOT {OPEN_TREES};
UPDATE milestone SET status = 'COMPLETED' WHERE NOT {OPEN_TREES};
UPDATE milestone SET blocked = TRUE WHERE {OPEN_TREES};
UPDATE task SET status = 'DONE', ready = FALSE WHERE NOT {OPEN_TREES};
UPDATE task SET blocked = TRUE WHERE {OPEN_TREES};
UPDATE opportunity SET status = 'WON' WHERE {OPEN_TREES};
UPDATE action SET status = 'COMPLETED', finished_at = created_at WHERE NOT {OPEN_TREES};
UPDATE intake_item SET status = 'RESOLVED' WHERE NOT {OPEN_TREES};
ANALYZE;
"""


def questions() -> Iterator[Any]:
    for name, conditions in STATES.items():
        orders = get_named_type(schema._schema.query_type.fields[name].args["orderBy"].type)
        for condition in conditions:
            for order in orders.values:
                query = (
                    f"{{ {name}(filter: {{{condition}}}, orderBy: {order}, first: {PAGE})"
                    " { nodes { id } pageInfo { endCursor } } }"
                )
                yield pytest.param(name, query, id=f"{name}, {condition}, {order}")


@pytest.fixture(scope="module")
def finished(databases, migrated_database):
    """Ten thousand trees of which three hundred are open."""
    planted = plant(databases, migrated_database, times=1000)
    tamper(asyncio.run(databases.create("finished", like="planted_1000")), FINISHED)
    return planted


@pytest.fixture
def database_url(databases, finished):
    """The planted database itself: these tests only read it."""
    return databases.url("finished")


@pytest.fixture
def caller(db, finished):
    metrics = Metrics()
    app = application(EventLog(clock=lambda: NOW, broadcast=Broadcast()), metrics)
    return AsgiClient(app, metrics, finished.secret)


@pytest.mark.parametrize(("name", "query"), list(questions()))
async def test_a_list_of_what_is_open_reads_what_is_open(database_url, caller, sent, name, query):
    first = await caller.post({"query": query})
    place = first.json["data"][name]["pageInfo"]["endCursor"]
    second = await caller.post({"query": query.replace("first:", f'after: "{place}", first:')})

    assert len(first.json["data"][name]["nodes"]) == PAGE
    assert "errors" not in second.json
    assert len(sent) == 2
    for words, values in tuple(sent):
        if database_url.startswith("sqlite"):
            read = [step for step in await steps_of(words, values) if OF_A_TABLE.match(step)]
            found = [step for step in read if not BY_ID.search(step)]
            assert found
            assert await tables_read_whole(words, values) - THE_CALLERS == set()
            assert [step for step in found if not OF_A_STATE.search(step)] == []
        else:
            for plan in ("force_custom_plan", "force_generic_plan"):
                assert await rows_read(words, values, plan=plan) <= MOST_READ, plan


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.only_on("postgres")
async def test_control_what_has_no_such_index_is_looked_for_among_all(db, plan):
    words = 'SELECT * FROM "task" WHERE "status" = $1 ORDER BY "position", "id" LIMIT 50'

    assert await rows_read(words, ["DONE"], plan=plan) > MOST_READ
