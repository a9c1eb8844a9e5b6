"""Conditions on rows, as plain values that filters are translated into."""

# ruff: noqa: S608

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from models.identity import Row
from services.reads.dialects import Dialect
from services.reads.plan import ROW, Environment

Operator = Literal["eq", "in", "gte", "gt", "lte", "lt", "null"]


class Meaningless(Exception):
    """A value that a caller gave stands for no condition. The message says why, for the caller."""


@dataclass(frozen=True, slots=True)
class Other:
    """In place of a value: what another column of the same row holds."""

    column: str


@dataclass(frozen=True, slots=True)
class Compare:
    """One column compared with one value.

    For `in` the value is a list; for `null` it says whether the column is null. Only an order is compared with another
    column.
    """

    column: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class Contains:
    """A column's text holds these characters."""

    column: str
    text: str


@dataclass(frozen=True, slots=True)
class Related:
    """A row of a model meets a condition, and our column holds its id, or what `theirs` names."""

    column: str
    model: type[Row]
    condition: "Condition"
    theirs: str = "id"


@dataclass(frozen=True, slots=True)
class First:
    """Of the rows of a model that meet a condition and are alike in some columns, the one with the smallest id."""

    model: type[Row]
    alike_in: tuple[str, ...]
    condition: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of these hold. Without conditions it always holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds. Without conditions it never holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyApart:
    """At least one of these holds of a row of a model. Each is looked for by itself, so each may follow an index."""

    model: type[Row]
    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition is false, or unknown because a value is missing."""

    condition: "Condition"


Condition = Compare | Contains | Related | First | AllOf | AnyOf | AnyApart | Not

EVERYTHING = AllOf(())

OTHER = '"other"'
"""Another row of the same table."""

_WILDCARD = re.compile("[!%_]")


class Parameters:
    """The values of one statement, numbered in the order in which its text binds them."""

    def __init__(self, dialect: Dialect, environment: Environment | None = None) -> None:
        self.dialect = dialect
        self.values: list[Any] = []
        self._environment = environment
        self._named: dict[str, str] = {}

    def bind_named(self, name: str) -> str:
        """Bind a value of the environment, once for the whole statement."""
        if name not in self._named:
            assert self._environment is not None, "a statement with expressions is made in an environment"
            self._named[name] = self.bind(attrgetter(name)(self._environment))
        return self._named[name]

    def bind(self, value: Any) -> str:
        return self._add(self.dialect.encode(value))

    def bind_list(self, values: Any) -> str:
        return self._add(self.dialect.key_list(values))

    def _add(self, value: Any) -> str:
        self.values.append(value)
        return self.dialect.placeholder(len(self.values))


def to_sql(condition: Condition, parameters: Parameters, row: str = ROW) -> str:
    """Return the condition on a row in SQL, with its values bound as parameters."""
    match condition:
        case AllOf(conditions):
            relevant = tuple(one for one in conditions if one != EVERYTHING)
            return _join(" AND ", relevant, parameters, row) or "TRUE"
        case AnyOf(conditions):
            return _join(" OR ", conditions, parameters, row) or "FALSE"
        case AnyApart(model, conditions):
            rows = f'SELECT {ROW}."id" FROM "{model._meta.db_table}" AS {ROW} WHERE '
            apart = " UNION ALL ".join(rows + to_sql(one, parameters) for one in conditions)
            return f'{row}."id" IN ({apart})'
        case Not(inner):
            return f"({to_sql(inner, parameters, row)}) IS NOT TRUE"
        case Contains(column, text):
            pattern = parameters.bind(f"%{_WILDCARD.sub(_escaped, text)}%")
            return f"{row}.\"{column}\" LIKE {pattern} ESCAPE '!'"
        case Related(column, model, inner, theirs):
            # The inner table has the same alias: inside, it hides the outer one.
            rows = f'SELECT {ROW}."{theirs}" FROM "{model._meta.db_table}" AS {ROW}'
            return f'{row}."{column}" IN ({rows} WHERE {to_sql(inner, parameters)})'
        case First(model, alike_in, inner):
            same = (f'{OTHER}."{column}" = {row}."{column}"' for column in alike_in)
            alike = " AND ".join((*same, f'{OTHER}."id" < {row}."id"'))
            # The limit keeps both databases from looking for the condition first, in an index of its own.
            earlier = f'SELECT * FROM "{model._meta.db_table}" AS {OTHER} WHERE {alike} LIMIT 1000000'
            return (
                f"NOT EXISTS (SELECT 1 FROM ({earlier}) AS {OTHER} WHERE {to_sql(inner, parameters, OTHER)})"
            )
        case Compare(column, operator, Other(other)):
            return f'{row}."{column}" {_SIGNS[operator]} {row}."{other}"'
        case Compare():
            return _COMPARISONS[condition.operator](
                f'{row}."{condition.column}"', condition.value, parameters
            )


def _escaped(wildcard: re.Match[str]) -> str:
    return f"!{wildcard[0]}"


def _join(word: str, conditions: tuple[Condition, ...], parameters: Parameters, row: str) -> str:
    return word.join(f"({to_sql(condition, parameters, row)})" for condition in conditions)


def _equal(column: str, value: Any, parameters: Parameters) -> str:
    if value is None:
        return f"{column} IS NULL"
    # Two words, not a value: which of them is asked decides which index is right.
    return f"{column} = {str(value).upper() if isinstance(value, bool) else parameters.bind(value)}"


def _ordered(sign: str) -> Callable[[str, Any, Parameters], str]:
    return lambda column, value, parameters: f"{column} {sign} {parameters.bind(value)}"


_SIGNS: dict[Operator, str] = {"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}
_COMPARISONS: dict[Operator, Callable[[str, Any, Parameters], str]] = {
    "eq": _equal,
    "in": lambda column, values, parameters: parameters.dialect.among(column, parameters.bind_list(values)),
    **{operator: _ordered(sign) for operator, sign in _SIGNS.items()},
    "null": lambda column, value, parameters: f"{column} IS {'' if value else 'NOT '}NULL",
}
