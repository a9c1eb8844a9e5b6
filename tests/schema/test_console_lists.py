"""The console's lists, where there are ten ticket trees and where there are ten thousand: what they read, and how."""

import re
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from typing import Any

import pytest
from graphql import OperationType

from schema import schema
from server.metrics import Metrics
from services.events import Broadcast, EventLog
from services.live import Pulse
from services.vocabulary import Priority, Role, TicketStatus
from tests.schema.conftest import context_for
from tests.support.asgi_client import AsgiClient, application
from tests.support.console_documents import documents
from tests.support.factories import NOW, TODAY
from tests.support.planted_trees import GROWING, TREES, Planted, plant
from tests.support.query_plans import tables_read_whole
from tests.support.repository import ROOT

Variables = dict[str, Any]

MANY = 1000
QUERIES = dict(documents(OperationType.QUERY))
PULSE = dict(documents(OperationType.SUBSCRIPTION))["Pulse"]
PAGE = {"first": 50, "after": None, "count": True}
TEXT = {"text": "in"}

STATEMENTS = {
    "ActionsHere": 1,
    "CrmErrors": 1,
    # The rows, and how many there are.
    "Inbox": 2,
    "IntakeChoices": 1,
    "NextTask": 1,
    "RecentTickets": 1,
    # One for each of five kinds, and what the page shows of those that it found.
    "Search": 6,
    "TicketCount": 1,
    "TicketFacets": 1,
    "Tickets": 1,
    "TodoTasks": 1,
}

LARGE = {model._meta.db_table for model in GROWING}


def asked_of(query: str, planted: Planted) -> Mapping[str, Variables]:
    """Return what the console asks with a query: the variables, by what they mean."""
    match query:
        case "TodoTasks":
            return {name: {"filter": one, **PAGE} for name, one in _of_tasks(planted)}
        case "Tickets":
            return {
                f"{name}, {order}": {"filter": one, "orderBy": order, **PAGE}
                for name, one in _of_tickets(planted)
                for order in ORDERS
            }
        case "TicketCount":
            return {name: {"filter": one} for name, one in _of_tickets(planted)}
        case "Inbox" | "CrmErrors":
            return {"a page": PAGE}
        case "Search":
            return {"a word": {"text": "Office"}}
        case "ActionsHere":
            return {"a tree": {"ids": [planted.parent]}}
    return {"all": {}}


VIEWS: dict[str, Variables] = {
    "mine": {"assignee": {"isMe": True}, "ready": {"eq": True}},
    "team": {"ready": {"eq": True}},
    "late": {"late": {"eq": True}},
}


def _of_tasks(planted: Planted) -> Iterator[tuple[str, Variables]]:
    """Yield each view of Da fare, as it is and with each filter that narrows it."""
    kit, urgent = {"kitId": {"eq": planted.kit}}, {"priority": {"eq": Priority.HIGH}}
    narrowed = {
        "all": {},
        "text": TEXT,
        "assignee": {"assigneeId": {"eq": planted.owner}},
        "kit": {"ticket": kit},
        "priority": {"ticket": urgent},
        "kit and priority": {"ticket": {**kit, **urgent}},
    }
    for view, own in VIEWS.items():
        for name, more in narrowed.items():
            yield f"{view}, {name}", {**own, **more}


ORDERS = ("DUE_ON_ASC", "DUE_ON_DESC", "CODE_ASC", "CREATED_AT_ASC", "CREATED_AT_DESC", "CLOSED_AT_DESC")
WORKING = {"status": {"in": [TicketStatus.OPEN, TicketStatus.IN_PROGRESS]}}


def _of_tickets(planted: Planted) -> Iterator[tuple[str, Variables]]:
    """Yield each filter of the list of tickets."""
    parents = {"kind": {"eq": "PARENT"}}
    yield "parents", parents
    yield "children", {"kind": {"eq": "CHILD"}}
    yield "all", {}
    for status in TicketStatus:
        yield status, {**parents, "status": {"eq": status}}
    yield "working", {**parents, **WORKING}
    yield "late", {**parents, **WORKING, "dueOn": {"lt": TODAY.isoformat()}}
    yield "owner", {**parents, "ownerId": {"eq": planted.owner}}
    yield "kit", {**parents, "kitId": {"eq": planted.kit}}
    yield "text", {**parents, **TEXT}


