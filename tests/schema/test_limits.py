import time

import pytest
from graphql import get_introspection_query, parse

from schema import schema
from schema.limits import LimitExceeded, check_limits

ALLOWED = {
    "what GraphiQL asks first": get_introspection_query(),
    "fifteen levels": "{" + "ticket{parent{" * 7 + "id" + "}}" * 7 + "}",
    "thirty aliases": "{" + " ".join(f"a{n}: __typename" for n in range(30)) + "}",
    "a key twenty times": "{" + "__typename " * 20 + "}",
    "a fragment that spreads itself": "{ ...A } fragment A on Query { viewer { name } ...A }",
}

DOUBLING = "{ ...F0 }" + "".join(
    f" fragment F{n} on Query {{ a: node(id: 1) {{ ...F{n + 1} }} b: node(id: 1) {{ ...F{n + 1} }} }}"
    for n in range(12)
)

REFUSED = {
    "sixteen levels": "{" + "ticket{parent{" * 7 + "parent{id}" + "}}" * 7 + "}",
    "levels hidden in fragments": "{ ...F0 }"
    + "".join(f" fragment F{n} on Ticket {{ parent {{ ...F{n + 1} }} }}" for n in range(16))
    + " fragment F16 on Ticket { id }",
    "fragments that double and double": DOUBLING + " fragment F12 on Query { __typename }",
    "aliases": "{" + " ".join(f"a{n}: __typename" for n in range(31)) + "}",
    "one key again and again": "{" + "__typename " * 21 + "}",
    "directives": "{ __typename " + "@skip(if: false) " * 9 + "}",
    "operations": " ".join(f"query Q{n} {{ __typename }}" for n in range(11)),
    "fragments": "{ __typename }" + "".join(f" fragment F{n} on Query {{ __typename }}" for n in range(51)),
    "variables": "query(" + " ".join(f"$v{n}: Int" for n in range(101)) + ") { __typename }",
}


@pytest.mark.parametrize("document", [pytest.param(text, id=name) for name, text in ALLOWED.items()])
def test_lets_an_honest_document_through(document):
    check_limits(parse(document))


@pytest.mark.parametrize("document", [pytest.param(text, id=name) for name, text in REFUSED.items()])
def test_refuses_a_document_that_is_too_large(document):
    with pytest.raises(LimitExceeded):
        check_limits(parse(document))


@pytest.mark.parametrize(
    ("document", "code"),
    [
        pytest.param(REFUSED["aliases"], "LIMIT_EXCEEDED", id="aliases"),
        pytest.param("{" + "__typename(a:1 a:1) " * 5000 + "}", "GRAPHQL_PARSE_FAILED", id="tokens"),
        pytest.param("{a" * 900 + "}" * 900, "GRAPHQL_PARSE_FAILED", id="nesting beyond what can be parsed"),
        pytest.param("{ ticket(id: " + "[" * 1900 + ") }", "GRAPHQL_PARSE_FAILED", id="lists in lists"),
    ],
)
async def test_a_hostile_document_is_answered_soon_and_with_a_code(execute, document, code):
    started = time.monotonic()

    result = await execute(document)

    assert [error.extensions["code"] for error in result.errors] == [code]
    assert time.monotonic() - started < 3


async def test_the_verdict_on_a_document_is_kept(execute, monkeypatch):
    await execute("{ viewer { name role } }")
    monkeypatch.setattr("schema.limits.check_document", None)

    result = await execute("{ viewer { name role } }")

    assert result.errors is None


def test_the_schema_answers_through_these_limits():
    assert {type(extension).__name__ for extension in schema.get_extensions()} >= {
        "MaxTokensLimiter",
        "KnownDocuments",
        "LimitedValidation",
        "BoundedReads",
    }
