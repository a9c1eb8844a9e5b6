"""The meaning of `first`, `after`, `last` and `before`."""

from collections.abc import Mapping
from typing import Any

from graphql import FieldNode, print_ast

from models.identity import Row
from resolvers.errors import BadUserInput
from services.reads import Order, PageRequest
from services.reads.cursors import place_of

DEFAULT_COUNT = 25
MAX_COUNT = 100


def page_request(
    arguments: Mapping[str, Any], order: Order, model: type[Row], *, counted: bool
) -> PageRequest:
    """Return the page that the arguments ask for. Refuse numbers out of bounds and cursors that are not ours."""
    first, last = _count(arguments, "first"), _count(arguments, "last")
    if first is not None and last is not None:
        raise BadUserInput("last", "A page has a first or a last, not both.")
    return PageRequest(
        count=first or last or DEFAULT_COUNT,
        backward=last is not None,
        after=_place(arguments, "after", order, model),
        before=_place(arguments, "before", order, model),
        counted=counted,
    )


def entries_of_page(arguments: Mapping[str, Any]) -> int:
    """Return how many entries a page has at most. An invalid number is refused later, by the read."""
    counts = [one for one in (arguments.get("first"), arguments.get("last")) if isinstance(one, int)]
    return min(max(counts, default=DEFAULT_COUNT), MAX_COUNT)


def page_slot(name: str, node: FieldNode) -> str:
    """Return where a row keeps a field's page: fields with identical arguments share it."""
    written = sorted((one.name.value, print_ast(one.value)) for one in node.arguments or ())
    return f"{name} {written!r}"


def _count(arguments: Mapping[str, Any], name: str) -> int | None:
    count: int | None = arguments.get(name)
    if count is not None and not 1 <= count <= MAX_COUNT:
        raise BadUserInput(name, f"{name} is a number from 1 to {MAX_COUNT}.")
    return count


def _place(arguments: Mapping[str, Any], name: str, order: Order, model: type[Row]) -> tuple[Any, ...] | None:
    cursor = arguments.get(name)
    if cursor is None:
        return None
    try:
        return place_of(cursor, order, model)
    except ValueError:
        raise BadUserInput(name, f"{name} is not a cursor of this list.") from None
