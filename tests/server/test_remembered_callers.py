"""Callers whose token was looked up before: the statement that reads the answer also finds out who they are by now."""

import pytest

import models
from services.events import Broadcast, EventLog
from services.operators import change_operator, revoke_token
from services.reads.compiled import Exists
from services.vocabulary import Role
from tests.support import factories
from tests.support.asgi_client import client_maker
from tests.support.factories import NOW
from tests.support.sent_statements import sent_statements

TICKETS = "{ tickets { nodes { id } } }"
"""A query that is compiled."""

ACCESS = "{ events(first: 100) { nodes { kind } } }"
"""What it shows depends on the caller's role: a viewer does not see who got a token."""


@pytest.fixture
def sent():
    with sent_statements() as sent:
        yield sent


@pytest.fixture
def events(sent, db):
    return EventLog(clock=lambda: NOW, broadcast=Broadcast())


@pytest.fixture
async def caller(events):
    """One of two administrators, whom the application knows from the request before."""
    await factories.save_tree(children=0)
    arrive = client_maker(events)
    await arrive(Role.ADMIN)
    caller = await arrive(Role.ADMIN)
    assert await tickets_of(caller)
    return caller


async def tickets_of(caller):
    return (await caller.ask(TICKETS)).json["data"]["tickets"]["nodes"]


async def the_token():
    return await models.Token.all().order_by("-id").first()


async def revoke(events):
    await revoke_token((await the_token()).id, actor="test", events=events)


async def give(role, events):
    token = await the_token()
    await change_operator(token.operator_id, {"role": role}, actor="test", events=events)


async def sees_access(caller):
    answer = (await caller.ask(ACCESS)).json
    return any(event["kind"] == "TOKEN_CREATED" for event in answer["data"]["events"]["nodes"])


def reads(sent):
    return [one for one in sent if one.lstrip().startswith("SELECT")]


async def test_a_caller_who_is_known_costs_no_statement(caller, sent):
    sent.clear()

    assert await tickets_of(caller)

    assert len(reads(sent)) == 1
    assert caller.count("compiled") == 2


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(TICKETS, id="a compiled query"),
        pytest.param("{ viewer { name } }", id="an executed query"),
        pytest.param("{ tickets {", id="no document"),
        pytest.param("{ nothing }", id="an invalid document"),
        pytest.param('{ ticket(id: "?") { id } }', id="a bad argument"),
        pytest.param("subscription { pulse { today } }", id="no operation for HTTP"),
    ],
)
async def test_whoever_shows_a_token_that_was_revoked_since_learns_nothing(caller, events, query):
    await revoke(events)

    for _ in range(2):
        answer = await caller.ask(query)
        assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
        assert "data" not in answer.json


async def test_a_token_that_was_revoked_since_changes_nothing(caller, events):
    task = await models.Task.all().first()
    await revoke(events)

    answer = await caller.ask("mutation ($id: ID!) { startTask(taskId: $id) { task { id } } }", id=task.id)

    assert (answer.status, answer.codes) == (401, ["UNAUTHENTICATED"])
    assert (await models.Task.get(id=task.id)).status == task.status


async def test_an_operator_who_was_deactivated_since_is_a_stranger(caller, events):
    token = await the_token()
    await change_operator(token.operator_id, {"active": False}, actor="test", events=events)

    assert (await caller.ask(TICKETS)).status == 401


async def test_a_caller_sees_what_the_new_role_may_see(caller, events):
    assert await sees_access(caller)

    await give(Role.VIEWER, events)
    assert not await sees_access(caller)

    await give(Role.ADMIN, events)
    assert await sees_access(caller)


async def test_a_caller_with_a_new_role_is_known_again(caller, events, sent):
    await give(Role.OPERATOR, events)
    await tickets_of(caller)
    sent.clear()

    assert await tickets_of(caller)

    assert len(reads(sent)) == 1


async def test_without_the_condition_these_tests_fail(caller, events, monkeypatch):
    """A control: what is remembered alone would show tickets to a stranger."""
    monkeypatch.setattr("schema.compiled.still_valid", lambda viewer: Exists("SELECT 1", ()))
    await revoke(events)

    assert await tickets_of(caller)
