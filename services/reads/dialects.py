"""Where SQLite and PostgreSQL differ: placeholders, lists of keys, and the values they return."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
from tortoise import fields
from tortoise.fields.base import Field

from services.reads.plan import Expression

Decoder = Callable[[Any], Any]


_SQLITE_FIELDS: tuple[tuple[type[Any], Decoder], ...] = (
    (fields.DatetimeField, datetime.fromisoformat),
    (fields.DateField, date.fromisoformat),
    (fields.DecimalField, Decimal),
    (fields.BooleanField, bool),
    (fields.JSONField, orjson.loads),
)
_SQLITE_TYPES: dict[type[Any], Decoder] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    Decimal: Decimal,
    bool: bool,
    list: orjson.loads,
    dict: orjson.loads,
}


_POSTGRES_TYPES: dict[type[Any], str] = {date: "date", int: "integer"}


class Dialect(ABC):
    state: str
    """An expression that changes when anything is written. Compare its values of one origin only."""

    @abstractmethod
    def placeholder(self, number: int) -> str:
        """Return the text for the `number`-th parameter, counted from one."""

    @abstractmethod
    def among(self, column: str, placeholder: str) -> str:
        """Return the condition that a column holds one of the values of a single list parameter."""

    @abstractmethod
    def key_list(self, keys: Sequence[Any]) -> Any:
        """Return the parameter that `among` takes."""

    @abstractmethod
    def encode(self, value: Any) -> Any:
        """Return a Python value as the driver expects it."""

    @abstractmethod
    def listed_rows(self, placeholder: str, columns: Mapping[str, type]) -> str:
        """Return a SELECT of the rows in a single parameter: a JSON list of lists, one entry for each column."""

    @abstractmethod
    def decoder(self, column: Field[Any]) -> Decoder | None:
        """Return what turns a stored value other than null into its Python value; None if none is needed."""

    @abstractmethod
    def expression(self, expression: Expression) -> str:
        """Return the text of an expression."""

    @abstractmethod
    def expression_decoder(self, expression: Expression) -> Decoder | None:
        """The same as `decoder`, for the result of an expression."""


class Sqlite(Dialect):
    """Dates, instants and decimals are stored as text, and booleans as numbers."""

    state = "(SELECT data_version FROM pragma_data_version)"

    def placeholder(self, number: int) -> str:
        return f"?{number}"

    def among(self, column: str, placeholder: str) -> str:
        return f"{column} IN (SELECT value FROM json_each({placeholder}))"  # noqa: S608 - both are ours

    def key_list(self, keys: Sequence[Any]) -> Any:
        return orjson.dumps([self.encode(key) for key in keys]).decode()

    def encode(self, value: Any) -> Any:
        if isinstance(value, str):
            return storable(value)
        if isinstance(value, datetime):
            return as_utc(value).isoformat(" ")
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, Decimal):
            return str(value)
        return value

    def listed_rows(self, placeholder: str, columns: Mapping[str, type]) -> str:
        values = ", ".join(f"json_extract(value, '$[{n}]') AS \"{name}\"" for n, name in enumerate(columns))
        return f"SELECT {values} FROM json_each({placeholder})"  # noqa: S608 - both are ours

    def decoder(self, column: Field[Any]) -> Decoder | None:
        return next((decode for kind, decode in _SQLITE_FIELDS if isinstance(column, kind)), None)

    def expression(self, expression: Expression) -> str:
        return expression.sql

    def expression_decoder(self, expression: Expression) -> Decoder | None:
        return _SQLITE_TYPES.get(expression.returns)


class Postgres(Dialect):
    # A server that was restored from a backup uses numbers of transactions again.
    state = "CONCAT(pg_current_snapshot(), ' ', pg_postmaster_start_time())"

    def placeholder(self, number: int) -> str:
        return f"${number}"

    def among(self, column: str, placeholder: str) -> str:
        return f"{column} = ANY({placeholder})"

    def key_list(self, keys: Sequence[Any]) -> Any:
        return [self.encode(key) for key in keys]

    def encode(self, value: Any) -> Any:
        if isinstance(value, str):
            return storable(value)
        return as_utc(value) if isinstance(value, datetime) else value

    def listed_rows(self, placeholder: str, columns: Mapping[str, type]) -> str:
        values = ", ".join(
            f'CAST(value ->> {n} AS {_POSTGRES_TYPES[kind]}) AS "{name}"'
            for n, (name, kind) in enumerate(columns.items())
        )
        return f"SELECT {values} FROM json_array_elements(CAST({placeholder} AS json))"  # noqa: S608 - both are ours

    def decoder(self, column: Field[Any]) -> Decoder | None:
        return orjson.loads if isinstance(column, fields.JSONField) else None

    def expression(self, expression: Expression) -> str:
        return expression.postgres or expression.sql

    def expression_decoder(self, expression: Expression) -> Decoder | None:
        return orjson.loads if expression.returns in (list, dict) else None


def as_utc(instant: datetime) -> datetime:
    """Return the instant in UTC. An instant without a zone is taken as UTC.

    >>> as_utc(datetime(2026, 7, 1, 12)).isoformat()
    '2026-07-01T12:00:00+00:00'
    """
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def storable(text: str) -> str:
    """Return the text if a database can hold it, else a text that no row holds.

    >>> storable("Perché"), storable("\\0"), storable("\\ud800")
    ('Perché', '\\ufffd', '?')
    """
    if text.isascii() and "\0" not in text:
        return text
    return text.encode(errors="replace").decode().replace("\0", "\ufffd")


_SQLITE = Sqlite()
_POSTGRES = Postgres()


def dialect_named(name: str) -> Dialect:
    """Return the dialect of a connection, by the name in its capabilities."""
    return _SQLITE if name == "sqlite" else _POSTGRES
