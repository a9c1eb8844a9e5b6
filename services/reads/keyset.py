"""Pages by place, not by number: the next page starts after the last row seen, whatever was added or removed before
it.

Nulls come last in every order. A backward page reads the list in the exact opposite order.
"""

from typing import Any

from models.identity import Row
from services.reads.columns import may_be_null
from services.reads.conditions import AllOf, AnyOf, Compare, Condition
from services.reads.plan import ROW, Order, OrderKey, PageRequest

Place = tuple[Any, ...]


def total_order(order: Order) -> Order:
    """Return the order with the id as its last key, so that no two rows share a place.

    >>> [key.column for key in total_order((OrderKey("due_on"),))]
    ['due_on', 'id']
    """
    if any(key.column == "id" for key in order):
        return order
    return (*order, OrderKey("id", descending=bool(order) and order[-1].descending))


def order_sql(order: Order, model: type[Row], *, backward: bool = False, row: str = ROW) -> str:
    """Return the ORDER BY list."""
    return ", ".join(_key_sql(key, model, backward, row) for key in order)


def within(page: PageRequest, order: Order, model: type[Row]) -> Condition:
    """Return the condition that a row lies strictly between the two places of a page."""
    bounds: list[Condition] = []
    if page.after is not None:
        bounds.append(_beyond(order, page.after, model, backward=False))
    if page.before is not None:
        bounds.append(_beyond(order, page.before, model, backward=True))
    return AllOf(tuple(bounds))


def _key_sql(key: OrderKey, model: type[Row], backward: bool, row: str) -> str:
    sql = f'{row}."{key.column}"' + (" DESC" if key.descending != backward else "")
    if may_be_null(model, key.column):
        sql += " NULLS FIRST" if backward else " NULLS LAST"
    return sql


def _beyond(order: Order, place: Place, model: type[Row], *, backward: bool) -> Condition:
    """Return the condition that a row comes after a place (before it, when backward), compared key by key.

    The leading key is compared once more on its own, because a database can seek in an index by that but not by
    alternatives.
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
