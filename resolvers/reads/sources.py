"""The source of each field, declared beside the field.

A type of rows is a list of annotated fields, and the value after each `=` is its source. The declaration is part of
the field's own metadata, so every executor finds it there and nothing is written twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, TypeVar

import strawberry
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from models.identity import Row
from resolvers.reads.fields import shows_entries
from services.reads import AMBIENT, Computed, Condition, Expression, Order, OrderKey, total_order
from services.reads.columns import has_column, may_be_null
from services.vocabulary import Role

T = TypeVar("T", bound=type)

_SOURCE = "source"
_LINK = "link"
_ROWS_OF = "__rows_of__"


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """A column; without a name, the one with the field's name. With `blank_is_null`, an empty text is null."""

    name: str | None = None
    blank_is_null: bool = False


@dataclass(frozen=True, slots=True)
class ExpressionSource:
    expression: Expression


@dataclass(frozen=True, slots=True)
class ComputedSource:
    """A pure function. Its parameters are columns, unless an expression or an ambient value fills them."""

    function: Callable[..., Any]
    expressions: Mapping[str, Expression]

    def on(self, model: type[Row]) -> Computed:
        """Return the function with its parameters sorted by source. Fail if nothing can fill one."""
        names = [name for name in signature(self.function).parameters if name not in self.expressions]
        columns = tuple(name for name in names if name not in AMBIENT)
        for name in columns:
            _refuse_unknown_column(model, name, f"the parameter {name!r} of {self.function.__qualname__}")
        ambient = tuple(name for name in names if name in AMBIENT)
        return Computed(self.function, columns, self.expressions, ambient)


@dataclass(frozen=True, slots=True)
class RelationSource:
    """Rows of another type whose column `theirs` equals our column `ours`, or with `listed`, an entry of its list.

    `narrowed` is the condition that the arguments of a page mean beside its place.
    """

    ours: str
    theirs: str
    many: bool = False
    order: Order = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    paged: bool = False
    listed: bool = False
    narrowed: Callable[[Mapping[str, Any]], Condition] | None = None


Source = ColumnSource | ExpressionSource | ComputedSource | RelationSource