@pytest.fixture
def planted(databases, migrated_database, request):
    return plant(databases, migrated_database, times=request.param)


@pytest.fixture
def database_url(planted):
    """The planted database itself: these tests only read it."""
    return planted.url


@pytest.fixture
def caller(db, planted):
    metrics = Metrics()
    app = application(EventLog(clock=lambda: NOW, broadcast=Broadcast()), metrics)
    return AsgiClient(app, metrics, planted.secret)


async def answered(caller: AsgiClient, query: str, variables: Variables) -> Any:
    answer = (await caller.ask(QUERIES[query], **variables)).json
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.mark.parametrize("query", STATEMENTS)
@pytest.mark.parametrize("planted", [1, MANY], ids=["ten", "ten thousand"], indirect=True)
async def test_a_list_takes_as_many_statements_for_ten_trees_as_for_ten_thousand(
    caller, planted, statements, query
):
    taken = {}
    for name, variables in asked_of(query, planted).items():
        statements.clear()
        await answered(caller, query, variables)
        taken[name] = len(statements)

    assert taken == dict.fromkeys(taken, STATEMENTS[query])


@pytest.mark.parametrize("planted", [1, MANY], ids=["ten", "ten thousand"], indirect=True)
async def test_the_badges_take_as_many_statements_for_ten_trees_as_for_ten_thousand(db, planted, statements):
    pulse = Pulse(Broadcast(), today=lambda: TODAY)
    context = context_for(Role.OPERATOR, operator_id=planted.owner, pulse=pulse)

    async with aclosing(await schema.stream(PULSE, context_value=context)) as items:
        first = await anext(items)

    assert first.errors is None
    assert first.data["pulse"]["work"]["team"] > 0
    # When the last change was, what else is new, and the counts.
    assert len(statements) == 3


@pytest.mark.parametrize("planted", [1, MANY], ids=["ten", "ten thousand"], indirect=True)
async def test_each_view_and_filter_of_these_lists_finds_something(caller, planted):
    found = {
        (query, name): (await answered(caller, query, variables))[root]["totalCount"]
        for query, root in (("TodoTasks", "tasks"), ("TicketCount", "tickets"))
        for name, variables in asked_of(query, planted).items()
    }

    trees = TREES * planted.times
    assert found["TicketCount", "parents"] == found["TicketCount", "children"] == trees
    assert [which for which, total in found.items() if total < trees / 10] == []


@pytest.mark.parametrize("query", sorted(STATEMENTS.keys() - {"Search", "TicketCount"}))
@pytest.mark.parametrize("planted", [MANY], ids=["ten thousand"], indirect=True)
async def test_no_page_of_a_list_reads_a_large_table_whole(caller, planted, sent, query):
    """Without a text, whose words may stand anywhere, and without a count, which may be of most rows that there are."""
    for name, variables in asked_of(query, planted).items():
        if "text" in variables.get("filter", {}):
            continue
        sent.clear()
        await answered(caller, query, {**variables, **({"count": False} if "count" in variables else {})})

        assert sent
        for words, values in tuple(sent):
            assert await tables_read_whole(words, values) & LARGE == set(), (name, words)


@pytest.mark.parametrize("planted", [MANY], ids=["ten thousand"], indirect=True)
async def test_control_a_list_without_an_index_reads_a_large_table_whole(db, planted):
    words = 'SELECT "t1".* FROM (SELECT * FROM "ticket" AS "t1" ORDER BY "t1"."notes" LIMIT 50) AS "t1"'

    assert await tables_read_whole(words, []) == {"ticket"}


def test_these_are_the_filters_and_orders_that_the_console_offers():
    planted = Planted("", "", "owner", "kit", "company", "parent", 1)
    screens = ROOT / "console" / "src" / "screens"
    tickets = (screens / "tickets" / "search.ts").read_text()
    tasks = (screens / "dafare" / "search.ts").read_text()

    assert set(re.findall(r"'([A-Z_]+_(?:ASC|DESC))'", tickets)) == set(ORDERS)
    assert set(re.findall(r"filter\.(\w+) = ", tickets)) == {
        field for _, one in _of_tickets(planted) for field in one
    }
    assert set(re.findall(r"(\w+): \{ (?:eq|isMe):", tasks)) | {"ticket", "text"} == {
        field for _, one in _of_tasks(planted) for field in (*one, *one.get("ticket", {}))
    }
