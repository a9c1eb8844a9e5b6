"""Filters of root lists: comparisons on columns, combined with `and`, `or` and `not`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum
from typing import Any, Generic, TypeVar, dataclass_transform

import strawberry
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models.identity import Row, prefix_of
from resolvers.errors import BadUserInput
from services.planning.calendar import WorkCalendar
from services.reads import (
    AllOf,
    AnyApart,
    AnyOf,
    Compare,
    Condition,
    Contains,
    First,
    Meaningless,
    Not,
    Related,
)
from services.reads.columns import has_column, longest_text, may_be_null, referenced_model, value_type

T = TypeVar("T")
C = TypeVar("C", bound=type)

MAX_DEPTH = 5
MAX_COMPARISONS = 100
MAX_VALUES = 100
MAX_DAYS = 10_000

Path = tuple[str, ...]

_COMPARES = "__compares__"
_FORM = "form"
_MEANS = "means"
_LEADS_BY = "leads_by"
_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Form:
    """How the texts of a column are written: what fits, and its name in a sentence."""

    fits: Callable[[str], object]
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """When a filter is used, and by whom."""

    today: date
    calendar: WorkCalendar
    operator_id: str


Meaning = Callable[[Any, Asked], Condition]
"""The condition that one value of a criterion means, or Meaningless."""


@dataclass(frozen=True, slots=True)
class _Compared:
    """What a filter compares: the columns of a model, with their forms, and criteria that are no columns.

    Of these, some have a meaning of their own, and others lead by a column to the filter of another model.
    """

    model: type[Row]
    forms: Mapping[str, Form]
    meanings: Mapping[str, Meaning]
    leads: Mapping[str, str]

    def form(self, column: str) -> Form | None:
        """The form of a column's texts. A reference for which none is declared takes the ids of its model."""
        if column in self.forms:
            return self.forms[column]
        referenced = referenced_model(self.model, column)
        return id_form(referenced) if referenced else None


def id_form(model: type[Row]) -> Form:
    return Form(lambda text: prefix_of(text) == model.prefix, f"the id of a row of type {model.__name__}")


@strawberry.input(description="Which values a field may have. All given conditions must hold.")
class Choice(Generic[T]):
    eq: T | None = strawberry.field(
        default=UNSET, description="Exactly this value; null for rows without a value."
    )
    in_: list[T] | None = strawberry.field(
        name="in", default=UNSET, description=f"One of these values, at most {MAX_VALUES}."
    )


@strawberry.input(
    description="The range of a value. All given conditions must hold; rows without a value never match."
)
class Range(Generic[T]):
    eq: T | None = strawberry.field(
        default=UNSET, description="Exactly this value; null for rows without a value."
    )
    in_: list[T] | None = strawberry.field(
        name="in", default=UNSET, description=f"One of these values, at most {MAX_VALUES}."
    )
    gte: T | None = strawberry.field(default=UNSET, description="At or after this.")
    lt: T | None = strawberry.field(default=UNSET, description="Before this.")


@strawberry.enum(description="Which days are counted.")
class DayUnit(Enum):
    DAYS = strawberry.enum_value("DAYS", description="Every day.")
    WORKING_DAYS = strawberry.enum_value(
        "WORKING_DAYS", description="Only days that are worked in the hub's calendar."
    )


@strawberry.input(description="Days counted from the calendar's today.")
class RelativeDays:
    from_: int | None = strawberry.field(
        name="from",
        default=None,
        description="From this many days after today, negative for before it; without it, from the beginning.",
    )
    before: int | None = strawberry.field(
        default=None,
        description="Up to this many days after today, that day excluded; without it, for ever.",
    )
    unit: DayUnit = strawberry.field(default=DayUnit.WORKING_DAYS, description="Which days are counted.")


@strawberry.input(
    description="A range of days. All given conditions must hold; no day at all is in no range."
)
class DateRange:
    eq: date | None = strawberry.field(default=UNSET, description="Exactly this day; null for no day at all.")
    in_: list[date] | None = strawberry.field(
        name="in", default=UNSET, description=f"One of these days, at most {MAX_VALUES}."
    )
    gte: date | None = strawberry.field(default=UNSET, description="This day or later.")
    lt: date | None = strawberry.field(default=UNSET, description="Before this day.")
    relative: RelativeDays | None = strawberry.field(
        default=UNSET, description="Days counted from today, so that a saved filter is still right tomorrow."
    )


