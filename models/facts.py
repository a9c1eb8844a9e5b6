"""Columns of facts that follow from other columns. The change that alters those columns stores the facts too."""

from datetime import UTC, datetime
from typing import Any

from tortoise import fields

FINISH_HISTORY = frozenset(
    {"first_closed_at", "first_completed_at", "first_finished_at", "reopened_count", "finished_owner_id"}
)
"""What stays known of a finish when work is reopened. It follows from the statuses and owners that events tell."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""In `updated_at` of a row that no change has written."""


def light_date_field() -> Any:
    """The first day of a light; null for work without a light."""
    return fields.DateField(null=True)


def updated_at_field() -> Any:
    """When the row or anything in it last changed, by the events of the log."""
    return fields.DatetimeField(default=NEVER, db_default=NEVER)


def reopened_count_field() -> Any:
    """How often it was reopened after it had been finished."""
    return fields.IntField(default=0, db_default=0)


def finished_owner_field() -> Any:
    """The operator that it belonged to when it was last finished: a task's assignee, otherwise the ticket's owner."""
    return fields.CharField(max_length=30, null=True)
