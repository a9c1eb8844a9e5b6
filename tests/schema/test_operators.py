"""Administrators add and change operators."""

import pytest

import models
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support import factories
from tests.support.factories import save

SAVE = """
mutation ($id: ID, $input: OperatorInput!, $version: Int) {
  saveOperator(operatorId: $id, input: $input, expectedVersion: $version) {
    operator { name email role crmUserId workflowRoles weeklyHours active version }
    problems {
      code path
      ... on InvalidInputProblem { expected }
      ... on ConflictProblem { changes { field before after } }
    }
  }
}
"""


@pytest.fixture
def marta():
    return context_for(Role.ADMIN)


@pytest.fixture
async def luca(db):
    luca = factories.operator(name="Luca", email="luca@studio.example", crm_user_id=2003, weekly_hours="40")
    await save(luca)
    return luca


async def test_a_new_operator_may_only_read_by_default(execute, marta):
    answer = await execute(SAVE, marta, input={"name": " Ada ", "email": "ADA@studio.example"})

    assert answer.data["saveOperator"] == {
        "operator": {
            "name": "Ada",
            "email": "ada@studio.example",
            "role": "VIEWER",
            "crmUserId": None,
            "workflowRoles": [],
            "weeklyHours": None,
            "active": True,
            "version": 1,
        },
        "problems": [],
    }


async def test_an_operator_gets_the_values_that_are_given_and_keeps_the_others(execute, marta, luca):
    answer = await execute(SAVE, marta, id=luca.id, input={"weeklyHours": "32.5", "name": None})

    operator = answer.data["saveOperator"]["operator"]
    assert (operator["name"], operator["crmUserId"], operator["weeklyHours"]) == ("Luca", "2003", "32.50")
    [event] = await models.Event.all()
    assert (event.kind, event.actor) == ("OPERATOR_SAVED", marta.actor)
    assert event.before == {"weekly_hours": "40.00", "version": 1}
    assert event.after == {"weekly_hours": "32.50", "version": 2}


async def test_null_takes_away_what_may_be_unknown(execute, marta, luca):
    answer = await execute(SAVE, marta, id=luca.id, input={"weeklyHours": None, "crmUserId": None})

    operator = answer.data["saveOperator"]["operator"]
    assert (operator["weeklyHours"], operator["crmUserId"]) == (None, None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"weeklyHours": "0"}, "weeklyHours", id="no hours"),
        pytest.param({"weeklyHours": "-8"}, "weeklyHours", id="fewer than none"),
        pytest.param({"weeklyHours": "168.01"}, "weeklyHours", id="more than a week has"),
        pytest.param({"weeklyHours": "7.125"}, "weeklyHours", id="three decimals"),
        pytest.param({"weeklyHours": "NaN"}, "weeklyHours", id="no number"),
        pytest.param({"crmUserId": "abc"}, "crmUserId", id="no CRM user"),
        pytest.param({"name": " "}, "name", id="an invisible name"),
        pytest.param({"email": "luca"}, "email", id="no address"),
        pytest.param({"workflowRoles": ["cuoco"]}, "workflowRoles", id="a role of no workflow"),
    ],
)
async def test_an_impossible_value_is_refused_where_it_stands_and_leaves_no_trace(
    execute, marta, luca, given, field
):
    answer = await execute(SAVE, marta, id=luca.id, input=given)

    payload = answer.data["saveOperator"]
    assert payload["operator"] is None
    assert [(one["code"], one["path"]) for one in payload["problems"]] == [
        ("BAD_USER_INPUT", ["input", field])
    ]
    assert not await models.Event.all().exists()


async def test_a_new_operator_needs_a_name_and_an_address(execute, marta):
    nameless = await execute(SAVE, marta, input={"email": "ada@studio.example"})
    without_address = await execute(SAVE, marta, input={"name": "Ada"})

    assert [answer.data["saveOperator"]["problems"][0]["path"] for answer in (nameless, without_address)] == [
        ["input", "name"],
        ["input", "email"],
    ]
    assert not await models.Operator.all().exists()


async def test_a_stale_edit_is_refused_with_what_changed_since(execute, marta, luca):
    await execute(SAVE, marta, id=luca.id, input={"weeklyHours": "20"})

    answer = await execute(SAVE, marta, id=luca.id, input={"weeklyHours": "30"}, version=1)

    [problem] = answer.data["saveOperator"]["problems"]
    assert (problem["code"], problem["path"]) == ("CONFLICT", ["expectedVersion"])
    assert problem["changes"] == [{"field": "weeklyHours", "before": "40.00", "after": "20.00"}]


async def test_an_unknown_operator_is_refused(execute, marta):
    answer = await execute(SAVE, marta, id="opr_01JABCDEFGHJKMNPQRSTVWXYZ0", input={"name": "Ada"})

    assert answer.data["saveOperator"]["problems"] == [{"code": "UNKNOWN_OPERATOR", "path": ["operatorId"]}]
