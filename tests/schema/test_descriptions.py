from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
)

from schema import schema


def parts_of(named: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """A type's name and everything in it, each with its description."""
    yield named.name, named.description
    if isinstance(named, GraphQLEnumType):
        yield from ((f"{named.name}.{name}", value.description) for name, value in named.values.items())
    if isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in named.fields.items():
            yield f"{named.name}.{name}", field.description
            for argument, details in getattr(field, "args", {}).items():
                yield f"{named.name}.{name}({argument}:)", details.description


def test_everything_in_the_schema_has_a_description():
    types = [one for name, one in schema._schema.type_map.items() if not name.startswith("__")]

    undescribed = [name for one in types for name, words in parts_of(one) if not (words or "").strip()]

    assert undescribed == []


def test_every_description_is_a_sentence_that_stands_alone():
    types = [one for one in schema._schema.type_map.values() if not isinstance(one, GraphQLScalarType)]
    ours = [part for one in types if not one.name.startswith("__") for part in parts_of(one)]

    assert [(name, words) for name, words in ours if words[0].islower() or not words.endswith(".")] == []
