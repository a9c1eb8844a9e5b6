"""Which queries are answered alike for as long as nothing is written."""

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    is_abstract_type,
    visit,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from resolvers.reads.fields import is_lasting
from resolvers.reads.sources import source_of


def lasts(schema: strawberry.Schema, document: DocumentNode) -> bool:
    """Return whether all that a valid document selects depends on the database, the caller's role and the day alone.

    Not if it selects no function: then it can be compiled, which is better.
    """
    info = TypeInfo(schema._schema)
    looking = _Fields(schema, info)
    visit(document, TypeInfoVisitor(info, looking))
    return looking.all_last and looking.has_function


class _Fields(Visitor):
    def __init__(self, schema: strawberry.Schema, info: TypeInfo) -> None:
        super().__init__()
        self._schema = schema._schema
        self._info = info
        self.all_last = True
        self.has_function = False

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        if node.name.value == "__typename":
            return None
        for declared in self._meant(node.name.value):
            if declared is not None and is_lasting(declared):
                self.has_function = True
            elif declared is None or not (declared.is_basic_field or source_of(declared)):
                self.all_last = False
                return self.BREAK
        return None

    def _meant(self, name: str) -> Iterator[StrawberryField | None]:
        """Yield the fields that a name means: of an interface, those of all types that have it. None: not ours."""
        parent: Any = self._info.get_parent_type()
        types = self._schema.get_possible_types(parent) if is_abstract_type(parent) else [parent]
        for one in types:
            field = one.fields.get(name)
            yield field and field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
