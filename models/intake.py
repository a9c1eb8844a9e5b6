from typing import Any

from tortoise import fields

from models.identity import VersionedRow, belongs_to


class IntakeItem(VersionedRow):
    """A CRM activity that could not become a ticket by itself, and why.

    `activity_modified_at` is when the CRM says it was last changed, as of our last look at it.
    """

    prefix = "int"
    story = "intake"

    crm_activity_id = fields.BigIntField(unique=True)
    activity_modified_at = fields.DatetimeField(null=True)
    status = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=32)
    explanation = fields.TextField()
    subject = fields.TextField()
    description = fields.TextField()
    crm_company_id = fields.BigIntField(null=True)
    candidates: fields.Field[list[Any]] = fields.JSONField(default=list)
    ticket_id: str | None
    ticket = belongs_to("models.Ticket", null=True)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "intake_item"
        indexes = (("status", "created_at", "id"), ("ticket_id",))
