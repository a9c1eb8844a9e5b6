"""Which reads of an operation see the same state of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from resolvers.reads.fields import asks_crm
from resolvers.reads.operation import Sharing
from resolvers.reads.selections import root_fields


def sharing_of(
    schema: strawberry.Schema, document: DocumentNode, operation: OperationDefinitionNode | None
) -> Sharing:
    """Return which reads of an operation share a state, whatever its variables skip or include."""
    if operation is None or operation.operation is OperationType.SUBSCRIPTION:
        return Sharing.BY_READ
    root: Any = schema._schema.get_root_type(operation.operation)
    if operation.operation is OperationType.MUTATION:
        reads = _Reads(schema._schema, _fragments(document)).below(operation.selection_set, root)
        return Sharing.BY_ONLY_FIELD if reads == 1 else Sharing.BY_ROOT_FIELD
    fields = (root.fields.get(name) for name in root_fields(document, operation))
    return Sharing.BY_READ if any(asks_crm(_declared(one)) for one in fields if one) else Sharing.BY_OPERATION


@dataclass(frozen=True, slots=True)
class _Reads:
    """Counts the fields of payloads that read. Whatever is below one of them is left out."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]

    def below(self, selected: SelectionSetNode | None, parent: Any) -> int:
        return sum(self._of(one, parent) for one in selected.selections) if selected else 0

    def _of(self, one: Any, parent: Any) -> int:
        if isinstance(one, FieldNode):
            field = getattr(parent, "fields", {}).get(one.name.value)
            if field is None:
                return 0
            if parent is not self.schema.mutation_type and not _declared(field).is_basic_field:
                return 1
            return self.below(one.selection_set, get_named_type(field.type))
        fragment = self.fragments[one.name.value] if isinstance(one, FragmentSpreadNode) else one
        condition = fragment.type_condition
        kind = self.schema.get_type(condition.name.value) if condition else parent
        return self.below(fragment.selection_set, kind)


def _fragments(document: DocumentNode) -> Mapping[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def _declared(field: Any) -> StrawberryField:
    found: StrawberryField = field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
    return found
