"""The documents that the console and its GraphiQL send: those of the build, and those that GraphiQL offers."""

from collections.abc import Iterator

import orjson
from graphql import OperationDefinitionNode, OperationType, parse

from tests.support.repository import ROOT

CONSOLE = ROOT / "console"


def documents(*kinds: OperationType) -> Iterator[tuple[str, str]]:
    """Yield the texts of the operations of these kinds, by name."""
    texts = orjson.loads((CONSOLE / "dist" / "operations.json").read_bytes())
    for path in (CONSOLE / "src" / "operations").glob("*.graphql"):
        text = path.read_text()
        texts[_operation_in(text).name.value] = text  # type: ignore[union-attr]
    for name, text in sorted(texts.items()):
        if _operation_in(text).operation in kinds:
            yield name, text


def _operation_in(text: str) -> OperationDefinitionNode:
    [operation] = [one for one in parse(text).definitions if isinstance(one, OperationDefinitionNode)]
    return operation
