"""The operation of a document that a request chooses, as far as it is the same for all requests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    Node,
    OperationDefinitionNode,
    OperationType,
    StringValueNode,
    VariableNode,
)

from resolvers.compiled.refusals import NotCompilable
from resolvers.reads.selections import children
from services.texts import is_storable

_UNDERSTOOD = ("skip", "include")


@dataclass(slots=True, eq=False)
class Chosen:
    """A query that nothing in its text keeps from being compiled. `cost` is the last one, with what decided it."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    cost: tuple[object, int] | None = None


def choose(document: DocumentNode, name: str | None) -> Chosen:
    """Return the operation with this name, or the only one. Only queries are ever compiled."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is None and len(operations) != 1:
        raise NotCompilable("operation")
    found = [one for one in operations if name is None or (one.name and one.name.value == name)]
    if not found:
        raise NotCompilable("operation")
    if found[0].operation is not OperationType.QUERY:
        raise NotCompilable("no_query")
    for node in _nodes(document):
        _check(node)
    fragments = {
        one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
    }
    return Chosen(found[0], fragments)


def _check(node: Node) -> None:
    if isinstance(node, DirectiveNode):
        values = [argument.value for argument in node.arguments or ()]
        plain = all(isinstance(value, VariableNode | BooleanValueNode) for value in values)
        if node.name.value not in _UNDERSTOOD or not plain:
            raise NotCompilable("directive", node.name.value)
    if isinstance(node, StringValueNode) and not is_storable(node.value):
        raise NotCompilable("arguments")


def _nodes(document: DocumentNode) -> Iterator[Node]:
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(children(node))


def is_plain(value: Any) -> bool:
    """Whether a variable's value can be bound: every text in it can be stored."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text if not is_storable(text):
                return False
            case list() as entries:
                waiting.extend(entries)
            case dict() as fields:
                waiting.extend(fields.values())
    return True
