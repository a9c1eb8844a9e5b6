"""Every root field and every type of rows is tried with every role: who may not, gets FORBIDDEN and nothing else."""

from typing import Any

import pytest
from graphql import (
    GraphQLField,
    GraphQLInputType,
    get_named_type,
    is_composite_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from models.identity import new_id
from resolvers.reads.row_types import row_types
from schema import schema
from services.vocabulary import Role
from tests.schema.conftest import context_for

FOR_ADMINISTRATORS = {"createToken", "revokeToken", "saveKpiTarget", "saveOperator", "tokens"}
QUERIES_FOR_OPERATORS = {
    "previewGenerateActivities",
    "previewGenerateOpportunities",
    "previewImportActivity",
    "previewRescheduleMilestone",
    "previewRescheduleTask",
    "previewSyncOpportunities",
    "reconcileCompany",
}
ROWS_FOR_ADMINISTRATORS = {"Token"}
SCALARS = {
    "ID": '"x"',
    "String": '"x"',
    "Int": "1",
    "Boolean": "true",
    "Date": '"2026-11-25"',
    "Decimal": '"1"',
}

QUERY, MUTATION = schema._schema.query_type.fields, schema._schema.mutation_type.fields
ROOTS = [
    *(("query", name, field) for name, field in QUERY.items()),
    *(("mutation", name, field) for name, field in MUTATION.items()),
]


def role_of(kind: str, name: str) -> Role:
    if name in FOR_ADMINISTRATORS:
        return Role.ADMIN
    return Role.OPERATOR if kind == "mutation" or name in QUERIES_FOR_OPERATORS else Role.VIEWER


def document(kind: str, name: str, field: GraphQLField) -> str:
    """The shortest call of a root field, with a value of the right form for everything that it requires."""
    given = [
        f"{one}: {value(argument.type)}"
        for one, argument in field.args.items()
        if is_required_argument(argument)
    ]
    arguments = f"({', '.join(given)})" if given else ""
    selection = " { __typename }" if is_composite_type(get_named_type(field.type)) else ""
    return f"{kind} {{ {name}{arguments}{selection} }}"


def value(kind: GraphQLInputType) -> str:
    shape: Any = kind.of_type if is_non_null_type(kind) else kind
    if is_list_type(shape):
        return f"[{value(shape.of_type)}]"
    if is_enum_type(shape):
        return next(iter(shape.values))
    if is_input_object_type(shape):
        fields = shape.fields.items()
        wanted = (
            dict([*fields][:1])
            if shape.extensions["strawberry-definition"].is_one_of
            else {n: f for n, f in fields if is_required_input_field(f)}
        )
        return "{" + ", ".join(f"{name}: {value(one.type)}" for name, one in wanted.items()) + "}"
    return SCALARS[shape.name]


def is_forbidden(answer: Any) -> bool:
    return "FORBIDDEN" in [error.extensions.get("code") for error in answer.errors or ()]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("kind", "name", "field"), [pytest.param(*root, id=root[1]) for root in ROOTS])
async def test_a_root_field_is_for_those_who_have_its_role(execute, db, role, kind, name, field):
    answer = await execute(document(kind, name, field), context_for(role))

    assert is_forbidden(answer) is not role.includes(role_of(kind, name))
    if is_forbidden(answer):
        assert [error.path for error in answer.errors] == [[name]]
        assert not (answer.data or {}).get(name)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("name", sorted(row_types(schema)))
async def test_a_type_of_rows_is_for_those_who_have_its_role(execute, db, role, name):
    row_id = new_id(row_types(schema)[name].model.prefix)

    answer = await execute(f'{{ node(id: "{row_id}") {{ ... on {name} {{ id }} }} }}', context_for(role))

    assert is_forbidden(answer) is (name in ROWS_FOR_ADMINISTRATORS and role is not Role.ADMIN)


def test_the_table_names_fields_that_exist():
    assert QUERIES_FOR_OPERATORS | {"tokens"} <= QUERY.keys()
    assert FOR_ADMINISTRATORS - {"tokens"} <= MUTATION.keys()
    assert row_types(schema).keys() >= ROWS_FOR_ADMINISTRATORS
