"""What an operation may cost, stated before it runs and bounded while it does."""

import pytest

from schema.cost import COST_LIMIT
from tests.support.factories import save_tickets, save_tree

CYCLES = "{tickets{nodes{" + "milestones{tasks{ticket{" * 4 + "id" + "}}}" * 4 + "}}}"
ENDLESS = (
    "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
    " SELECT max(i) FROM n) > 0"
)
TREES = "{tickets(first:%d){nodes{milestones{tasks{id}}children{milestones{tasks{id}}}}}}"

COSTS = {
    "nothing of a list": ("{viewer{name}}", 1),
    "a page of twenty-five": ("{tickets{nodes{id}}}", 25),
    "a page of a hundred": ("{tickets(first:100){nodes{id}}}", 100),
    "entries and their edges": ("{tickets(first:2){nodes{id}edges{node{id}}}}", 4),
    "one row below each": ("{tickets(first:10){nodes{owner{name}company{name}}}}", 30),
    "aliases": ("{a:tickets(first:10){nodes{id}}b:tickets(first:10){nodes{id}}}", 20),
    "a page below a page": ("{tickets(first:10){nodes{events(first:5){nodes{id}}}}}", 60),
    "things by their ids": ('{nodes(ids:["tck_1","tck_2","tck_3"]){id}}', 3),
    "one whole tree": (
        "{tickets(first:1){nodes{milestones{tasks{id}}children{milestones{tasks{id}}}}}}",
        2993,
    ),
    "a fragment": ("{tickets(first:1){nodes{...A}}}fragment A on Ticket{milestones{id}}", 7),
    "what is skipped": ("{tickets(first:1){nodes{id milestones@skip(if:true){id}}}}", 1),
}


@pytest.mark.parametrize(("document", "cost"), [pytest.param(*case, id=name) for name, case in COSTS.items()])
async def test_an_answer_says_what_was_asked_for(execute, document, cost):
    result = await execute(document)

    reported = result.extensions["cost"]
    assert (reported["requested"], reported["limit"]) == (cost, 75_000)
    assert set(reported) == {"requested", "limit", "statements", "milliseconds"}


async def test_an_answer_says_how_many_statements_it_took(execute):
    await save_tree(children=1)

    result = await execute("{ tickets { nodes { milestones { tasks { id } } } } }")

    assert result.extensions["cost"]["statements"] == 3


async def test_variables_count_as_their_values(execute):
    document = "query($first: Int = 3) { tickets(first: $first) { nodes { id } } }"

    costs = [
        (await execute(document, **given)).extensions["cost"]["requested"] for given in ({}, {"first": 50})
    ]

    assert costs == [3, 50]


@pytest.mark.parametrize(
    "document",
    [pytest.param(CYCLES, id="four times around"), pytest.param(TREES % 100, id="a hundred whole trees")],
)
async def test_an_operation_that_costs_too_much_is_refused_before_anything_runs(
    execute, statements, document
):
    await save_tree(children=1)

    result = await execute(document)

    [error] = result.errors
    assert result.data is None
    assert error.extensions["code"] == "COST_EXCEEDED"
    assert error.extensions["limit"] == COST_LIMIT < error.extensions["requested"]
    assert str(error.extensions["requested"]) in error.message
    assert str(COST_LIMIT) in error.message
    assert error.path is None
    assert statements == []


async def test_twenty_whole_trees_are_within_the_limit(execute):
    result = await execute(TREES % 20)

    assert result.errors is None


async def test_an_answer_with_too_many_entries_is_refused(execute, monkeypatch):
    """Each task shows its ticket with all that is in it: few rows, and many entries."""
    monkeypatch.setattr("services.reads.reader.MOST_ENTRIES", 100)
    await save_tree(children=1, milestones=3, tasks=4)
    around = "{tickets(first:2){nodes{milestones{tasks{ticket{milestones{tasks{id}}}}}}}}"

    result = await execute(around)

    [error] = result.errors
    assert error.extensions["code"] == "RESULT_TOO_LARGE"
    assert "100" in error.message


async def test_a_read_that_takes_too_long_ends_in_an_error(execute, monkeypatch):
    monkeypatch.setattr("services.reads.reader.READ_SECONDS", 0.3)
    monkeypatch.setattr("services.reads.apart.to_sql", lambda *_: ENDLESS)
    await save_tickets({})

    result = await execute("{ tickets { nodes { id } } }")

    [error] = result.errors
    assert error.extensions["code"] == "READ_TIMEOUT"
