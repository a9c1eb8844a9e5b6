"""What an answer looks like, as plain values: which keys, and what stands under each of them.

A shape is kept for many requests. What differs between them (a row's key, a page's filter and place) is not in it:
a root and a page have a number, under which each request gives its own `Asked`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from models.identity import Row
from services.reads.compiled.forms import Form
from services.reads.conditions import Condition
from services.reads.plan import Expression, Order, PageRequest


@dataclass(frozen=True, slots=True)
class Constant:
    """The same JSON in every answer."""

    json: str


@dataclass(frozen=True, slots=True)
class Exists:
    """What an answer as a whole may depend on: that this statement finds a row. `{}` stands for each value."""

    sql: str
    values: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Value:
    """A column or an expression of the row. A `required` one is never null."""

    source: str | Expression
    form: Form
    required: bool


@dataclass(frozen=True, slots=True, eq=False)
class RowShape:
    """One row as an object. `where` is the condition for a row to be visible at all."""

    model: type[Row]
    fields: "Fields"
    where: Condition | None = None


@dataclass(frozen=True, slots=True, eq=False)
class One:
    """The row whose column `theirs` equals our column `ours`."""

    rows: RowShape
    ours: str
    theirs: str
    where: Mapping[str, Any]
    required: bool


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """All such rows in order; with `listed`, those that the entries of the list in our column `ours` name."""

    rows: RowShape
    ours: str
    theirs: str
    where: Mapping[str, Any]
    order: Order = ()
    listed: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """The row with the id in our column or expression `ours`; null if there is none.

    `rows` has the shape for each prefix of an id; None where the uncompiled way must decide. `otherwise` is the object
    that stands for a missing row, if any: a form in it is that of the value of `ours` itself.
    """

    ours: str | Expression
    rows: Mapping[str, RowShape | None]
    otherwise: tuple[tuple[str, Constant | Form], ...] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """The rows of a page."""

    rows: RowShape


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """The rows of a page, each in an object with these fields; None stands for its cursor."""

    fields: tuple[tuple[str, "RowShape | Constant | None"], ...]


InfoName = Literal["has_next", "has_previous", "start_cursor", "end_cursor"]


@dataclass(frozen=True, slots=True, eq=False)
class Info:
    """The position of a page in its list."""

    fields: tuple[tuple[str, "InfoName | Constant"], ...]


@dataclass(frozen=True, slots=True, eq=False)
class TotalCount:
    """The length of the whole list."""


Member = Nodes | Edges | Info | TotalCount | Constant


@dataclass(frozen=True, slots=True, eq=False)
class PageShape:
    """A page of rows. With `ours` and `theirs`, of those that hang on a row."""

    number: int
    model: type[Row]
    members: tuple[tuple[str, Member], ...]
    where: Condition | None = None
    ours: str | None = None
    theirs: str | None = None
    narrowed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Sought:
    """The one row that meets the condition of the request; null if there is none."""

    number: int
    rows: RowShape


Field = Constant | Value | One | Many | Linked | PageShape
Fields = tuple[tuple[str, Field], ...]
Root = Constant | Sought | PageShape


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request asks of a root or a page: which rows, and for a page, which of them in which order."""

    where: Condition
    order: Order = ()
    page: PageRequest | None = None
