"""Cursors: a place in an ordered list as an opaque text, and back."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date, datetime
from typing import Any

import orjson

from models.identity import Row
from services.reads.columns import may_be_null, value_type
from services.reads.keyset import Place
from services.reads.plan import Order

_LARGEST = 2**31 - 1


def cursor_of(place: Place, order: Order) -> str:
    """Return the text for a place. It includes the order, without which the place has no meaning."""
    return urlsafe_b64encode(orjson.dumps([name_of(order), *place])).decode().rstrip("=")


def place_of(cursor: str, order: Order, model: type[Row]) -> Place:
    """Return the place that a cursor stands for. ValueError if the cursor was made for another order."""
    padded = cursor.encode() + b"=" * (-len(cursor) % 4)
    content = orjson.loads(urlsafe_b64decode(padded))
    if not isinstance(content, list) or len(content) != len(order) + 1 or content[0] != name_of(order):
        raise ValueError("The cursor belongs to another order.")
    return tuple(_value(text, model, key.column) for key, text in zip(order, content[1:], strict=True))


def name_of(order: Order) -> str:
    """Return the name of an order, as a cursor has it."""
    return " ".join(("-" if key.descending else "") + key.column for key in order)


def _value(text: Any, model: type[Row], column: str) -> Any:
    if text is None and may_be_null(model, column):
        return None
    kind = value_type(model, column)
    if kind in (datetime, date) and isinstance(text, str):
        return kind.fromisoformat(text)
    # An exact match: true is an int in Python, and no cursor of ours holds it.
    if type(text) is not kind or (isinstance(text, int) and abs(text) > _LARGEST):
        raise ValueError(f"The cursor holds no {kind.__name__} for {column}.")
    return text
