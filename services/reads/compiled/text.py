"""The text of a statement: fixed pieces, and slots that each request fills."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from services.reads.compiled.shapes import Asked
from services.reads.conditions import Condition, Parameters, to_sql
from services.reads.plan import NAMED


@dataclass(frozen=True, slots=True)
class Request:
    """What a statement is filled with."""

    parameters: Parameters
    asked: Mapping[int, Asked]


Slot = Callable[[Request], str]
Text = list[str | Slot]


def text(*pieces: str | Slot | Text) -> Text:
    """Put pieces together. Fixed ones beside each other become one."""
    whole: Text = []
    for piece in pieces:
        for one in piece if isinstance(piece, list) else (piece,):
            if isinstance(one, str) and whole and isinstance(whole[-1], str):
                whole[-1] += one
            else:
                whole.append(one)
    return whole


def filled(whole: Text, request: Request) -> str:
    """Return the text with its slots filled."""
    return "".join(one if isinstance(one, str) else one(request) for one in whole)


@dataclass(frozen=True, slots=True)
class Fixed:
    """A part of the JSON that is the same for every row."""

    json: str


Part = Fixed | Text


def concatenated(parts: Iterable[Part]) -> Text:
    """Return the SQL that puts parts of JSON together."""
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, Fixed) and merged and isinstance(merged[-1], Fixed):
            merged[-1] = Fixed(merged[-1].json + part.json)
        else:
            merged.append(part)
    whole: Text = []
    for index, part in enumerate(merged):
        sql = literal(part.json) if isinstance(part, Fixed) else part
        whole = text(whole, " || " if index else "", sql)
    return whole


def literal(json: str) -> str:
    quoted = json.replace("'", "''")
    return f"'{quoted}'"


def keyed(fields: Iterable[tuple[str, Iterable[Part]]]) -> Iterable[Part]:
    """Yield the parts of an object's inside: each key and its value."""
    for index, (key, value) in enumerate(fields):
        yield Fixed(f'{"," if index else ""}"{key}":')
        yield from value


def condition_slot(condition: Condition, row: str) -> Slot:
    def fill(request: Request) -> str:
        return to_sql(condition, request.parameters, row)

    return fill


def bound(value: Any) -> Slot:
    def fill(request: Request) -> str:
        return request.parameters.bind(value)

    return fill


def asked_condition(number: int, row: str) -> Slot:
    """The condition that the request gives for a root."""

    def fill(request: Request) -> str:
        return to_sql(request.asked[number].where, request.parameters, row)

    return fill


def split_ambient(sql: str) -> Text:
    """Return the text with a slot wherever it names a value of the environment."""
    # Every second piece is such a name.
    pieces = NAMED.split(sql)
    return text(*(_named(piece) if number % 2 else piece for number, piece in enumerate(pieces)))


def split_around(sql: str, mark: str, inner: Text) -> Text:
    """Return the text with another one in place of a mark."""
    before, after = sql.split(mark)
    return text(before, inner, after)


def _named(name: str) -> Slot:
    def fill(request: Request) -> str:
        return request.parameters.bind_named(name)

    return fill
