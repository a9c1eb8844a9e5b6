"""Pages by place, not by number: the next page starts behind the last row seen, whatever came or went before it.

Nulls come last in every order. Walking backward is the same list in the exact opposite order.
"""

from collections.abc import Iterator
from typing import Any

from models.identity import Row
from services.reads.columns import may_be_null
from services.reads.conditions import AllOf, AnyOf, Compare, Condition
from services.reads.layout import ROW
from services.reads.plan import Order, OrderKey, PageRequest

Place = tuple[Any, ...]


def total_order(order: Order) -> Order:
    """The order with the id as its last word, so that no two rows share a place.

    >>> [key.column for key in total_order((OrderKey("due_on"),))]
    ['due_on', 'id']
    """
    if any(key.column == "id" for key in order):
        return order
    return (*order, OrderKey("id", descending=bool(order) and order[-1].descending))


def order_words(order: Order, model: type[Row], *, backward: bool = False) -> str:
    """The ORDER BY list."""
    return ", ".join(words for key in order for words in _key_words(key, model, backward))


def within(page: PageRequest, order: Order, model: type[Row]) -> Condition:
    """That a row lies strictly between the two places of a page."""
    bounds: list[Condition] = []
    if page.after is not None:
        bounds.append(_beyond(order, page.after, model, backward=False))
    if page.before is not None:
        bounds.append(_beyond(order, page.before, model, backward=True))
    return AllOf(tuple(bounds))


def _key_words(key: OrderKey, model: type[Row], backward: bool) -> Iterator[str]:
    column = f'{ROW}."{key.column}"'
    if may_be_null(model, key.column):
        yield f"({column} IS NULL)" + (" DESC" if backward else "")
    yield column + (" DESC" if key.descending != backward else "")


def _beyond(order: Order, place: Place, model: type[Row], *, backward: bool) -> Condition:
    """That a row comes after a place (before it, when backward), compared key by key.

    Said once more of the leading key alone, because a database seeks in an index by that and not by alternatives.
    """
    cases: list[Condition] = []
    same: list[Condition] = []
    for key, value in zip(order, place, strict=True):
        further = _further(key, value, model, backward)
        if further is not None:
            cases.append(AllOf((*same, further)))
        same.append(Compare(key.column, "eq", value))
    leading = order[0]
    if may_be_null(model, leading.column):
        return AnyOf(tuple(cases))
    at_least = Compare(leading.column, "lte" if leading.descending != backward else "gte", place[0])
    return AllOf((at_least, AnyOf(tuple(cases))))


def _further(key: OrderKey, value: Any, model: type[Row], backward: bool) -> Condition | None:
    nullable = may_be_null(model, key.column)
    if value is None:
        return Compare(key.column, "null", False) if backward else None
    beyond = Compare(key.column, "lt" if key.descending != backward else "gt", value)
    if nullable and not backward:
        return AnyOf((beyond, Compare(key.column, "null", True)))
    return beyond
