"""The text of the statements that plans need.

Tables and columns are named by declarations in the code; every value is bound.
"""
# ruff: noqa: S608

from models.identity import Row
from services.reads.conditions import Condition, Parameters, words_of
from services.reads.keyset import order_words
from services.reads.layout import ROW, Layout
from services.reads.plan import Order

RANK = "c_rank"


def select(
    layout: Layout,
    parameters: Parameters,
    where: Condition,
    order: Order,
    *,
    backward: bool = False,
    limit: int | None = None,
) -> str:
    """The rows for which a condition holds, in order."""
    words = f"SELECT {layout.select_list} FROM {layout.table} WHERE {words_of(where, parameters)}"
    if order:
        words += f" ORDER BY {order_words(order, layout.plan.model, backward=backward)}"
    return words if limit is None else f"{words} LIMIT {limit}"


def select_of_each(
    layout: Layout,
    parameters: Parameters,
    where: Condition,
    order: Order,
    *,
    column: str,
    backward: bool,
    limit: int,
) -> str:
    """The same, with the limit counted anew for each value of a column."""
    rank = (
        f'ROW_NUMBER() OVER (PARTITION BY {ROW}."{column}" '
        f"ORDER BY {order_words(order, layout.plan.model, backward=backward)})"
    )
    inner = (
        f"SELECT {layout.select_list}, {rank} AS {RANK} "
        f"FROM {layout.table} WHERE {words_of(where, parameters)}"
    )
    return f"SELECT * FROM ({inner}) AS ranked WHERE {RANK} <= {limit} ORDER BY {RANK}"


def count(model: type[Row], parameters: Parameters, where: Condition) -> str:
    """How many rows there are for which a condition holds."""
    return f"SELECT COUNT(*) FROM {_table(model)} WHERE {words_of(where, parameters)}"


def count_of_each(model: type[Row], parameters: Parameters, where: Condition, *, column: str) -> str:
    """The same for each value of a column."""
    words = words_of(where, parameters)
    return f'SELECT {ROW}."{column}", COUNT(*) FROM {_table(model)} WHERE {words} GROUP BY {ROW}."{column}"'


def _table(model: type[Row]) -> str:
    return f'"{model._meta.db_table}" AS {ROW}'
