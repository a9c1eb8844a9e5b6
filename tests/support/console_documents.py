"""The documents that the console and its GraphiQL send, as they stand in the source."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import FragmentSpreadNode, OperationDefinitionNode, OperationType, parse, print_ast, visit
from graphql.language import Visitor

from tests.support.repository import ROOT

IN_TEMPLATES = re.compile(r"graphql\(\s*`(.*?)`", re.DOTALL)
OF_CLIENTS = re.compile(r" @_unmask\b")


def documents(*kinds: OperationType) -> Iterator[tuple[str, str]]:
    """Yield the operations of these kinds by name, each with the fragments that it needs."""
    fragments: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for text in _texts():
        for one in parse(OF_CLIENTS.sub("", text)).definitions:
            if not isinstance(one, OperationDefinitionNode):
                fragments[one.name.value] = one  # type: ignore[attr-defined]
            elif one.operation in kinds and one.name:
                operations[one.name.value] = one
    for name, operation in sorted(operations.items()):
        needed = sorted(_needed(operation, fragments))
        yield name, "\n".join(print_ast(one) for one in (operation, *(fragments[it] for it in needed)))


def _texts() -> Iterator[str]:
    source = ROOT / "console" / "src"
    for path in sorted([*source.rglob("*.ts"), *source.rglob("*.tsx")]):
        yield from IN_TEMPLATES.findall(path.read_text())
    for path in sorted((source / "operations").glob("*.graphql")):
        yield path.read_text()


def _needed(node: Any, fragments: dict[str, Any]) -> set[str]:
    found: set[str] = set()

    class Spreads(Visitor):
        def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
            found.add(node.name.value)

    visit(node, Spreads())
    for name in list(found):
        found |= _needed(fragments[name], fragments)
    return found
