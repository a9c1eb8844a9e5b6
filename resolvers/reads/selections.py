"""What a query selects below one field, read from its document."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import strawberry
from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    value_from_ast_untyped,
)

SelectionSets = Iterable[SelectionSetNode | None]


class Selection:
    """One field's nodes in the document, with what they refer to.

    `identity` is valid as long as the document is kept.
    """

    __slots__ = ("fragments", "identity", "nodes", "schema", "variables")

    def __init__(
        self,
        schema: strawberry.Schema,
        nodes: Iterable[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self.schema = schema
        self.nodes = tuple(nodes)
        self.fragments = fragments
        self.variables = variables
        self.identity = tuple(map(id, self.nodes))

    @classmethod
    def below(cls, info: GraphQLResolveInfo[Any]) -> "Selection":
        """Return the selection of the field that is being resolved."""
        schema: strawberry.Schema = info.schema._strawberry_schema  # type: ignore[attr-defined]
        variables: Any = info.variable_values
        return cls(schema, info.field_nodes, info.fragments, variables)

    @property
    def sets(self) -> list[SelectionSetNode | None]:
        return [node.selection_set for node in self.nodes]

    def fields(
        self, sets: SelectionSets, answers_to: frozenset[str] | None = None
    ) -> dict[str, list[FieldNode]]:
        """Return the fields in these selection sets, by name, whatever their aliases.

        Only fragments on a type in `answers_to` count; without it, all of them.
        """
        found: defaultdict[str, list[FieldNode]] = defaultdict(list)
        for node in self._included(sets, answers_to):
            found[node.name.value].append(node)
        return found

    def by_key(self, sets: SelectionSets, answers_to: frozenset[str]) -> dict[str, list[FieldNode]]:
        """Return the same fields by their key in the answer, in the order of the answer."""
        found: defaultdict[str, list[FieldNode]] = defaultdict(list)
        for node in self._included(sets, answers_to):
            found[(node.alias or node.name).value].append(node)
        return found

    def sets_below(self, sets: SelectionSets, path: Iterable[str]) -> SelectionSets:
        """Return the selection sets of the fields at the end of a path."""
        for name in path:
            sets = [node.selection_set for node in self.fields(sets)[name]]
        return sets

    def values_below(self, sets: SelectionSets) -> str:
        """Return the values of all variables that are used in these selection sets, as a text."""
        names: set[str] = set()
        spread: set[str] = set()
        waiting: list[Node] = [one for one in sets if one is not None]
        while waiting:
            node = waiting.pop()
            if isinstance(node, VariableNode):
                names.add(node.name.value)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
                spread.add(node.name.value)
                waiting.append(self.fragments[node.name.value].selection_set)
            waiting.extend(children(node))
        return repr(sorted((name, self.variables.get(name)) for name in names))

    def _included(self, sets: SelectionSets, answers_to: frozenset[str] | None) -> Iterator[FieldNode]:
        spread: set[str] = set()
        for selection_set in sets:
            if selection_set is not None:
                yield from self._collect(selection_set, answers_to, spread)

    def _collect(
        self, selection_set: SelectionSetNode, answers_to: frozenset[str] | None, spread: set[str]
    ) -> Iterator[FieldNode]:
        for one in selection_set.selections:
            if not is_included(one, self.variables):
                continue
            if isinstance(one, FieldNode):
                yield one
                continue
            fragment = self._fragment(one, spread)
            condition = fragment.type_condition if fragment else None
            if fragment and (condition is None or answers_to is None or condition.name.value in answers_to):
                yield from self._collect(fragment.selection_set, answers_to, spread)

    def _fragment(
        self, node: SelectionNode, spread: set[str]
    ) -> InlineFragmentNode | FragmentDefinitionNode | None:
        """Return the fragment of a selection; None if a named one was spread here before."""
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name in spread:
            return None
        spread.add(name)
        return self.fragments[name]


def is_included(node: SelectionNode, variables: Mapping[str, Any]) -> bool:
    """Whether `@skip` and `@include` let a selection through."""
    return all(_lets_through(directive, variables) for directive in node.directives or ())


def _lets_through(directive: DirectiveNode, variables: Mapping[str, Any]) -> bool:
    name = directive.name.value
    if name not in ("skip", "include") or not directive.arguments:
        return True
    condition = bool(value_from_ast_untyped(directive.arguments[0].value, dict(variables)))
    return condition is (name == "include")


def root_fields(document: DocumentNode, operation: OperationDefinitionNode) -> set[str]:
    """Return the names of all root fields of an operation, including those in fragments."""
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    names: set[str] = set()
    spread: set[str] = set()
    waiting: list[Node] = [operation.selection_set]
    while waiting:
        node = waiting.pop()
        if isinstance(node, FieldNode):
            names.add(node.name.value)
        elif isinstance(node, FragmentSpreadNode):
            if node.name.value not in spread:
                spread.add(node.name.value)
                waiting.append(fragments[node.name.value].selection_set)
        else:
            waiting.extend(children(node))
    return names


def arguments_of(node: FieldNode, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field's arguments as they are written; a variable that was not given counts as absent."""
    return {
        argument.name.value: value_from_ast_untyped(argument.value, dict(variables))
        for argument in node.arguments or ()
        if not isinstance(argument.value, VariableNode) or argument.value.name.value in variables
    }


def children(node: Node) -> Iterable[Node]:
    """Yield the direct children of a node in the document."""
    for key in node.keys:
        child = getattr(node, key, None)
        if isinstance(child, Node):
            yield child
        elif isinstance(child, (tuple, list)):
            yield from (one for one in child if isinstance(one, Node))