@dataclass(frozen=True, slots=True)
class Link:
    """A field whose source holds the id of the row that it leads to.

    Where no row has that id, an object of the type `otherwise` shows what the source holds, in its field `shown_in`.
    """

    otherwise: type | None = None
    shown_in: str = ""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Rows that only callers of a role see; for all others they do not exist."""

    rows: Condition
    role: Role


@dataclass(frozen=True, slots=True)
class RowsOf:
    """What `rows_of` declared about a type."""

    model: type[Row]
    role: Role
    hidden: Hidden | None = None


def column(description: str, *, name: str | None = None) -> Any:
    """A column of the row; `name` if the field has another name."""
    return _field(description, ColumnSource(name))


def text(description: str, *, name: str | None = None) -> Any:
    """A column of text that stores nothing as an empty text. The field shows nothing as null."""
    return _field(description, ColumnSource(name, blank_is_null=True))


def expression(source: Expression, description: str) -> Any:
    """A value that SQL computes."""
    return _field(description, ExpressionSource(source))


def computed(function: Callable[..., Any], description: str, **expressions: Expression) -> Any:
    """A pure function of columns, of expressions passed by name, and of `today` and `calendar`."""
    return _field(description, ComputedSource(function, expressions))


def one(
    description: str,
    *,
    by: str | None = None,
    back: str | None = None,
    to: str = "id",
    where: Mapping[str, Any] | None = None,
) -> Any:
    """One row: the one that our column `by` points to, or the one whose unique column `back` points to us."""
    if (by is None) == (back is None):
        raise TypeError("one() takes either by=, a column of ours, or back=, a column of theirs.")
    source = (
        RelationSource(by, to, where=where or {})
        if by
        else RelationSource("id", back or "", where=where or {})
    )
    return _field(description, source)


def many(
    description: str,
    *,
    by: str,
    of: str = "id",
    size: int,
    order: str = "position",
    where: Mapping[str, Any] | None = None,
) -> Any:
    """All rows whose column `by` holds our column `of`, in order.

    `size` is how many there can reasonably be. The cost of an operation is computed from it.
    """
    source = RelationSource(of, by, True, order_by(order), where or {})
    return _field(description, source, **shows_entries(lambda _: size))


def listed(description: str, *, by: str, to: str, size: int) -> Any:
    """The rows whose unique column `to` holds an entry of the list in our column `by`, in the order of that list."""
    return _field(
        description, RelationSource(by, to, many=True, listed=True), **shows_entries(lambda _: size)
    )


def order_by(words: str) -> Order:
    """Return an order from column names, with a minus sign for a descending one. The id is the last key.

    >>> [(key.column, key.descending) for key in order_by("-created_at")]
    [('created_at', True), ('id', True)]
    """
    return total_order(tuple(OrderKey(word.lstrip("-"), word.startswith("-")) for word in words.split()))


def source_metadata(source: Source) -> Mapping[str, Any]:
    """Return the metadata of a field with this source."""
    return {_SOURCE: source}


def link_metadata(source: Source, link: Link) -> Mapping[str, Any]:
    """The same for a field that leads to a row by its id."""
    return {_SOURCE: source, _LINK: link}


def link_of(declared: StrawberryField) -> Link | None:
    link: Link | None = declared.metadata.get(_LINK)
    return link


def source_of(declared: StrawberryField) -> Source | None:
    source: Source | None = declared.metadata.get(_SOURCE)
    return source


def rows_of(model: type[Row], *, role: Role = Role.VIEWER, hidden: Hidden | None = None) -> Callable[[T], T]:
    """Declare that a Strawberry type shows the rows of a model to callers of a role, except hidden ones.

    Fails at import if a field has no source or an unknown column, or promises a value where the column may be null.
    """

    def declare(shape: T) -> T:
        for declared in shape.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            _check_field(shape, declared, model)
        setattr(shape, _ROWS_OF, RowsOf(model, role, hidden))
        # A row holds only the selected attributes, and the methods that dataclasses generate would fail on the rest.
        for name, method in _OF_A_ROW.items():
            setattr(shape, name, method)
        return shape

    return declare


def rows_shown_by(shape: type) -> RowsOf | None:
    """Return what `rows_of` declared about the type itself, not about one that it inherits from."""
    declared: RowsOf | None = vars(shape).get(_ROWS_OF)
    return declared


def _field(description: str, source: Source, **metadata: Any) -> Any:
    return strawberry.field(description=description, metadata={**source_metadata(source), **metadata})


def _name_row(row: Any) -> str:
    return f"<{type(row).__name__} {row.__dict__.get('id', '?')}>"


_OF_A_ROW = {"__repr__": _name_row, "__eq__": object.__eq__, "__hash__": object.__hash__}


def _check_field(shape: type, declared: StrawberryField, model: type[Row]) -> None:
    name = f"{shape.__name__}.{declared.python_name}"
    match source_of(declared):
        case None:
            raise TypeError(f"{name} has no source.")
        case ColumnSource(column_name, blank_is_null):
            _check_column(name, declared, model, column_name or declared.python_name, blank_is_null)
        case ComputedSource() as source:
            source.on(model)
        case RelationSource() as source:
            _refuse_unknown_column(model, source.ours, name)


def _check_column(
    name: str, declared: StrawberryField, model: type[Row], column_name: str, blank_is_null: bool
) -> None:
    _refuse_unknown_column(model, column_name, name)
    if (blank_is_null or may_be_null(model, column_name)) and not isinstance(
        declared.type, StrawberryOptional
    ):
        raise TypeError(f"{name} promises a value, but the column {column_name!r} may be null.")


def _refuse_unknown_column(model: type[Row], column_name: str, name: str) -> None:
    if not has_column(model, column_name):
        raise TypeError(f"{model.__name__} has no column {column_name!r}, which {name} needs.")
