"""What `first`, `after`, `last` and `before` ask for."""

from collections.abc import Mapping
from typing import Any

from models.identity import Row
from resolvers.errors import BadUserInput
from services.reads import Order, PageRequest
from services.reads.cursors import place_of

DEFAULT_COUNT = 25
MAX_COUNT = 100
ARGUMENTS = ("first", "after", "last", "before")


def page_request(
    arguments: Mapping[str, Any], order: Order, model: type[Row], *, counted: bool
) -> PageRequest:
    """The page that the arguments ask for; refuses numbers out of bounds and cursors that are not ours."""
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


def page_slot(name: str, arguments: Mapping[str, Any]) -> str:
    """Where a row keeps the page that these arguments ask for: each its own, however often it is asked for."""
    return f"{name} {[arguments.get(argument) for argument in ARGUMENTS]!r}"


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
