"""The SQL statements that plans need.

Table and column names come from declarations in the code; every value is bound.
"""
# ruff: noqa: S608

from collections.abc import Iterable

from models.identity import Row
from services.reads.apart import first_rows
from services.reads.conditions import Condition, Parameters, to_sql
from services.reads.keyset import order_sql
from services.reads.layout import Layout
from services.reads.plan import ROW, Order, Total

RANK = "c_rank"

MOST_COUNTED = 10_000
"""How far a list is counted. One more stands for any greater length."""


def select(
    layout: Layout,
    parameters: Parameters,
    where: Condition,
    order: Order,
    *,
    backward: bool = False,
    limit: int | None = None,
) -> str:
    """Select the rows that meet a condition, in order."""
    selected, model = layout.select_list(parameters), layout.plan.model
    if order and limit is not None:
        rows = first_rows(model, where, order, parameters, row=ROW, backward=backward, limit=limit)
        return f"SELECT {selected} FROM {rows}"
    sql = f"SELECT {selected} FROM {layout.table} WHERE {to_sql(where, parameters)}"
    if order:
        sql += f" ORDER BY {order_sql(order, model, backward=backward)}"
    return sql if limit is None else f"{sql} LIMIT {limit}"


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
    """The same, with a limit for each value of a column."""
    rank = (
        f'ROW_NUMBER() OVER (PARTITION BY {ROW}."{column}" '
        f"ORDER BY {order_sql(order, layout.plan.model, backward=backward)})"
    )
    selected = f"{layout.select_list(parameters)}, {rank} AS {RANK}"
    inner = f"SELECT {selected} FROM {layout.table} WHERE {to_sql(where, parameters)}"
    return f"SELECT * FROM ({inner}) AS ranked WHERE {RANK} <= {limit} ORDER BY {RANK}"


def count(model: type[Row], parameters: Parameters, where: Condition) -> str:
    """Count the rows that meet a condition."""
    return f"SELECT COUNT(*) FROM {_table(model)} WHERE {to_sql(where, parameters)}"


def length(rows: str) -> str:
    """Count rows, as the words after FROM say them, up to the bound of lists."""
    return f"SELECT COUNT(*) FROM (SELECT 1 FROM {rows} LIMIT {MOST_COUNTED + 1}) AS counted"


def length_of_list(model: type[Row], parameters: Parameters, where: Condition) -> str:
    """Count the rows that meet a condition, up to the bound of lists."""
    return length(f"{_table(model)} WHERE {to_sql(where, parameters)}")


def count_of_each(model: type[Row], parameters: Parameters, where: Condition, *, column: str) -> str:
    """Count the rows that meet a condition, for each value of a column."""
    sql = to_sql(where, parameters)
    return f'SELECT {ROW}."{column}", COUNT(*) FROM {_table(model)} WHERE {sql} GROUP BY {ROW}."{column}"'


def totals(totals: Iterable[Total], parameters: Parameters) -> str:
    """All of these totals in one row."""
    return f"SELECT {', '.join(f'({_total(one, parameters)})' for one in totals)}"


def _total(total: Total, parameters: Parameters) -> str:
    if total.summed is None:
        return count(total.model, parameters, total.where)
    sql = to_sql(total.where, parameters)
    return f'SELECT COALESCE(SUM({ROW}."{total.summed}"), 0) FROM {_table(total.model)} WHERE {sql}'


def _table(model: type[Row]) -> str:
    return f'"{model._meta.db_table}" AS {ROW}'
