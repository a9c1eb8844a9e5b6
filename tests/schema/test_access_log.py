"""What is written about operators and tokens is read by administrators alone."""

import pytest

from models import Event
from services.operators import OperatorDraft, create_operator
from services.vocabulary import Role
from tests.schema.conftest import context_for

WAYS = {
    "in the list": "{ events { totalCount nodes { kind } } }",
    "by a filter": '{ events(filter: {streamId: {eq: "access"}}) { totalCount nodes { kind } } }',
    "by the kind": '{ events(filter: {or: [{entity: {eq: "Operator"}}]}) { totalCount nodes { kind } } }',
    "by its id": '{ node(id: "%s") { ... on Event { kind after } } }',
    "among ids": '{ nodes(ids: ["%s"]) { ... on Event { kind after } } }',
}


@pytest.fixture
async def event(db):
    draft = OperatorDraft(name="Ada", email="ada@studio.example", role=Role.OPERATOR)
    await create_operator(draft, actor="test", events=context_for().events)
    return await Event.get(stream_id="access")


@pytest.mark.parametrize("document", [pytest.param(text, id=name) for name, text in WAYS.items()])
@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
async def test_other_roles_do_not_find_it(execute, event, role, document):
    result = await execute(document.replace("%s", event.id), context_for(role))

    assert result.errors is None
    assert "OPERATOR_CREATED" not in str(result.data)
    assert result.data.get("events", {"totalCount": 0})["totalCount"] == 0


@pytest.mark.parametrize("document", [pytest.param(text, id=name) for name, text in WAYS.items()])
async def test_an_administrator_finds_it(execute, event, document):
    result = await execute(document.replace("%s", event.id), context_for(Role.ADMIN))

    assert result.errors is None
    assert "OPERATOR_CREATED" in str(result.data)
