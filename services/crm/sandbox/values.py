"""Values on their way in and out: what a body may hold, and how dates are written (§3)."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.crm.sandbox.answers import ApiError
from services.crm.sandbox.resources import Kind, Property

LARGEST_INTEGER = 2**63 - 1

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")
_TRUE_OR_FALSE: dict[Any, bool] = {
    True: True,
    False: False,
    "true": True,
    "false": False,
    "1": True,
    "0": False,
}


def stored_value(prop: Property, sent: Any, zone: ZoneInfo) -> Any:
    """Turn a value of a body into the stored one, or refuse it; numbers may come as strings (§3)."""
    if sent is None:
        return None
    value = stored_date(sent, zone) if prop.kind is Kind.DATE else _READERS[prop.kind](sent)
    if value is None:
        raise ApiError(400, f"The value of '{prop.name}' is not a valid {prop.kind}.")
    return value


def stored_date(sent: Any, zone: ZoneInfo) -> str | None:
    """Write an instant in UTC with a Z; a date without a zone is read in the server's own (§3)."""
    instant = read_instant(sent, zone)
    return None if instant is None else zulu(instant)


def read_instant(text: Any, zone: ZoneInfo) -> datetime | None:
    """Read an ISO date, with or without a zone, or `Y-m-d H:i:s`."""
    if not isinstance(text, str):
        return None
    try:
        instant = datetime.fromisoformat(text.strip())
        return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def zulu(instant: datetime) -> str:
    """
    >>> zulu(datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
    '2026-03-01T09:30:00.000Z'
    """
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def without_zone(stored: str, zone: ZoneInfo) -> str:
    """Write a stored date in the server's zone, without saying which (§3).

    >>> without_zone('2026-03-01T23:30:00.000Z', ZoneInfo('Europe/Rome'))
    '2026-03-02T00:30:00'
    """
    return datetime.fromisoformat(stored).astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds")


def _text(sent: Any) -> str | None:
    return sent if isinstance(sent, str) else None


def _integer(sent: Any) -> int | None:
    if isinstance(sent, str) and _WHOLE_NUMBER.fullmatch(sent.strip()):
        sent = int(sent)
    if isinstance(sent, bool) or not isinstance(sent, int):
        return None
    return sent if abs(sent) <= LARGEST_INTEGER else None


def _number(sent: Any) -> int | float | None:
    if isinstance(sent, bool):
        return None
    try:
        number = float(sent)
    except (TypeError, ValueError, OverflowError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() else number


def _boolean(sent: Any) -> bool | None:
    return _TRUE_OR_FALSE.get(sent) if isinstance(sent, bool | int | str) else None


def _list(sent: Any) -> list[Any] | None:
    return sent if isinstance(sent, list) else None


_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.BOOLEAN: _boolean,
    Kind.LIST: _list,
}
