from datetime import date
from typing import Any

from tortoise import fields

from models.identity import VersionedRow, belongs_to


class CrmActivity(VersionedRow):
    """Our mirror of one CRM activity: the SOURCE of a parent ticket, or the SHADOW of a milestone.

    A shadow converges: `desired_revision` grows when the milestone changes, and `applied_revision` follows once the
    CRM holds the values. `wanted` is the newest content that the CRM should show. `relink_to` is the CRM's
    opportunity to link to, until the CRM holds that link. `missing_since` is set once the CRM has said that it no
    longer has the shadow's record, until another record replaces it. `unseen_since` is when a look-up first did not
    find the record. Only a second one, later than the CRM's search can lag, makes it missing.

    For a SOURCE, `crm_company_id` and `kit_named` are what the ticket is based on: the company in the CRM, and the
    kit named in the text, or why none was named. `compared_at` is when that was last compared with the CRM.
    `missing_since` is set once a person keeps the ticket of a sale that was deleted.
    """

    prefix = "act"
    excluded_from_events = frozenset({"compared_at", "wanted"})

    role = fields.CharField(max_length=16)
    tree_id = fields.CharField(max_length=30, null=True)
    crm_id = fields.BigIntField(unique=True)
    subject = fields.TextField()
    sub_type_id = fields.BigIntField(null=True)
    owner_crm_id = fields.BigIntField(null=True)
    occurred_at = fields.DatetimeField(null=True)
    ticket_id: str | None
    ticket = belongs_to("models.Ticket", null=True, unique=True)
    opportunity_id: str | None
    opportunity = belongs_to("models.Opportunity", null=True)
    milestone_id: str | None
    milestone = belongs_to("models.Milestone", null=True, unique=True)
    due_on: date | None = fields.DateField(null=True)
    completed = fields.BooleanField(default=False)
    desired_revision = fields.IntField(default=1)
    applied_revision = fields.IntField(default=1)
    relink_to = fields.BigIntField(null=True)
    missing_since = fields.DatetimeField(null=True)
    unseen_since = fields.DatetimeField(null=True)
    crm_company_id = fields.BigIntField(null=True)
    kit_named = fields.CharField(max_length=64, null=True)
    compared_at = fields.DatetimeField(null=True)
    wanted: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    created_at = fields.DatetimeField()

    class Meta:
        table = "crm_activity"
        indexes = (("tree_id",), ("opportunity_id",), ("role", "compared_at"), ("role", "occurred_at"))
