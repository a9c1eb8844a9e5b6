"""Columns of facts that follow from other columns. The change that alters those columns stores the facts too."""

from datetime import UTC, datetime
from typing import Any

from tortoise import fields

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""In `updated_at` of a row that no change has written."""


def light_date_field() -> Any:
    """The first day of a light; null for work without a light."""
    return fields.DateField(null=True)


def updated_at_field() -> Any:
    """When the row or anything in it last changed, by the events of the log."""
    return fields.DatetimeField(default=NEVER, db_default=NEVER)
