from decimal import Decimal
from typing import ClassVar

from tortoise import fields

from models.facts import (
    FINISH_HISTORY,
    finished_owner_field,
    light_date_field,
    reopened_count_field,
    updated_at_field,
)
from models.identity import Row, VersionedRow, belongs_to
from models.indexes import IndexOfTrue
from models.sort_keys import sort_key_field


class Ticket(VersionedRow):
    """A parent or a child. `tree_id` is the id of the root parent, its own for a parent, and names the event stream.

    `serial` is the part of the code that a parent and its children share. It is set on parents only and unique among
    them, so the database decides which ticket gets it.

    The last columns are facts: `services/planning/tickets/facts.py` says what they hold. `facts_basis` names the rules
    and the calendar that they were computed with.
    """

    prefix = "tck"
    excluded_from_events = FINISH_HISTORY | {
        "yellow_on",
        "red_on",
        "at_risk_on",
        "lead_day_count",
        "worked_day_count",
        "task_count",
        "finished_task_count",
        "urgency",
        "updated_at",
        "facts_basis",
    }
    sort_keys: ClassVar = {"sort_title": "title"}
    search_keys: ClassVar = {"search_notes": "notes"}

    tree_id = fields.CharField(max_length=30)
    kind = fields.CharField(max_length=16)
    code = fields.CharField(max_length=40, unique=True)
    serial = fields.CharField(max_length=24, null=True, unique=True)
    title = fields.CharField(max_length=500)
    notes = fields.TextField(default="")
    priority = fields.CharField(max_length=16)
    status = fields.CharField(max_length=16)
    company_id: str
    company = belongs_to("models.Company")
    owner_id: str
    owner = belongs_to("models.Operator")
    template_id: str
    template = belongs_to("models.WorkflowTemplate")
    kit_id: str | None
    kit = belongs_to("models.Kit", null=True)
    service_id: str | None
    service = belongs_to("models.Service", null=True)
    parent_id: str | None
    parent = belongs_to("models.Ticket", null=True)
    position = fields.IntField(default=0)
    starts_on = fields.DateField()
    due_on = fields.DateField()
    original_due_on = fields.DateField()
    created_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    first_closed_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    reopened_count = reopened_count_field()
    finished_owner_id = finished_owner_field()
    cancelled_at = fields.DatetimeField(null=True)
    cancelled_reason = fields.TextField(null=True)
    sort_title = sort_key_field()
    search_notes = fields.TextField(default="", db_default="")
    yellow_on = light_date_field()
    red_on = light_date_field()
    at_risk_on = light_date_field()
    lead_day_count: int | None = fields.IntField(null=True)
    worked_day_count: int | None = fields.IntField(null=True)
    task_count = fields.IntField(default=0, db_default=0)
    finished_task_count = fields.IntField(default=0, db_default=0)
    urgency = fields.IntField(default=0, db_default=0)
    updated_at = updated_at_field()
    facts_basis = fields.CharField(max_length=60, default="", db_default="")

    class Meta:
        table = "ticket"
        indexes = (
            ("tree_id",),
            ("parent_id", "position"),
            ("template_id",),
            ("company_id", "created_at", "id"),
            ("owner_id", "created_at", "id"),
            ("owner_id", "due_on", "id"),
            ("owner_id", "code"),
            ("kit_id", "created_at", "id"),
            ("kit_id", "due_on", "id"),
            ("kit_id", "code"),
            ("service_id", "created_at", "id"),
            ("kind", "created_at", "id"),
            ("status", "created_at", "id"),
            ("status", "due_on", "id"),
            ("status", "closed_at", "id"),
            ("status", "urgency", "due_on", "id"),
            ("status", "updated_at", "id"),
            ("status", "sort_title", "id"),
            ("status", "code"),
            ("priority", "created_at", "id"),
            ("created_at", "id"),
            ("starts_on",),
            ("due_on", "id"),
            ("closed_at", "id"),
            ("first_closed_at",),
            ("cancelled_at",),
            ("original_due_on",),
            ("sort_title", "id"),
            ("yellow_on", "due_on", "id"),
            ("red_on", "id"),
            ("urgency", "due_on", "id"),
            ("updated_at", "id"),
        )


class TicketLine(Row):
    """The copy of a kit line that a parent ticket took at intake: one line is one opportunity.

    `awaits_child` is true until its opportunity has a child ticket. The change that opens the child stores it.
    """

    prefix = "tln"
    excluded_from_events = frozenset({"awaits_child"})

    tree_id = fields.CharField(max_length=30)
    ticket_id: str
    ticket = belongs_to("models.Ticket")
    position = fields.IntField()
    service_id: str
    service = belongs_to("models.Service")
    name = fields.CharField(max_length=200)
    quantity = fields.IntField()
    unit_price: fields.Field[Decimal] = fields.DecimalField(max_digits=12, decimal_places=2)
    amount: fields.Field[Decimal] = fields.DecimalField(max_digits=14, decimal_places=2)
    mandatory = fields.BooleanField()
    awaits_child = fields.BooleanField(default=True, db_default=True)

    class Meta:
        table = "ticket_line"
        unique_together = (("ticket_id", "position"),)
        indexes = (
            ("tree_id",),
            ("service_id",),
            IndexOfTrue(only="awaits_child", fields=("id",), name="idx_ticket_line_awaits_child"),
        )
