"""What a query asks of one field, read from its document."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLResolveInfo,
    InlineFragmentNode,
    Node,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    value_from_ast_untyped,
)

SelectionSets = Iterable[SelectionSetNode | None]

_KEPT = 1024


class Selection:
    """One field's nodes in the document, known by identity, with what they refer to."""

    __slots__ = ("_identity", "_variables", "fragments", "nodes", "schema")

    def __init__(self, info: GraphQLResolveInfo[Any]) -> None:
        self.schema: strawberry.Schema = info.schema._strawberry_schema  # type: ignore[attr-defined]
        self.nodes = tuple(info.field_nodes)
        self.fragments = info.fragments
        self._variables: Mapping[str, Any] = info.variable_values  # type: ignore[assignment]
        self._identity = (id(self.schema), *map(id, self.nodes))

    def __hash__(self) -> int:
        return hash(self._identity)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Selection) and self._identity == other._identity

    def variables_inside(self) -> str:
        """The values of all variables below the field: two of its uses with the same ones ask the same."""
        return repr([self._variables.get(name) for name in _variables_in(self)])

    @property
    def sets(self) -> list[SelectionSetNode | None]:
        return [node.selection_set for node in self.nodes]

    def fields(
        self, sets: SelectionSets, answers_to: frozenset[str] | None = None
    ) -> dict[str, list[FieldNode]]:
        """The fields asked for in these selection sets, by name, whatever their aliases.

        Of the fragments only those on a type that answers to the name; without names, all of them.
        """
        found: defaultdict[str, list[FieldNode]] = defaultdict(list)
        spread: set[str] = set()
        for selection_set in sets:
            if selection_set is not None:
                self._collect(selection_set, answers_to, found, spread)
        return found

    def sets_below(self, sets: SelectionSets, path: Iterable[str]) -> SelectionSets:
        """The selection sets of the fields at the end of a path."""
        for name in path:
            sets = [node.selection_set for node in self.fields(sets)[name]]
        return sets

    def arguments(self, node: FieldNode) -> dict[str, Any]:
        """A field's scalar arguments; a variable that was not given counts as absent."""
        return {
            argument.name.value: value_from_ast_untyped(argument.value, dict(self._variables))
            for argument in node.arguments or ()
            if not isinstance(argument.value, VariableNode) or argument.value.name.value in self._variables
        }

    def _collect(
        self,
        selection_set: SelectionSetNode,
        answers_to: frozenset[str] | None,
        found: dict[str, list[FieldNode]],
        spread: set[str],
    ) -> None:
        for one in filter(self._is_included, selection_set.selections):
            if isinstance(one, FieldNode):
                found[one.name.value].append(one)
                continue
            fragment = self._fragment(one, spread)
            condition = fragment.type_condition if fragment else None
            if fragment and (condition is None or answers_to is None or condition.name.value in answers_to):
                self._collect(fragment.selection_set, answers_to, found, spread)

    def _fragment(
        self, node: SelectionNode, spread: set[str]
    ) -> InlineFragmentNode | FragmentDefinitionNode | None:
        """The fragment behind a selection; None for a named one that was spread here before."""
        if isinstance(node, InlineFragmentNode):
            return node
        assert isinstance(node, FragmentSpreadNode)
        name = node.name.value
        if name in spread:
            return None
        spread.add(name)
        return self.fragments[name]

    def _is_included(self, node: SelectionNode) -> bool:
        return all(self._lets_through(directive) for directive in node.directives or ())

    def _lets_through(self, directive: Any) -> bool:
        name = directive.name.value
        if name not in ("skip", "include"):
            return True
        condition = bool(value_from_ast_untyped(directive.arguments[0].value, dict(self._variables)))
        return condition is (name == "include")


@lru_cache(maxsize=_KEPT)
def _variables_in(selection: Selection) -> tuple[str, ...]:
    names: dict[str, None] = {}
    spread: set[str] = set()
    waiting: list[Node] = [selection_set for selection_set in selection.sets if selection_set]
    while waiting:
        node = waiting.pop()
        if isinstance(node, VariableNode):
            names[node.name.value] = None
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in spread:
            spread.add(node.name.value)
            waiting.append(selection.fragments[node.name.value])
        waiting.extend(children(node))
    return tuple(names)


def children(node: Node) -> Iterable[Node]:
    """The nodes right below one in the document."""
    for key in node.keys:
        child = getattr(node, key, None)
        if isinstance(child, Node):
            yield child
        elif isinstance(child, (tuple, list)):
            yield from (one for one in child if isinstance(one, Node))
