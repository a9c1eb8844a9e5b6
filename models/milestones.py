from decimal import Decimal
from typing import Any

from tortoise import fields

from models.identity import VersionedRow, belongs_to


class Milestone(VersionedRow):
    """An ordered, dated stage of a ticket. `depends_on` holds the positions of the milestones that it waits for."""

    prefix = "mil"

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
    completed_at = fields.DatetimeField(null=True)
    cancelled_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)

    class Meta:
        table = "milestone"
        unique_together = (("ticket_id", "position"),)
        indexes = (("tree_id",),)


class Task(VersionedRow):
    """A piece of work in a milestone. `reason` says why it was skipped or made optional."""

    prefix = "tsk"

    tree_id = fields.CharField(max_length=30)
    ticket_id: str
    ticket = belongs_to("models.Ticket")
    milestone_id: str
    milestone = belongs_to("models.Milestone")
    position = fields.IntField()
    title = fields.CharField(max_length=200)
    role = fields.CharField(max_length=200)
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
    finished_at = fields.DatetimeField(null=True)
    notes = fields.TextField(default="")
    checklist: fields.Field[list[dict[str, Any]]] = fields.JSONField(default=list)
    reason = fields.TextField(null=True)

    class Meta:
        table = "task"
        unique_together = (("milestone_id", "position"),)
        indexes = (("tree_id",), ("ticket_id",), ("assignee_id", "status", "due_on"))
