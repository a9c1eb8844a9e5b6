"""What a filter means: a tree and the kinds of its properties in, a test of records out (§2.0).

Kinds are checked before any record is read, so a filter is right or wrong whatever the store holds.
Nothing compares with an absent value except `eq null` and `ne null`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from services.crm.sandbox.odata_syntax import (
    COMPARISONS,
    Binary,
    Call,
    Junction,
    Literal,
    Name,
    Negation,
    Node,
    ODataError,
)
from services.crm.sandbox.resources import Kind

Record = Mapping[str, Any]
KindOf = Callable[[str], Kind]


class Sort(Enum):
    """What an expression yields."""

    TEXT = auto()
    NUMBER = auto()
    BOOLEAN = auto()
    DATE = auto()
    LIST = auto()
    NOTHING = auto()


@dataclass(frozen=True)
class Expression:
    """A part of a filter, ready to be evaluated on a record."""

    sort: Sort
    value_in: Callable[[Record], Any]


_SORT_OF_KIND = {
    Kind.TEXT: Sort.TEXT,
    Kind.INTEGER: Sort.NUMBER,
    Kind.NUMBER: Sort.NUMBER,
    Kind.BOOLEAN: Sort.BOOLEAN,
    Kind.DATE: Sort.DATE,
    Kind.LIST: Sort.LIST,
}

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
}


def compile_filter(tree: Node, kind_of: KindOf) -> Callable[[Record], bool]:
    """Turn a filter into a test; `kind_of` refuses the names that may not be filtered."""
    condition = _condition(tree, kind_of)
    return lambda record: bool(condition(record))


def _condition(node: Node, kind_of: KindOf) -> Callable[[Record], Any]:
    expression = _expression(node, kind_of)
    if expression.sort is not Sort.BOOLEAN:
        raise ODataError("A condition must be true or false.")
    return expression.value_in


def _expression(node: Node, kind_of: KindOf) -> Expression:
    match node:
        case Literal(value):
            return Expression(_sort_of_literal(value), lambda _: value)
        case Name(name):
            return _property(name, kind_of(name))
        case Call(function, arguments):
            return _call(function, [_expression(argument, kind_of) for argument in arguments])
        case Negation(operand):
            condition = _condition(operand, kind_of)
            return Expression(Sort.BOOLEAN, lambda record: not condition(record))
        case Junction(joiner, parts):
            return _junction(joiner, [_condition(part, kind_of) for part in parts])
        case Binary(sign, left, right):
            return _binary(sign, _expression(left, kind_of), _expression(right, kind_of))


def _sort_of_literal(value: object) -> Sort:
    # bool comes before int, of which it is a kind in Python.
    sorts = ((bool, Sort.BOOLEAN), (str, Sort.TEXT), (datetime, Sort.DATE), ((int, float), Sort.NUMBER))
    return next((sort for types, sort in sorts if isinstance(value, types)), Sort.NOTHING)


def _property(name: str, kind: Kind) -> Expression:
    if kind is Kind.DATE:
        return Expression(Sort.DATE, lambda record: _instant(record.get(name)))
    return Expression(_SORT_OF_KIND[kind], lambda record: record.get(name))


def _instant(stored: str | None) -> datetime | None:
    return None if stored is None else datetime.fromisoformat(stored)


def _junction(joiner: str, conditions: list[Callable[[Record], Any]]) -> Expression:
    every_or_any = all if joiner == "and" else any
    return Expression(Sort.BOOLEAN, lambda record: every_or_any(met(record) for met in conditions))


def _binary(sign: str, left: Expression, right: Expression) -> Expression:
    return _comparison(sign, left, right) if sign in COMPARISONS else _arithmetic(sign, left, right)


def _comparison(sign: str, left: Expression, right: Expression) -> Expression:
    sorts = {left.sort, right.sort} - {Sort.NOTHING}
    if len(sorts) > 1 or (Sort.LIST in sorts and Sort.NOTHING not in {left.sort, right.sort}):
        raise ODataError(f"'{sign}' cannot compare {left.sort.name.lower()} with {right.sort.name.lower()}.")
    compare = _OPERATORS[sign]
    equality = sign in ("eq", "ne")

    def holds(record: Record) -> bool:
        one, other = left.value_in(record), right.value_in(record)
        return bool(compare(one, other)) if equality or None not in (one, other) else False

    return Expression(Sort.BOOLEAN, holds)


def _arithmetic(sign: str, left: Expression, right: Expression) -> Expression:
    if {left.sort, right.sort} != {Sort.NUMBER}:
        raise ODataError(f"'{sign}' works on numbers.")

    def result(record: Record) -> Any:
        one, other = left.value_in(record), right.value_in(record)
        return None if None in (one, other) else _calculate(sign, one, other)

    return Expression(Sort.NUMBER, result)


def _calculate(sign: str, one: float, other: float) -> float | None:
    if sign in ("div", "mod"):
        if other == 0:
            return None
        return one / other if sign == "div" else one % other
    result: float = _OPERATORS[sign](one, other)
    return result


@dataclass(frozen=True)
class _Function:
    takes: tuple[Sort, ...]
    yields: Sort
    compute: Callable[..., Any]
    optional: int = 0

    def accepts(self, arguments: list[Expression]) -> bool:
        if not len(self.takes) - self.optional <= len(arguments) <= len(self.takes):
            return False
        return all(
            argument.sort in (wanted, Sort.NOTHING) or (argument.sort is Sort.LIST and wanted is Sort.TEXT)
            for argument, wanted in zip(arguments, self.takes, strict=False)
        )


def _substring(text: str, start: float, length: float | None = None) -> str:
    begin = max(int(start), 0)
    return text[begin:] if length is None else text[begin : begin + max(int(length), 0)]


_TEXTS = (Sort.TEXT, Sort.TEXT)
_FUNCTIONS = {
    "startswith": _Function(_TEXTS, Sort.BOOLEAN, str.startswith),
    "endswith": _Function(_TEXTS, Sort.BOOLEAN, str.endswith),
    "contains": _Function(_TEXTS, Sort.BOOLEAN, operator.contains),
    # The older dialect names the part first and the whole second.
    "substringof": _Function(_TEXTS, Sort.BOOLEAN, lambda part, whole: part in whole),
    "tolower": _Function((Sort.TEXT,), Sort.TEXT, str.lower),
    "toupper": _Function((Sort.TEXT,), Sort.TEXT, str.upper),
    "length": _Function((Sort.TEXT,), Sort.NUMBER, len),
    "indexof": _Function(_TEXTS, Sort.NUMBER, str.find),
    "replace": _Function((Sort.TEXT, Sort.TEXT, Sort.TEXT), Sort.TEXT, str.replace),
    "substring": _Function((Sort.TEXT, Sort.NUMBER, Sort.NUMBER), Sort.TEXT, _substring, optional=1),
}


def _call(name: str, arguments: list[Expression]) -> Expression:
    function = _FUNCTIONS.get(name)
    if function is None:
        raise ODataError(f"There is no function '{name}'.")
    if not function.accepts(arguments):
        raise ODataError(f"'{name}' was given the wrong arguments.")
    lists = [position for position, argument in enumerate(arguments) if argument.sort is Sort.LIST]
    if not lists:
        return Expression(function.yields, lambda record: _apply(function, _values(arguments, record)))
    if function.yields is not Sort.BOOLEAN or len(lists) > 1:
        raise ODataError(f"'{name}' cannot be applied to a list.")
    return _over_list(function, arguments, lists[0])


def _values(arguments: list[Expression], record: Record) -> list[Any]:
    return [argument.value_in(record) for argument in arguments]


def _apply(function: _Function, values: list[Any]) -> Any:
    return None if None in values else function.compute(*values)


def _over_list(function: _Function, arguments: list[Expression], position: int) -> Expression:
    """Evaluate each value of a list, such as the e-mail addresses of a company: one match is enough."""

    def any_item(record: Record) -> bool:
        values = _values(arguments, record)
        items = [item.get("value") if isinstance(item, dict) else item for item in values[position] or []]
        texts = [item for item in items if isinstance(item, str)]
        return any(_apply(function, [*values[:position], text, *values[position + 1 :]]) for text in texts)

    return Expression(Sort.BOOLEAN, any_item)
