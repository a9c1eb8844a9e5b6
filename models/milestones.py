from decimal import Decimal
from typing import Any, ClassVar

from tortoise import fields

from models.facts import (
    FINISH_HISTORY,
    finished_owner_field,
    light_date_field,
    reopened_count_field,
    updated_at_field,
)
from models.identity import VersionedRow, belongs_to, new_id
from models.indexes import IndexOfTrue
from models.sort_keys import sort_key_field


class Milestone(VersionedRow):
    """An ordered, dated stage of a ticket. `depends_on` holds the positions of the milestones that it waits for.

    The last columns are facts: `services/planning/tickets/facts.py` says what they hold.
    """

    prefix = "mil"
    excluded_from_events = FINISH_HISTORY | {
        "yellow_on",
        "red_on",
        "at_risk_on",
        "task_count",
        "finished_task_count",
        "updated_at",
    }
    sort_keys: ClassVar = {"sort_title": "title"}

    tree_id = fields.CharField(max_length=30)
    ticket_id: str
    ticket = belongs_to("models.Ticket")
    position = fields.IntField()
    title = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=16)
    status = fields.CharField(max_length=16)
    sla_days = fields.IntField()
    warning_days = fields.IntField()
    escalation_days = fields.IntField()
    depends_on: fields.Field[list[int]] = fields.JSONField(default=list)
    starts_on = fields.DateField()
    due_on = fields.DateField()
    original_due_on = fields.DateField()
    started_at = fields.DatetimeField(null=True)
    first_completed_at = fields.DatetimeField(null=True)
    completed_at = fields.DatetimeField(null=True)
    reopened_count = reopened_count_field()
    finished_owner_id = finished_owner_field()
    cancelled_at = fields.DatetimeField(null=True)
    cancelled_reason = fields.TextField(null=True)
    rescheduled_reason = fields.TextField(null=True)
    sort_title = sort_key_field()
    blocked = fields.BooleanField(default=False, db_default=False)
    yellow_on = light_date_field()
    red_on = light_date_field()
    at_risk_on = light_date_field()
    task_count = fields.IntField(default=0, db_default=0)
    finished_task_count = fields.IntField(default=0, db_default=0)
    updated_at = updated_at_field()

    class Meta:
        table = "milestone"
        unique_together = (("ticket_id", "position"),)
        indexes = (
            ("tree_id",),
            ("status", "due_on", "id"),
            ("status", "updated_at", "id"),
            ("status", "sort_title", "id"),
            ("blocked", "due_on", "id"),
            IndexOfTrue(only="blocked", fields=("updated_at", "id"), name="idx_milestone_blocked_updated"),
            IndexOfTrue(only="blocked", fields=("sort_title", "id"), name="idx_milestone_blocked_title"),
            ("yellow_on", "due_on", "id"),
            ("red_on", "id"),
            ("due_on", "id"),
            ("updated_at", "id"),
            ("sort_title", "id"),
            ("status", "completed_at"),
            ("first_completed_at",),
            ("cancelled_at",),
            ("original_due_on",),
        )


class Task(VersionedRow):
    """A piece of work in a milestone. A waived task was mandatory and became optional.

    The last columns are facts: `services/planning/tickets/facts.py` says what they hold.
    """

    prefix = "tsk"
    excluded_from_events = FINISH_HISTORY | {"yellow_on", "red_on", "urgency", "updated_at"}
    sort_keys: ClassVar = {"sort_title": "title"}

    tree_id = fields.CharField(max_length=30)
    ticket_id: str
    ticket = belongs_to("models.Ticket")
    milestone_id: str
    milestone = belongs_to("models.Milestone")
    position = fields.IntField()
    title = fields.CharField(max_length=200)
    workflow_role = fields.CharField(max_length=200)
    mandatory = fields.BooleanField()
    status = fields.CharField(max_length=16)
    assignee_id: str
    assignee = belongs_to("models.Operator")
    estimated_hours: fields.Field[Decimal] = fields.DecimalField(max_digits=6, decimal_places=2)
    sla_days = fields.IntField()
    starts_on = fields.DateField()
    due_on = fields.DateField()
    original_due_on = fields.DateField()
    started_at = fields.DatetimeField(null=True)
    first_finished_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    reopened_count = reopened_count_field()
    finished_owner_id = finished_owner_field()
    notes = fields.TextField(default="")
    checklist: fields.Field[list[dict[str, Any]]] = fields.JSONField(default=list)
    waived_reason = fields.TextField(null=True)
    skipped_reason = fields.TextField(null=True)
    reopened_reason = fields.TextField(null=True)
    rescheduled_reason = fields.TextField(null=True)
    sort_title = sort_key_field()
    ready = fields.BooleanField(default=False, db_default=False)
    blocked = fields.BooleanField(default=False, db_default=False)
    yellow_on = light_date_field()
    red_on = light_date_field()
    urgency = fields.IntField(default=0, db_default=0)
    updated_at = updated_at_field()

    class Meta:
        table = "task"
        unique_together = (("milestone_id", "position"),)
        indexes = (
            ("tree_id",),
            ("ticket_id",),
            ("assignee_id", "ready", "due_on", "urgency", "id"),
            ("assignee_id", "yellow_on", "id"),
            ("ready", "due_on", "urgency", "id"),
            ("workflow_role", "ready", "due_on", "urgency", "id"),
            ("status", "due_on", "urgency", "id"),
            ("status", "urgency", "due_on", "id"),
            ("status", "updated_at", "id"),
            ("status", "sort_title", "id"),
            ("blocked", "due_on", "urgency", "id"),
            *(
                IndexOfTrue(only=only, fields=(*columns, "id"), name=f"idx_task_{only}_{columns[0]}")
                for only in ("ready", "blocked")
                for columns in (("urgency", "due_on"), ("updated_at",), ("sort_title",))
            ),
            ("yellow_on", "due_on", "id"),
            ("red_on", "id"),
            ("due_on", "urgency", "id"),
            ("urgency", "due_on", "id"),
            ("updated_at", "id"),
            ("sort_title", "id"),
            ("status", "finished_at"),
            ("first_finished_at",),
            ("original_due_on",),
        )


def new_entry_id() -> str:
    """Return an id for a new entry of a checklist, which is no row of its own."""
    return new_id("chk")
