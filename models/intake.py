from typing import Any

from tortoise import fields

from models.identity import VersionedRow, belongs_to


class IntakeItem(VersionedRow):
    """A CRM activity that could not become a ticket by itself, and why.

    `shown_subject` and `shown_description` are the texts as a person reads them, if they are stored in another form;
    `evidence` marks words in them. `activity_modified_at` is when the CRM says that the activity was last changed, as
    of our last read. `next_try_at` is when an item that needs no person is tried again; `attempt_count` counts its
    tries.
    """

    prefix = "int"
    event_stream_id = "intake"

    crm_activity_id = fields.BigIntField(unique=True)
    activity_modified_at = fields.DatetimeField(null=True)
    status = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=32)
    explanation = fields.TextField()
    crm_words = fields.TextField(null=True)
    subject = fields.TextField()
    description = fields.TextField()
    shown_subject = fields.TextField(null=True)
    shown_description = fields.TextField(null=True)
    evidence: fields.Field[list[dict[str, Any]] | None] = fields.JSONField(null=True)
    crm_company_id = fields.BigIntField(null=True)
    candidates: fields.Field[list[Any]] = fields.JSONField(default=list)
    ticket_id: str | None
    ticket = belongs_to("models.Ticket", null=True)
    next_try_at = fields.DatetimeField(null=True)
    attempt_count = fields.IntField(default=0, db_default=0)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "intake_item"
        indexes = (
            ("status", "created_at", "id"),
            ("reason", "created_at", "id"),
            ("created_at", "id"),
            ("ticket_id",),
        )
