"""What to read, in plain values: made from a GraphQL selection, a REST path or a test alike.

A plan says which columns, expressions and relations are wanted and nothing of how they are fetched, so that an
executor that asks level by level and one that asks everything in a single statement serve the same plans.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from models.identity import Row
from services.planning.calendar import WorkCalendar


@dataclass(frozen=True, slots=True)
class Expression:
    """A value that SQL works out for one row; `{row}` in the text stands for the row's table.

    `returns` is what Python shall see. `postgres` is there only where PostgreSQL words it differently.
    """

    sql: str
    returns: type
    postgres: str | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """What a computed field may ask for beside the row itself."""

    today: date
    calendar: WorkCalendar


AMBIENT = frozenset(Environment.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Computed:
    """A pure function of the row: each parameter is a column, a named expression or part of the environment."""

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
    """A stretch of an ordered list: the first `count`, or the last, of what lies between two places in it.

    A place is the row's values of the order's columns, in that order.
    """

    count: int
    backward: bool = False
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    counted: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RowPlan:
    """What to read of one model's rows. The rows become instances of `shape` that hold these attributes only.

    A plan is its own identity: executors keep what they prepared for it.
    """

    model: type[Row]
    shape: type
    columns: Mapping[str, str] = field(default_factory=dict)
    expressions: Mapping[str, Expression] = field(default_factory=dict)
    computed: Mapping[str, Computed] = field(default_factory=dict)
    relations: Mapping[str, "Relation"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Relation:
    """Rows below a row: those whose column `theirs` equals the column `ours` of the row above.

    `where` narrows them to given values. With a `page`, each row above gets that stretch of its rows.
    """

    rows: RowPlan
    ours: str
    theirs: str
    many: bool = False
    order: Order = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    page: PageRequest | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of an ordered list. `places` are the rows' places, for whoever wants to go on from one.

    `total` is the length of the whole list where the request asked for it.
    """

    rows: list[Any]
    places: list[tuple[Any, ...]]
    has_next: bool
    has_previous: bool
    total: int | None = None
