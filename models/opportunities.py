from decimal import Decimal
from typing import Any, ClassVar

from tortoise import fields

from models.identity import Row, VersionedRow, belongs_to
from models.sort_keys import sort_key_field


class Opportunity(VersionedRow):
    """Our mirror of one CRM opportunity. `code` is ours: the code of the child ticket that it becomes.

    `service` and `position` are its own if it has no line to take them from. `carried_code` is the code of ours that
    the CRM's record carried while all was well. `flag` says what is wrong with it there, since `flagged_at`.
    `flag_crm_id` is the CRM's record that replaced it, and `flag_crm_company_id` the company that it now belongs to.
    `kept_at` is when an operator decided to leave it so. `defects` names what of the CRM's record is not stored as it
    is.
    """

    prefix = "opp"
    sort_keys: ClassVar = {"sort_title": "title"}

    tree_id = fields.CharField(max_length=30)
    crm_id = fields.BigIntField(unique=True)
    code = fields.CharField(max_length=40, null=True)
    title = fields.CharField(max_length=500)
    sort_title = sort_key_field()
    amount: fields.Field[Decimal | None] = fields.DecimalField(max_digits=14, decimal_places=2, null=True)
    phase = fields.CharField(max_length=100, null=True)
    status = fields.CharField(max_length=16)
    company_id: str
    company = belongs_to("models.Company")
    ticket_id: str
    ticket = belongs_to("models.Ticket")
    ticket_line_id: str | None
    ticket_line = belongs_to("models.TicketLine", null=True, unique=True)
    service_id: str | None
    service = belongs_to("models.Service", null=True)
    position = fields.IntField(null=True)
    child_ticket_id: str | None
    child_ticket = belongs_to("models.Ticket", null=True, unique=True)
    created_at = fields.DatetimeField()
    refreshed_at = fields.DatetimeField()
    missing_since = fields.DatetimeField(null=True)
    carried_code = fields.CharField(max_length=40, db_default="", default="")
    flag = fields.CharField(max_length=16, null=True)
    flagged_at = fields.DatetimeField(null=True)
    flag_crm_id = fields.BigIntField(null=True)
    flag_crm_company_id = fields.BigIntField(null=True)
    kept_at = fields.DatetimeField(null=True)
    kept_reason = fields.TextField(null=True)
    defects: fields.Field[list[str] | None] = fields.JSONField(null=True)

    class Meta:
        table = "opportunity"
        indexes = (
            ("tree_id",),
            ("company_id", "created_at", "id"),
            ("ticket_id",),
            ("service_id",),
            ("code", "id"),
            ("flag",),
            ("status", "created_at", "id"),
            ("status", "code", "id"),
            ("status", "sort_title", "id"),
            ("created_at", "id"),
            ("sort_title", "id"),
            ("kept_at",),
            ("missing_since",),
        )


class UnmatchedOpportunity(Row):
    """A CRM opportunity that the last synchronisation of its company could not match with certainty, and why."""

    prefix = "unm"
    event_stream_id = "intake"

    crm_id = fields.BigIntField(unique=True)
    company_id: str
    company = belongs_to("models.Company")
    code = fields.CharField(max_length=100)
    title = fields.CharField(max_length=500)
    amount: fields.Field[Decimal | None] = fields.DecimalField(max_digits=14, decimal_places=2, null=True)
    phase = fields.CharField(max_length=100, null=True)
    status = fields.CharField(max_length=16)
    reason = fields.CharField(max_length=32)
    candidate_line_ids: fields.Field[list[Any]] = fields.JSONField(default=list)
    defects: fields.Field[list[str] | None] = fields.JSONField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "unmatched_opportunity"
        indexes = (
            ("company_id",),
            ("created_at", "id"),
            ("reason", "created_at", "id"),
            ("status", "created_at", "id"),
        )
