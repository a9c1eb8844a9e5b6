"""How values are written in JSON, by SQL.

Each form is written exactly as the uncompiled way writes it. A value that does not fit its form becomes `DOUBT`, and
null stays null.
"""

# ruff: noqa: S608 - every piece is ours

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from models.sqlite_reads import WRITE_FRACTION

DOUBT = "\x02"
"""Stands in an answer where the uncompiled way has to decide: perhaps an error belongs there.

JSON escapes control characters, so no text of a row can be taken for it.
"""

_LARGEST = 2**31 - 1


class Kind(Enum):
    TEXT = auto()
    NUMBER_AS_TEXT = auto()
    NUMBER = auto()
    WHOLE = auto()
    FRACTION = auto()
    TRUTH = auto()
    DECIMAL = auto()
    DAY = auto()
    INSTANT = auto()
    WORD = auto()
    LIST = auto()


@dataclass(frozen=True, slots=True)
class Form:
    """`words` maps stored words to those that are shown; `entries` is the form of a list's entries."""

    kind: Kind
    words: tuple[tuple[str, str], ...] = ()
    entries: "Form | None" = None


_IN_A_PLACE = {
    str: Form(Kind.TEXT),
    int: Form(Kind.NUMBER),
    bool: Form(Kind.TRUTH),
    date: Form(Kind.DAY),
    datetime: Form(Kind.INSTANT),
}


def form_of_place(type_of_value: type) -> Form:
    """Return how a column's value is written in a cursor."""
    return _IN_A_PLACE[type_of_value]


class Wording(ABC):
    """Writes values in the SQL of one database."""

    join = "string_agg"
    found_once = ""
    """Ends a query whose value is found once, wherever its name stands."""

    def write(self, form: Form, sql: str) -> str:
        """Return the JSON of a value, as SQL. Null stays null."""
        match form.kind:
            case Kind.TEXT:
                return self.text(sql)
            case Kind.NUMBER_AS_TEXT:
                return self.quoted(sql)
            case Kind.NUMBER:
                return f"CAST({sql} AS TEXT)"
            case Kind.WHOLE:
                return self.whole(sql)
            case Kind.FRACTION:
                return self.fraction(sql)
            case Kind.TRUTH:
                return f"CASE {self.truth(sql)} WHEN TRUE THEN 'true' WHEN FALSE THEN 'false' END"
            case Kind.DECIMAL:
                return self.quoted(sql)
            case Kind.DAY:
                return self.day(sql)
            case Kind.INSTANT:
                return self.instant(sql)
            case Kind.WORD:
                return self.word(form, sql)
            case Kind.LIST:
                assert form.entries is not None
                return f"CASE WHEN {sql} IS NULL THEN NULL ELSE '[' || {self.entries(form.entries, sql)} || ']' END"

    def word(self, form: Form, sql: str) -> str:
        cases = " ".join(f"WHEN '{stored}' THEN '\"{shown}\"'" for stored, shown in form.words)
        return f"CASE COALESCE({sql}, '{DOUBT}') WHEN '{DOUBT}' THEN NULL {cases} ELSE '{DOUBT}' END"

    @abstractmethod
    def looks_twice(self, form: Form) -> bool:
        """Whether the SQL of a form names its value more than once."""

    @abstractmethod
    def text(self, sql: str) -> str: ...

    @abstractmethod
    def quoted(self, sql: str) -> str: ...

    @abstractmethod
    def whole(self, sql: str) -> str: ...

    @abstractmethod
    def fraction(self, sql: str) -> str: ...

    @abstractmethod
    def truth(self, sql: str) -> str: ...

    @abstractmethod
    def day(self, sql: str) -> str: ...

    @abstractmethod
    def instant(self, sql: str) -> str: ...

    @abstractmethod
    def entries(self, form: Form, sql: str) -> str:
        """Return the entries of a list, separated by commas."""

    @abstractmethod
    def listed(self, sql: str) -> tuple[str, str, str]:
        """Return the entries of a list as a source of rows: its text, an entry, and what to order by."""


