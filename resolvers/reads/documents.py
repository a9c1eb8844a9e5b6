"""The documents that callers sent recently, with everything that was prepared for them.

A document is parsed, checked and planned once. All of that is kept together, limited in bytes, and dropped together.
Keys and plans hold the names of variables, never a caller's values.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import DirectiveNode, DocumentNode, GraphQLError, Node, VariableNode

from resolvers.reads.selections import children

MOST_BYTES = 32 * 1024 * 1024

# Measured: the nodes of a document, its text in three places, and a plan with its statements.
BYTES_OF_A_TOKEN = 400
COPIES_OF_THE_TEXT = 4
BYTES_OF_A_PLANNED_FIELD = 1500


@dataclass(slots=True, eq=False)
class Prepared:
    """One document: its parsed form, its errors, and the plans of its selections."""

    document: DocumentNode
    errors: Sequence[GraphQLError]
    bytes: int
    conditions: tuple[str, ...]
    plans: dict[Hashable, Any] = field(default_factory=dict)

    def chosen_by(self, variables: Mapping[str, Any]) -> tuple[bool, ...]:
        """Return the variables' values in `@skip` and `@include`.

        Everything else in a plan is the same for all values.
        """
        return tuple(bool(variables.get(name)) for name in self.conditions)


class Documents:
    """The most recently used documents, as many as fit into so many bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[object, str], Prepared] = OrderedDict()
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, schema: object, text: str) -> Prepared | None:
        prepared = self._kept.get((schema, text))
        if prepared is not None:
            self._kept.move_to_end((schema, text))
        return prepared

    def keep(
        self, schema: object, text: str, document: DocumentNode, errors: Sequence[GraphQLError]
    ) -> Prepared:
        size = BYTES_OF_A_TOKEN * document.token_count + COPIES_OF_THE_TEXT * len(text)
        prepared = Prepared(document, errors, size, tuple(dict.fromkeys(_conditions(document))))
        self._kept[schema, text] = prepared
        self._add(size)
        return prepared

    def plan(self, prepared: Prepared, key: Hashable, make: Callable[[], tuple[Any, int]]) -> Any:
        """Return a plan of a document, and make it if it is missing; `make` also returns its number of fields."""
        plan = prepared.plans.get(key)
        if plan is None:
            plan, fields = make()
            prepared.plans[key] = plan
            prepared.bytes += (size := BYTES_OF_A_PLANNED_FIELD * fields)
            if any(prepared is one for one in self._kept.values()):
                self._add(size)
        return plan

    def _add(self, size: int) -> None:
        self.bytes += size
        while self.bytes > self._most_bytes:
            _, gone = self._kept.popitem(last=False)
            self.bytes -= gone.bytes


def _conditions(document: DocumentNode) -> Iterator[str]:
    """Yield the variables that decide whether a field is selected at all."""
    waiting: list[Node] = [document]
    while waiting:
        node = waiting.pop()
        if isinstance(node, DirectiveNode):
            values = (argument.value for argument in node.arguments or ())
            yield from (value.name.value for value in values if isinstance(value, VariableNode))
        waiting.extend(children(node))
