"""What to read, as plain values: made from a GraphQL selection, a REST path or a test alike.

A plan says which columns, expressions and relations are wanted, not how to fetch them. An executor that reads level
by level and one that reads everything in one statement can both carry it out.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.identity import Row
from services.crm.pages import NO_PAGES, CrmPages
from services.planning.calendar import WorkCalendar

ROW = '"this"'
"""The name of a row's table in a statement."""

NAMED = re.compile(r"\{(today|crm_pages\.\w+)\}")
"""A value of the environment, as the text of an expression names it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A value that SQL computes for one row; `{row}` in the text stands for the row's table.

    `{today}` and `{crm_pages.company}` stand for these values of the environment. `returns` is the Python type of the
    result. `postgres` is set only where PostgreSQL needs another text.
    """

    sql: str
    returns: type
    postgres: str | None = None


def filled(column: str) -> Expression:
    """Return a text column that is null where it is empty."""
    return Expression(f"NULLIF({{row}}.\"{column}\", '')", str)


def row_lists(columns: str, source: str) -> Expression:
    """Return an expression for rows, each as the list of these columns; null if there are none."""
    sqlite = f"SELECT json_group_array(json_array({columns})) {source}"
    postgres = f"SELECT json_agg(json_build_array({columns})) {source}"
    return Expression(sqlite, returns=list, postgres=postgres)


@dataclass(frozen=True, slots=True)
class Environment:
    """What a computed field or an expression may use in addition to the row itself."""

    today: date
    calendar: WorkCalendar
    crm_pages: CrmPages = NO_PAGES


AMBIENT = frozenset(Environment.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Computed:
    """A pure function of the row. Each parameter is a column, a named expression or part of the environment."""

    function: Callable[..., Any]
    columns: tuple[str, ...] = ()
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    ambient: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OrderKey:
    column: str
    descending: bool = False


Order = tuple[OrderKey, ...]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of an ordered list: the first or last `count` rows between two places that meet a condition.

    A place is the row's values of the order's columns, in that order. `where` is the condition; None for all rows.
    """

    count: int
    backward: bool = False
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    counted: bool = False
    where: Any = None


Variables = Mapping[str, Any]
PageOf = Callable[[Variables], PageRequest]


@dataclass(frozen=True, slots=True, eq=False)
class RowPlan:
    """What to read of one model's rows. The rows become instances of `shape` with only these attributes.

    `where` is the condition for a row to be visible to the caller at all. `prepared` is for executors: what they
    derive from the plan lives as long as the plan.
    """

    model: type[Row]
    shape: type
    columns: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    computed: Mapping[str, Computed] = field(default_factory=dict)
    relations: Mapping[str, "Relation"] = field(default_factory=dict)
    where: Any = None
    prepared: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Rows below a row: those whose column `theirs` equals the column `ours` of the row above.

    With `listed`, the column `ours` holds a list, and each of its entries stands for one row, in that order. `where`
    restricts them to given values. With a `page`, each row above gets that page of its rows. A plan is kept for many
    callers, so it holds the names of variables: `page` makes the request from their values.
    """

    rows: RowPlan
    ours: str
    theirs: str
    many: bool = False
    order: Order = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    page: PageOf | None = None
    listed: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an ordered list. `places` are the rows' places, from which a caller can continue.

    `total` is the length of the whole list, if the request asked for it.
    """

    rows: list[Any]
    places: list[tuple[Any, ...]]
    has_next: bool
    has_previous: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows meet a condition, or with `summed`, the sum of one of their columns."""

    model: type[Row]
    where: Any
    summed: str | None = None
