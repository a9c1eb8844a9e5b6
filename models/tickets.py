from decimal import Decimal

from tortoise import fields

from models.identity import Row, VersionedRow, belongs_to


class Ticket(VersionedRow):
    """A parent or a child. `tree_id` is the id of the parent at the root, its own for a parent: the event stream.

    `digits` is set on parents only and unique among them: the database decides who owns a number.
    """

    prefix = "tck"

    tree_id = fields.CharField(max_length=30)
    kind = fields.CharField(max_length=16)
    code = fields.CharField(max_length=40, unique=True)
    digits = fields.CharField(max_length=24, null=True, unique=True)
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
    cancelled_at = fields.DatetimeField(null=True)
    reason = fields.TextField(null=True)

    class Meta:
        table = "ticket"
        indexes = (
            ("tree_id",),
            ("parent_id", "position"),
            ("company_id",),
            ("owner_id",),
            ("template_id",),
            ("kit_id",),
            ("service_id",),
            ("kind", "created_at", "id"),
            ("status", "due_on", "id"),
        )


class TicketLine(Row):
    """The copy of a kit line that a parent ticket took at intake: one line is one opportunity."""

    prefix = "tln"

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

    class Meta:
        table = "ticket_line"
        unique_together = (("ticket_id", "position"),)
        indexes = (("tree_id",), ("service_id",))
