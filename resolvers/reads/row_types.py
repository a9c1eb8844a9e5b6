"""The declarations of a whole schema, linked and checked: which field leads to which type of rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import strawberry
from graphql import GraphQLNonNull, GraphQLObjectType, GraphQLUnionType, get_named_type, is_list_type
from strawberry.schema.schema_converter import GraphQLCoreConverter

from models.identity import Row
from resolvers.reads.sources import Hidden, RelationSource, RowsOf, Source, rows_shown_by, source_of
from services.reads.columns import has_column, may_be_null
from services.vocabulary import Role


@dataclass(frozen=True, slots=True)
class BoundField:
    """A field's name in Python, its source, and for a relation the type of its rows."""

    attribute: str
    source: Source
    target: str | None = None


@dataclass(frozen=True, slots=True)
class RowType:
    """A type of the schema that shows rows. `answers_to` holds its own name and those of its interfaces and unions."""

    name: str
    shape: type
    model: type[Row]
    role: Role
    hidden: Hidden | None
    answers_to: frozenset[str]
    fields: Mapping[str, BoundField]


@lru_cache(maxsize=4)
def row_types(schema: strawberry.Schema) -> Mapping[str, RowType]:
    """Return the row types of a schema by name. Fail if a relation leads nowhere or cannot keep its promise."""
    graphql_types = schema._schema.type_map.values()
    bound = {
        graphql_type.name: _bind(graphql_type, rows, schema)
        for graphql_type in graphql_types
        if isinstance(graphql_type, GraphQLObjectType) and (rows := _rows_of(graphql_type)) is not None
    }
    for row_type in bound.values():
        for problem in _problems(schema, row_type, bound):
            raise TypeError(problem)
    return bound


def check_sources(schema: strawberry.Schema) -> None:
    """Fail at start-up, not at the first query, if a relation leads nowhere."""
    row_types(schema)


@lru_cache(maxsize=4)
def row_types_by_prefix(schema: strawberry.Schema) -> Mapping[str, RowType]:
    """Return the row types by the prefix of their ids; only those that are nodes."""
    return {one.model.prefix: one for one in row_types(schema).values() if "Node" in one.answers_to}


def _rows_of(graphql_type: GraphQLObjectType) -> RowsOf | None:
    definition = graphql_type.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    return rows_shown_by(definition.origin) if definition is not None else None


def _bind(graphql_type: GraphQLObjectType, rows: RowsOf, schema: strawberry.Schema) -> RowType:
    definition = graphql_type.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    unions = (one for one in schema._schema.type_map.values() if isinstance(one, GraphQLUnionType))
    answers_to = (
        graphql_type,
        *graphql_type.interfaces,
        *(one for one in unions if graphql_type in one.types),
    )
    return RowType(
        name=graphql_type.name,
        shape=definition.origin,
        model=rows.model,
        role=rows.role,
        hidden=rows.hidden,
        answers_to=frozenset(one.name for one in answers_to),
        fields=dict(_bind_fields(graphql_type)),
    )


def _bind_fields(graphql_type: GraphQLObjectType) -> Iterator[tuple[str, BoundField]]:
    for name, field in graphql_type.fields.items():
        declared = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        source = source_of(declared)
        assert source is not None, f"{graphql_type.name}.{name} has no source"
        target = _target(field.type, source) if isinstance(source, RelationSource) else None
        yield name, BoundField(declared.python_name, source, target)


def _target(field_type: Any, source: RelationSource) -> str:
    named: Any = get_named_type(field_type)
    return str(get_named_type(named.fields["nodes"].type).name if source.paged else named.name)


def _problems(schema: strawberry.Schema, row_type: RowType, bound: Mapping[str, RowType]) -> Iterator[str]:
    for name, field in row_type.fields.items():
        if not isinstance(field.source, RelationSource):
            continue
        place = f"{row_type.name}.{name}"
        target = bound.get(field.target or "")
        if target is None:
            yield f"{place} leads to {field.target}, which shows no rows."
            continue
        for column in (field.source.theirs, *(key.column for key in field.source.order), *field.source.where):
            if not has_column(target.model, column):
                yield f"{place} needs the column {column!r}, which {target.model.__name__} lacks."
        graphql_type: Any = schema._schema.type_map[row_type.name]
        yield from _broken_promises(place, graphql_type.fields[name].type, row_type.model, field.source)


def _broken_promises(
    place: str, graphql_type: Any, model: type[Row], source: RelationSource
) -> Iterator[str]:
    promised = isinstance(graphql_type, GraphQLNonNull)
    is_list = is_list_type(graphql_type.of_type if promised else graphql_type)
    if is_list != (source.many and not source.paged):
        yield f"{place} is declared as {'many' if source.many else 'one'} and typed otherwise."
    if promised and not source.many and (source.theirs != "id" or may_be_null(model, source.ours)):
        yield f"{place} promises a row where there may be none."
