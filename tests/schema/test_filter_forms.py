"""A filter's value that no row can hold by its form is refused with its path: an empty list would hide the mistake."""

import pytest

import models
from models.identity import new_id
from tests.support.factories import save_tickets

TASK_ID = new_id("tsk")
NO_FIT = {
    "an id of another type": ("tickets", {"ownerId": {"eq": TASK_ID}}, "ownerId.eq"),
    "a code for an id": ("tickets", {"companyId": {"eq": "TCK-SOD-5155-00"}}, "companyId.eq"),
    "nothing for an id": ("actions", {"ticketId": {"eq": ""}}, "ticketId.eq"),
    "a number of the CRM for an id": ("opportunities", {"companyId": {"eq": "845155"}}, "companyId.eq"),
    "an id of another type in a list": (
        "tickets",
        {"kitId": {"in": [new_id("kit"), TASK_ID]}},
        "kitId.in.1",
    ),
    "an id of another type below": (
        "tickets",
        {"or": [{"kind": {"eq": "CHILD"}}, {"not": {"parentId": {"eq": TASK_ID}}}]},
        "or.1.not.parentId.eq",
    ),
    "a tree that is no ticket": ("tickets", {"treeId": {"eq": new_id("mil")}}, "treeId.eq"),
    "a code of another form": ("tickets", {"code": {"eq": "tck-sod-5155-00"}}, "code.eq"),
    "an opportunity's code of another form": ("opportunities", {"code": {"in": ["ORD-2026"]}}, "code.in.0"),
    "a service's code of another form": ("services", {"code": {"eq": "Start Office"}}, "code.eq"),
    "no number of the CRM": ("intakeItems", {"crmActivityId": {"in": ["1", "one"]}}, "crmActivityId.in.1"),
    "no stream": ("events", {"streamId": {"eq": "tickets"}}, "streamId.eq"),
    "a row's id for a change": ("events", {"changeId": {"eq": TASK_ID}}, "changeId.eq"),
    "no id of a row": ("events", {"entityId": {"eq": "7"}}, "entityId.eq"),
    "no type of row": ("events", {"entity": {"eq": "Issue"}}, "entity.eq"),
    "nothing where there always is something": ("tickets", {"status": {"eq": None}}, "status.eq"),
    "neither late nor in time": ("tasks", {"late": {"eq": None}}, "late"),
    "no answer": ("actions", {"needsAttention": {"eq": None}}, "needsAttention"),
    "days that end before they begin": (
        "tasks",
        {"dueOn": {"gte": "2026-11-24", "lt": "2026-11-23"}},
        "dueOn",
    ),
    "no days": ("milestones", {"dueOn": {"relative": {"from": 0, "before": 0}}}, "dueOn.relative"),
    "an id of another type of a ticket's": (
        "tasks",
        {"ticket": {"companyId": {"eq": TASK_ID}}},
        "ticket.companyId.eq",
    ),
    "a role longer than any": ("tasks", {"workflowRole": {"eq": "x" * 201}}, "workflowRole.eq"),
    "a text longer than any row's": ("companies", {"name": {"eq": "x" * 301}}, "name.eq"),
}


def document(field: str) -> str:
    kind = {"companies": "Company", "opportunities": "Opportunity"}.get(field, field[0].upper() + field[1:-1])
    return f"query($filter: {kind}Filter) {{ {field}(filter: $filter) {{ nodes {{ id }} }} }}"


@pytest.mark.parametrize(
    ("field", "wanted", "path"), [pytest.param(*case, id=name) for name, case in NO_FIT.items()]
)
async def test_a_value_that_no_row_can_hold_is_refused_with_its_path(execute, field, wanted, path):
    result = await execute(document(field), filter=wanted)

    assert [error.extensions for error in result.errors] == [
        {"code": "BAD_USER_INPUT", "argument": "filter", "path": ["filter", *path.split(".")]}
    ]


async def test_the_refusal_says_what_the_value_is_not(execute):
    result = await execute(document("tickets"), filter={"ownerId": {"eq": TASK_ID}})

    assert [error.message for error in result.errors] == [
        f"'{TASK_ID}' is not the id of a row of type Operator."
    ]


async def test_an_id_of_the_right_type_that_is_not_there_finds_nothing(ask):
    data = await ask(document("tickets"), filter={"ownerId": {"in": [new_id("opr"), new_id("opr")]}})

    assert data["tickets"]["nodes"] == []


async def test_rows_are_found_by_ids_codes_and_null(ask):
    [ticket] = await save_tickets({"code": "TCK-SOD-5155-00"})
    owner = await models.Operator.get()
    wanted = {
        "ownerId": {"in": [new_id("opr"), owner.id]},
        "treeId": {"eq": ticket.id},
        "code": {"eq": ticket.code},
        "parentId": {"eq": None},
    }

    data = await ask(document("tickets"), filter=wanted)

    assert data["tickets"]["nodes"] == [{"id": ticket.id}]
