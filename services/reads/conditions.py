"""Which rows are meant, as values: what a filter says once its words are understood."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from services.reads.dialects import Dialect
from services.reads.layout import ROW

Operator = Literal["eq", "in", "gte", "gt", "lte", "lt", "null"]


@dataclass(frozen=True, slots=True)
class Compare:
    """One column against one value (for `in`: against a list; for `null`: whether it holds nothing)."""

    column: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of these holds; of none, always."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of these holds; of none, never."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold, or cannot be said because a value is missing."""

    condition: "Condition"


Condition = Compare | AllOf | AnyOf | Not

EVERYTHING = AllOf(())


class Parameters:
    """The values of one statement, numbered as its words take them up."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.values: list[Any] = []

    def bind(self, value: Any) -> str:
        return self._add(self.dialect.encode(value))

    def bind_list(self, values: Any) -> str:
        return self._add(self.dialect.key_list(values))

    def _add(self, value: Any) -> str:
        self.values.append(value)
        return self.dialect.placeholder(len(self.values))


def words_of(condition: Condition, parameters: Parameters) -> str:
    """The condition in SQL, its values bound as parameters."""
    match condition:
        case AllOf(conditions):
            telling = tuple(one for one in conditions if one != EVERYTHING)
            return _join(" AND ", telling, parameters) or "TRUE"
        case AnyOf(conditions):
            return _join(" OR ", conditions, parameters) or "FALSE"
        case Not(inner):
            return f"({words_of(inner, parameters)}) IS NOT TRUE"
        case Compare():
            return _COMPARISONS[condition.operator](
                f'{ROW}."{condition.column}"', condition.value, parameters
            )


def _join(word: str, conditions: tuple[Condition, ...], parameters: Parameters) -> str:
    return word.join(f"({words_of(condition, parameters)})" for condition in conditions)


def _equal(column: str, value: Any, parameters: Parameters) -> str:
    return f"{column} IS NULL" if value is None else f"{column} = {parameters.bind(value)}"


_COMPARISONS: dict[Operator, Callable[[str, Any, Parameters], str]] = {
    "eq": _equal,
    "in": lambda column, values, parameters: parameters.dialect.among(column, parameters.bind_list(values)),
    "gte": lambda column, value, parameters: f"{column} >= {parameters.bind(value)}",
    "gt": lambda column, value, parameters: f"{column} > {parameters.bind(value)}",
    "lte": lambda column, value, parameters: f"{column} <= {parameters.bind(value)}",
    "lt": lambda column, value, parameters: f"{column} < {parameters.bind(value)}",
    "null": lambda column, value, parameters: f"{column} IS {'' if value else 'NOT '}NULL",
}
