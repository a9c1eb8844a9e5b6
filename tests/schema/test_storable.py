"""A text that no database can hold is refused with the argument's name, wherever it stands."""

import pytest

from services.vocabulary import Role
from tests.schema.conftest import context_for

CASES = [
    pytest.param('{ node(id: "a\\u0000b") { id } }', {}, "id", id="an id"),
    pytest.param(
        'mutation { waiveTask(taskId: "x", reason: "per\\u0000ché") { problems { code } } }',
        {},
        "reason",
        id="a reason",
    ),
    pytest.param(
        "mutation ($why: String!) { waiveTask(taskId: 1, reason: $why) { problems { code } } }",
        {"why": "\0"},
        "reason",
        id="a reason in a variable",
    ),
    pytest.param(
        '{ tickets(first: 1, filter: { code: { in: ["TCK", "T\\u0000"] } }) { nodes { id } } }',
        {},
        "filter.code.in.1",
        id="a filter",
    ),
    pytest.param(
        "query ($f: TicketFilter) { tickets(first: 1, filter: $f) { nodes { id } } }",
        {"f": {"or": [{"code": {"eq": "\ud83d"}}]}},
        "filter.or.0.code.eq",
        id="half a surrogate pair in a filter",
    ),
    pytest.param(
        'query ($id: ID! = "\\u0000") { node(id: $id) { id } }', {}, "id", id="a variable's default value"
    ),
]


@pytest.mark.parametrize(("document", "variables", "argument"), CASES)
async def test_a_text_that_cannot_be_stored_is_refused_by_the_argument_s_path(
    execute, document, variables, argument
):
    result = await execute(document, context=context_for(Role.OPERATOR), **variables)

    [error] = result.errors
    assert error.extensions["code"] == "BAD_USER_INPUT"
    assert error.extensions["path"] == argument.split(".")
