"""The scalars for instants and days, which accept only unambiguous values."""

from datetime import UTC, date, datetime
from typing import Any

import strawberry


def parse_instant(value: Any) -> datetime:
    """
    >>> parse_instant("2026-07-01T12:00:00+02:00").isoformat()
    '2026-07-01T10:00:00+00:00'
    """
    try:
        instant = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("An instant is written like 2026-07-01T12:00:00Z.") from None
    if instant.tzinfo is None:
        raise ValueError("An instant needs its zone: write Z or an offset such as +02:00 at its end.")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("This instant lies outside of the years 1 to 9999 in UTC.") from None


def parse_day(value: Any) -> date:
    """
    >>> parse_day("2026-07-01")
    datetime.date(2026, 7, 1)
    """
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("A day is written like 2026-07-01.") from None


DATE = strawberry.scalar(
    name="Date",
    description="A day in ISO 8601, such as 2026-07-01.",
    serialize=date.isoformat,
    parse_value=parse_day,
)
DATE_TIME = strawberry.scalar(
    name="DateTime",
    description="An instant in ISO 8601 with its zone, such as 2026-07-01T12:00:00Z or 2026-07-01T14:00:00+02:00.",
    serialize=datetime.isoformat,
    parse_value=parse_instant,
)
