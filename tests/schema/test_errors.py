import pytest
from structlog.testing import capture_logs

from resolvers.context import Context
from services.errors import Refusal
from tests.schema.conftest import context_for


class Closed(Refusal):
    """We do not open today."""

    code = "CLOSED"


def raising(error: Exception) -> Context:
    """A context whose clock raises an error."""

    def clock():
        raise error

    context = context_for()
    context.clock = clock
    return context


DUE = "query($filter: TicketFilter) { tickets(filter: $filter) { nodes { id } } }"
READ = '{ ticket(code: "TCK-X-1-00") { id } }'


async def test_a_bug_shows_an_id_and_is_logged_whole_under_it(execute):
    secret = "postgres://hub:hunter2@db"

    with capture_logs() as logs:
        result = await execute(READ, context=raising(ValueError(secret)))

    shown = result.errors[0].formatted
    assert shown["extensions"]["code"] == "INTERNAL"
    assert secret not in str(shown)
    [entry] = [log for log in logs if log["event"] == "graphql_failed"]
    assert entry["error_id"] == shown["extensions"]["id"]
    assert str(entry["exc_info"]) == secret


async def test_a_refusal_of_a_query_is_an_error_with_its_code(execute):
    result = await execute(READ, context=raising(Closed("Come back tomorrow.")))

    shown = result.errors[0].formatted
    assert (shown["extensions"]["code"], shown["message"]) == ("CLOSED", "Come back tomorrow.")
    assert shown["path"] == ["ticket"]


def nested(depth: int) -> dict:
    inner: dict = {}
    for _ in range(depth):
        inner = {"not": inner}
    return inner


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        pytest.param("{ ticket(", {}, "GRAPHQL_PARSE_FAILED", id="no document"),
        pytest.param("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED", id="unknown field"),
        pytest.param(
            "query($n: Int!) { tickets(first: $n) { nodes { id } } }", {}, "BAD_USER_INPUT", id="no variable"
        ),
        pytest.param(
            "query($n: Int) { tickets(first: $n) { nodes { id } } }",
            {"n": 2**40},
            "BAD_USER_INPUT",
            id="a number beyond 32 bits",
        ),
        pytest.param(DUE, {"filter": {"dueOn": {"lt": "soon"}}}, "BAD_USER_INPUT", id="no date"),
        pytest.param(DUE, {"filter": {"createdAt": {"lt": "1"}}}, "BAD_USER_INPUT", id="no instant"),
        pytest.param(DUE, {"filter": nested(2000)}, "BAD_USER_INPUT", id="a filter in a filter in a filter"),
    ],
)
async def test_a_caller_learns_what_is_wrong_with_the_request(execute, document, variables, code):
    result = await execute(document, **variables)

    assert result.data is None
    assert [error.extensions["code"] for error in result.errors] == [code]


async def test_an_error_takes_one_short_line_of_the_log(execute):
    with capture_logs() as logs:
        await execute("{ " + "x" * 5000 + " }")

    [entry] = logs
    assert entry["event"] == "graphql_refused"
    assert len(str(entry)) < 500
