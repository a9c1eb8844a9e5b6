"""An instant is taken only where it cannot be mistaken."""

import pytest

from tests.support.factories import save_tree

UNFIT = {
    "without a zone": "2026-11-23T10:00:00",
    "after the last year in UTC": "9999-12-31T23:59:59-01:00",
    "before the first year in UTC": "0001-01-01T00:00:00+01:00",
    "no instant": "yesterday",
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in UNFIT.items()])
@pytest.mark.parametrize(
    ("field", "column"), [("tickets", "createdAt"), ("events", "occurredAt"), ("actions", "createdAt")]
)
async def test_an_unfit_instant_in_a_document_is_refused_with_its_path(execute, field, column, text):
    result = await execute(
        f'{{ {field}(filter: {{not: {{{column}: {{gte: "{text}"}}}}}}) {{ nodes {{ id }} }} }}'
    )

    assert [error.extensions for error in result.errors] == [
        {"code": "BAD_USER_INPUT", "argument": "filter", "path": ["filter", "not", column, "gte"]}
    ]


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in UNFIT.items()])
async def test_an_unfit_instant_in_a_variable_is_refused_with_its_path(execute, text):
    document = "query($filter: TicketFilter) { tickets(filter: $filter) { nodes { id } } }"

    result = await execute(document, filter={"createdAt": {"lt": text}})

    [error] = result.errors
    assert error.extensions == {
        "code": "BAD_USER_INPUT",
        "argument": "filter",
        "path": ["filter", "createdAt", "lt"],
    }


@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-11-23T10:30:00+01:00"]
)
async def test_an_instant_with_its_zone_is_compared(ask, text):
    await save_tree(children=0)

    data = await ask(f'{{ tickets(filter: {{createdAt: {{lt: "{text}"}}}}) {{ nodes {{ id }} }} }}')

    assert len(data["tickets"]["nodes"]) == text.startswith("9999")


@pytest.mark.parametrize("text", ["31/12/2026", "2026-02-30", "2026-07-01T00:00:00Z"])
async def test_an_unfit_day_is_refused_with_its_path_in_a_document_and_in_a_variable(execute, text):
    wanted = f'{{ tickets(filter: {{ dueOn: {{ lt: "{text}" }} }}) {{ nodes {{ id }} }} }}'
    document = "query($day: Date) { tickets(filter: { dueOn: { lt: $day } }) { nodes { id } } }"

    answers = [await execute(wanted), await execute(document, day=text)]

    expected = {"code": "BAD_USER_INPUT", "argument": "filter", "path": ["filter", "dueOn", "lt"]}
    assert [[error.extensions for error in answer.errors] for answer in answers] == [[expected]] * 2


async def test_a_value_of_another_kind_is_refused_with_its_path(execute):
    answer = await execute("{ node(id: {}) { id } }")

    assert [error.extensions for error in answer.errors] == [
        {"code": "BAD_USER_INPUT", "argument": "id", "path": ["id"]}
    ]
