"""Filters of root lists: comparisons on columns, put together with `and`, `or` and `not`."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar, dataclass_transform

import strawberry
from strawberry import UNSET

from models.identity import Row
from resolvers.errors import BadUserInput
from services.reads import AllOf, AnyOf, Compare, Condition, Not
from services.reads.columns import has_column, value_type

T = TypeVar("T")
C = TypeVar("C", bound=type)

MAX_DEPTH = 5
MAX_COMPARISONS = 50
MAX_VALUES = 100

_COMPARES = "__compares__"
_LARGEST = 2**63 - 1


@strawberry.input(description="Which values a field may have. Everything that is given must hold.")
class Choice(Generic[T]):
    eq: T | None = strawberry.field(default=UNSET, description="Exactly this; null for no value at all.")
    in_: list[T] | None = strawberry.field(
        name="in", default=UNSET, description=f"One of these, at most {MAX_VALUES}."
    )


@strawberry.input(
    description="Where a value lies. Everything that is given must hold; no value at all lies nowhere."
)
class Range(Generic[T]):
    eq: T | None = strawberry.field(default=UNSET, description="Exactly this; null for no value at all.")
    in_: list[T] | None = strawberry.field(
        name="in", default=UNSET, description=f"One of these, at most {MAX_VALUES}."
    )
    gte: T | None = strawberry.field(default=UNSET, description="This or later.")
    lt: T | None = strawberry.field(default=UNSET, description="Before this.")


def criterion(description: str) -> Any:
    """A column to compare; the field is called like it."""
    return strawberry.field(default=UNSET, description=description)


@dataclass_transform(kw_only_default=True)
def filters(model: type[Row], description: str) -> Callable[[C], C]:
    """Declare a filter of a model's rows: each field is a column of it. Adds `and`, `or` and `not`."""

    def declare(shape: C) -> C:
        for column in shape.__annotations__:
            if not has_column(model, column):
                raise TypeError(
                    f"{model.__name__} has no column {column!r}, which {shape.__name__} compares."
                )
        _add_connectives(shape)
        setattr(shape, _COMPARES, model)
        return strawberry.input(shape, description=description)

    return declare


def condition_of(wanted: Any) -> Condition:
    """The condition that a filter says. Refuses one that is too large to be meant."""
    condition = _condition(wanted, MAX_DEPTH)
    if _count(condition) > MAX_COMPARISONS:
        raise BadUserInput("filter", f"A filter makes at most {MAX_COMPARISONS} comparisons.")
    return condition


def _add_connectives(shape: type) -> None:
    each = f"list[{shape.__name__}] | None"
    for name, kind, words in (
        ("and_", each, "All of these hold."),
        ("or_", each, "At least one of these holds."),
        ("not_", f"{shape.__name__} | None", "This does not hold."),
    ):
        shape.__annotations__[name] = kind
        setattr(shape, name, strawberry.field(name=name[:-1], default=UNSET, description=words))


def _condition(wanted: Any, depth: int) -> Condition:
    if depth == 0:
        raise BadUserInput("filter", f"A filter is at most {MAX_DEPTH} levels deep.")
    return AllOf(tuple(_parts(wanted, depth)))


def _parts(wanted: Any, depth: int) -> Iterator[Condition]:
    for name, value in vars(wanted).items():
        if value is UNSET or value is None:
            continue
        if name == "and_":
            yield AllOf(tuple(_condition(one, depth - 1) for one in value))
        elif name == "or_":
            yield AnyOf(tuple(_condition(one, depth - 1) for one in value))
        elif name == "not_":
            yield Not(_condition(value, depth - 1))
        else:
            yield from _comparisons(getattr(wanted, _COMPARES), name, value)


def _comparisons(model: type[Row], column: str, compared: Any) -> Iterator[Condition]:
    for name, value in vars(compared).items():
        if value is UNSET or (value is None and name != "eq"):
            continue
        operator: Any = name.rstrip("_")
        yield Compare(column, operator, _values(model, column, value))


def _values(model: type[Row], column: str, value: Any) -> Any:
    """What the caller wrote as the column holds it: ids of the CRM are numbers there."""
    if isinstance(value, list):
        if len(value) > MAX_VALUES:
            raise BadUserInput("filter", f"At most {MAX_VALUES} values in a list.")
        return [_values(model, column, one) for one in value]
    if isinstance(value, str) and value_type(model, column) is int:
        if not re.fullmatch(r"-?[0-9]{1,19}", value) or abs(int(value)) > _LARGEST:
            raise BadUserInput("filter", f"{column} is a number.")
        return int(value)
    return value


def _count(condition: Condition) -> int:
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            return 1 + sum(map(_count, conditions))
        case Not(inner):
            return 1 + _count(inner)
        case Compare():
            return 1