def criterion(
    description: str,
    *,
    form: Form | None = None,
    means: Meaning | None = None,
    leads_by: str | None = None,
) -> Any:
    """A column to compare. The field has the column's name. A value that does not have the column's form is refused.

    A reference needs no form if it takes the ids of its model. With `means` it is no column: the function says what a
    value stands for. With `leads_by` it is the filter of the row that this column points to.
    """
    metadata = {_FORM: form, _MEANS: means, _LEADS_BY: leads_by}
    return strawberry.field(default=UNSET, description=description, metadata=metadata)


@dataclass_transform(kw_only_default=True)
def filters(model: type[Row], description: str) -> Callable[[C], C]:
    """Declare a filter of a model's rows: each field is a column of it. Adds `and`, `or` and `not`."""

    def declare(shape: C) -> C:
        forms, meanings, leads = (_declared(shape, what) for what in (_FORM, _MEANS, _LEADS_BY))
        for name in shape.__annotations__:
            column = leads.get(name, name)
            if column not in meanings and not has_column(model, column):
                raise TypeError(
                    f"{model.__name__} has no column {column!r}, which {shape.__name__} compares."
                )
        setattr(shape, _COMPARES, _Compared(model, forms, meanings, leads))
        _add_connectives(shape)
        return strawberry.input(shape, description=description)

    return declare


def meanings_of(shape: type) -> Mapping[str, Meaning]:
    """Return the criteria of a filter that have a meaning of their own."""
    compared: _Compared = getattr(shape, _COMPARES)
    return compared.meanings


def leads_of(shape: type) -> Mapping[str, str]:
    """Return the criteria of a filter that lead to the filter of another row, with the column that they lead by."""
    compared: _Compared = getattr(shape, _COMPARES)
    return compared.leads


def compared_columns(shape: type) -> list[str]:
    """Return the columns that a filter compares."""
    connectives = ("and_", "or_", "not_")
    compared: _Compared = getattr(shape, _COMPARES)
    others = (*compared.meanings, *compared.leads, *connectives)
    return [name for name in shape.__annotations__ if name not in others]


def _declared(shape: type, what: str) -> dict[str, Any]:
    declared = {name: vars(shape)[name].metadata[what] for name in shape.__annotations__}
    return {name: one for name, one in declared.items() if one is not None}


def condition_of(wanted: Any, asked: Asked) -> Condition:
    """Return the condition that the argument `filter` means.

    Refuse a filter that is too large to be intended, and a value that no row can hold.
    """
    condition = _condition(wanted, asked, MAX_DEPTH, ("filter",))
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


def _condition(wanted: Any, asked: Asked, depth: int, path: Path) -> Condition:
    if depth == 0:
        raise BadUserInput("filter", f"A filter is at most {MAX_DEPTH} levels deep.")
    return AllOf(tuple(_parts(wanted, asked, depth, path)))


def _parts(wanted: Any, asked: Asked, depth: int, path: Path) -> Iterator[Condition]:
    def conditions(name: str, several: list[Any]) -> tuple[Condition, ...]:
        return tuple(
            _condition(one, asked, depth - 1, (*path, name, str(n))) for n, one in enumerate(several)
        )

    for name, value in vars(wanted).items():
        if value is UNSET or value is None:
            continue
        if name == "and_":
            yield AllOf(conditions("and", value))
        elif name == "or_":
            yield AnyOf(conditions("or", value))
        elif name == "not_":
            yield Not(_condition(value, asked, depth - 1, (*path, "not")))
        else:
            yield from _criterion(getattr(wanted, _COMPARES), name, value, asked, depth, path)


def _criterion(
    compared: _Compared, name: str, value: Any, asked: Asked, depth: int, path: Path
) -> Iterator[Condition]:
    path = (*path, to_camel_case(name))
    if (by := compared.leads.get(name)) is not None:
        inner = _condition(value, asked, depth - 1, path)
        yield Related(by, getattr(value, _COMPARES).model, inner)
    elif (meaning := compared.meanings.get(name)) is not None:
        yield from _meant(meaning, value, asked, path)
    else:
        yield from _comparisons(compared, name, value, asked, path)


