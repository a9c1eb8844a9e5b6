"""Lists of rows with one of several values, read as several lists.

An index gives the rows with one value in order, but not those with one of several: they would all be read and sorted.
So where such an index exists, a page is put together from the first rows with each value.
"""

# ruff: noqa: S608 - names come from declarations in the code; every value is bound

from collections.abc import Iterator

from tortoise.indexes import Index

from models.identity import Row
from services.reads.conditions import AllOf, Compare, Condition, Parameters, to_sql
from services.reads.keyset import order_sql
from services.reads.plan import Order

MOST_APART = 5
"""Of how many values each is read by itself; it costs a search in the index."""


def first_rows(
    model: type[Row],
    where: Condition,
    order: Order,
    parameters: Parameters,
    *,
    row: str,
    backward: bool,
    limit: int,
) -> str:
    """Return the words after FROM: all that a statement says about the first rows that meet a condition, in order."""
    ordered = f"ORDER BY {order_sql(order, model, backward=backward, row=row)} LIMIT {limit}"
    table = f'"{model._meta.db_table}" AS {row}'
    parts = _apart(model, where, order)
    if len(parts) == 1:
        return f"{table} WHERE {to_sql(where, parameters, row)} {ordered}"
    lists = (f"SELECT {row}.* FROM {table} WHERE {to_sql(part, parameters, row)} {ordered}" for part in parts)
    together = " UNION ALL ".join(f"SELECT * FROM ({one}) AS {row}" for one in lists)
    return f"({together}) AS {row} {ordered}"


def _apart(model: type[Row], where: Condition, order: Order) -> list[Condition]:
    """Return conditions of which each row that meets the whole meets exactly one."""
    parts = list(_all_of(where))
    for n, part in enumerate(parts):
        if isinstance(part, Compare) and part.operator == "in" and _is_indexed(model, part.column, order):
            values = list(dict.fromkeys(part.value))
            if 1 < len(values) <= MOST_APART:
                others = (*parts[:n], *parts[n + 1 :])
                return [AllOf((Compare(part.column, "eq", value), *others)) for value in values]
    return [where]


def _all_of(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, AllOf):
        for one in condition.conditions:
            yield from _all_of(one)
    else:
        yield condition


def _is_indexed(model: type[Row], column: str, order: Order) -> bool:
    """Return whether an index holds the rows with one value of a column in this order."""
    wanted = (column, order[0].column)
    return any(not isinstance(index, Index) and tuple(index[:2]) == wanted for index in model._meta.indexes)