class PostgresWording(Wording):
    # Without it, PostgreSQL replaces each name by the whole expression.
    found_once = " OFFSET 0"

    def looks_twice(self, form: Form) -> bool:
        return form.kind in (Kind.WHOLE, Kind.DAY, Kind.INSTANT, Kind.LIST)

    def text(self, sql: str) -> str:
        return f"to_json(({sql})::text)::text"

    def quoted(self, sql: str) -> str:
        return f"'\"' || ({sql})::text || '\"'"

    def whole(self, sql: str) -> str:
        # A cast that fails would end the transaction, in which others still read.
        fits = f"{sql} BETWEEN -{_LARGEST} - 1 AND {_LARGEST}"
        return f"CASE WHEN {sql} IS NULL THEN NULL WHEN {fits} THEN ({sql})::int4::text ELSE '{DOUBT}' END"

    def fraction(self, sql: str) -> str:
        return f"({sql})::float8::text"

    def truth(self, sql: str) -> str:
        return f"({sql})"

    def day(self, sql: str) -> str:
        return self._finite(sql, f"to_json({sql})::text")

    def instant(self, sql: str) -> str:
        written = f"""to_char(({sql}) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""
        return self._finite(sql, f"'\"' || replace({written}, '.000000', '') || '+00:00\"'")

    def _finite(self, sql: str, written: str) -> str:
        """The driver stores the first and the last day of all as infinite ones, and gives them back in its own way."""
        return f"CASE isfinite({sql}) WHEN TRUE THEN {written} WHEN FALSE THEN '{DOUBT}' END"

    def entries(self, form: Form, sql: str) -> str:
        match form.kind:
            case Kind.TEXT:
                entry = f"CASE jsonb_typeof(l.e) WHEN 'string' THEN l.e::text ELSE '{DOUBT}' END"
            case Kind.WORD:
                entry = self.word(form, "l.e #>> '{}'")
            case _:
                whole = self.whole("l.e::numeric")
                entry = f"CASE jsonb_typeof(l.e) WHEN 'number' THEN {whole} ELSE '{DOUBT}' END"
        rows = f"jsonb_array_elements({sql}) WITH ORDINALITY AS l(e, n)"
        return (
            f"(SELECT COALESCE(string_agg(COALESCE({entry}, '{DOUBT}'), ',' ORDER BY l.n), '') FROM {rows})"
        )

    def listed(self, sql: str) -> tuple[str, str, str]:
        return f"jsonb_array_elements_text({sql}) WITH ORDINALITY AS l(e, n)", "l.e", "l.n"


class SqliteWording(Wording):
    join = "group_concat"

    def looks_twice(self, form: Form) -> bool:
        return form.kind in (Kind.TEXT, Kind.WHOLE, Kind.FRACTION, Kind.INSTANT, Kind.LIST)

    def text(self, sql: str) -> str:
        return f"CASE WHEN {sql} IS NULL THEN NULL ELSE json_quote({sql}) END"

    def quoted(self, sql: str) -> str:
        return f"'\"' || ({sql}) || '\"'"

    def whole(self, sql: str) -> str:
        fits = f"typeof({sql}) = 'integer' AND {sql} BETWEEN -{_LARGEST} - 1 AND {_LARGEST}"
        return f"CASE WHEN {sql} IS NULL THEN NULL WHEN {fits} THEN {sql} ELSE '{DOUBT}' END"

    def fraction(self, sql: str) -> str:
        # The function is one of Python, and most fractions are nothing or all.
        return f"CASE {sql} WHEN 0 THEN '0.0' WHEN 1 THEN '1.0' ELSE {WRITE_FRACTION}({sql}) END"

    def truth(self, sql: str) -> str:
        return f"({sql}) <> 0"

    def day(self, sql: str) -> str:
        return self.quoted(sql)

    def instant(self, sql: str) -> str:
        # As the hub stores it: with its zone, and with six digits of a second or none.
        fits = f"length({sql}) IN (25, 32) AND substr({sql}, 11, 1) = ' '"
        return (
            f"CASE WHEN {sql} IS NULL THEN NULL WHEN {fits}"
            f" THEN '\"' || replace({sql}, ' ', 'T') || '\"' ELSE '{DOUBT}' END"
        )

    def entries(self, form: Form, sql: str) -> str:
        match form.kind:
            case Kind.TEXT:
                entry = f"CASE l.type WHEN 'text' THEN json_quote(l.value) ELSE '{DOUBT}' END"
            case Kind.WORD:
                entry = self.word(form, "l.value")
            case _:
                entry = self.whole("l.value")
        return f"(SELECT COALESCE(group_concat(COALESCE({entry}, '{DOUBT}'), ','), '') FROM json_each({sql}) AS l)"

    def listed(self, sql: str) -> tuple[str, str, str]:
        return f"json_each({sql}) AS l", "l.value", "l.key"


POSTGRES, SQLITE = PostgresWording(), SqliteWording()
