"""The cost of an operation: how many entries its answer can have, computed before anything is read.

A page counts as many entries as it asks for, a list without pages its declared size, and everything that hangs below an
entry counts once for each. The limit is a page of twenty-five whole ticket trees.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter

from resolvers.reads.fields import entries_of
from resolvers.reads.selections import arguments_of, is_included

COST_LIMIT = 75_000


class CostExceeded(GraphQLError):
    """The operation asks for more entries than one answer may have."""

    def __init__(self, requested: int) -> None:
        super().__init__(
            f"This asks for up to {requested} entries, and one operation may ask for {COST_LIMIT}:"
            " ask for smaller pages, or for less below each entry.",
            extensions={"code": "COST_EXCEEDED", "requested": requested, "limit": COST_LIMIT},
        )


def cost_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> int:
    """The most entries that the answer can have, by declared sizes."""
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    root = schema.get_root_type(operation.operation)
    return _Cost(schema, fragments, _with_defaults(operation, variables)).below(
        [operation.selection_set], root
    )


def _with_defaults(operation: OperationDefinitionNode, given: Mapping[str, Any]) -> Mapping[str, Any]:
    defaults = {
        one.variable.name.value: value_from_ast_untyped(one.default_value)
        for one in operation.variable_definitions or ()
        if one.default_value is not None
    }
    return {**defaults, **given}


class _Cost:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def below(self, sets: Iterable[SelectionSetNode], parent: Any) -> int:
        return sum(
            self._of(selection, parent)
            for one in sets
            for selection in one.selections
            if is_included(selection, self._variables)
        )

    def _of(self, selection: Any, parent: Any) -> int:
        if isinstance(selection, FieldNode):
            return self._of_field(selection, parent)
        fragment = (
            self._fragments[selection.name.value] if isinstance(selection, FragmentSpreadNode) else selection
        )
        condition = fragment.type_condition
        kind = self._schema.get_type(condition.name.value) if condition else parent
        return self.below([fragment.selection_set], kind)

    def _of_field(self, node: FieldNode, parent: Any) -> int:
        field = getattr(parent, "fields", {}).get(node.name.value)
        if field is None or node.selection_set is None:
            return 0
        kind = get_named_type(field.type)
        if not is_composite_type(kind):
            return 0
        entries = entries_of(
            field.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF), arguments_of(node, self._variables)
        )
        return entries * (_is_entry(kind) + self.below([node.selection_set], kind))


def _is_entry(kind: Any) -> bool:
    """Pages and edges only hold entries."""
    return not isinstance(kind, GraphQLObjectType) or not kind.name.endswith(
        ("Connection", "Edge", "PageInfo")
    )