def _meant(meaning: Meaning, wanted: Any, asked: Asked, path: Path) -> Iterator[Condition]:
    try:
        if not isinstance(wanted, Choice):
            yield meaning(wanted, asked)
            return
        if wanted.eq is not UNSET:
            yield meaning(wanted.eq, asked)
        if isinstance(wanted.in_, list):
            _refuse_many(wanted.in_, (*path, "in"))
            yield AnyOf(tuple(meaning(one, asked) for one in wanted.in_))
    except Meaningless as error:
        raise BadUserInput("filter", str(error), path=path) from None


def _comparisons(
    compared: _Compared, column: str, values: Any, asked: Asked, path: Path
) -> Iterator[Condition]:
    _refuse_empty_stretch(getattr(values, "gte", None), getattr(values, "lt", None), path)
    for name, value in vars(values).items():
        if value is UNSET or (value is None and name != "eq"):
            continue
        operator: Any = name.rstrip("_")
        if value is None and not may_be_null(compared.model, column):
            raise BadUserInput("filter", "This always has a value.", path=(*path, operator))
        if isinstance(value, RelativeDays):
            yield from _days(column, value, asked, (*path, operator))
        else:
            yield Compare(column, operator, _stored(compared, column, value, (*path, operator)))


def _days(column: str, days: RelativeDays, asked: Asked, path: Path) -> Iterator[Condition]:
    _refuse_empty_stretch(days.from_, days.before, path)
    if days.from_ is not None:
        yield Compare(column, "gte", _day(days.from_, days.unit, asked, (*path, "from")))
    if days.before is not None:
        yield Compare(column, "lt", _day(days.before, days.unit, asked, (*path, "before")))


def _refuse_empty_stretch(first: Any, end: Any, path: Path) -> None:
    if first not in (None, UNSET) and end not in (None, UNSET) and first >= end:
        raise BadUserInput("filter", "It ends before it begins.", path=path)


def _day(count: int, unit: DayUnit, asked: Asked, path: Path) -> date:
    if abs(count) > MAX_DAYS:
        raise BadUserInput("filter", f"At most {MAX_DAYS} days.", path=path)
    if unit is DayUnit.DAYS:
        return asked.today + timedelta(days=count)
    move = asked.calendar.add if count >= 0 else asked.calendar.subtract
    return move(asked.today, abs(count))


def _stored(compared: _Compared, column: str, value: Any, path: Path) -> Any:
    """Return the caller's value as the column holds it: CRM ids are numbers there."""
    if isinstance(value, list):
        _refuse_many(value, path)
        return [_stored(compared, column, one, (*path, str(n))) for n, one in enumerate(value)]
    if not isinstance(value, str):
        return value
    if value_type(compared.model, column) is int:
        return _number(value, path)
    _check_text(compared, column, value, path)
    return value


def _refuse_many(values: list[Any], path: Path) -> None:
    if len(values) > MAX_VALUES:
        raise BadUserInput("filter", f"At most {MAX_VALUES} values in a list.", path=path)


def _number(text: str, path: Path) -> int:
    if not re.fullmatch(r"-?[0-9]{1,19}", text) or abs(int(text)) > _LARGEST:
        raise BadUserInput("filter", f"{text[:40]!r} is not a number.", path=path)
    return int(text)


def _check_text(compared: _Compared, column: str, text: str, path: Path) -> None:
    """Refuse a text that no row can hold. An empty answer would hide the mistake."""
    form, longest = compared.form(column), longest_text(compared.model, column)
    if form is not None and not form.fits(text):
        raise BadUserInput("filter", f"{text[:40]!r} is not {form.name}.", path=path)
    if longest is not None and len(text) > longest:
        raise BadUserInput("filter", f"This text has at most {longest} characters.", path=path)


def _count(condition: Condition) -> int:
    match condition:
        case AllOf(conditions) | AnyOf(conditions) | AnyApart(conditions=conditions):
            return 1 + sum(map(_count, conditions))
        case Not(inner):
            return 1 + _count(inner)
        case Related(condition=inner) | First(condition=inner):
            return 1 + _count(inner)
        case Compare() | Contains():
            return 1
