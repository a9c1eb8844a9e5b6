"""Reads, planned as plain values and carried out over plain rows."""

from services.reads.conditions import EVERYTHING, AllOf, AnyOf, Compare, Condition, Not
from services.reads.executor import read_page, read_rows
from services.reads.keyset import total_order
from services.reads.plan import (
    AMBIENT,
    Computed,
    Environment,
    Expression,
    Order,
    OrderKey,
    Page,
    PageRequest,
    Relation,
    RowPlan,
)

__all__ = [
    "AMBIENT",
    "EVERYTHING",
    "AllOf",
    "AnyOf",
    "Compare",
    "Computed",
    "Condition",
    "Environment",
    "Expression",
    "Not",
    "Order",
    "OrderKey",
    "Page",
    "PageRequest",
    "Relation",
    "RowPlan",
    "read_page",
    "read_rows",
    "total_order",
]
