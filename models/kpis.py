from decimal import Decimal

from tortoise import fields

from models.identity import VersionedRow, belongs_to


class KpiTarget(VersionedRow):
    """Where a figure should be from a day on, up to the next target's day. Without a value it has no target then."""

    prefix = "kpt"
    event_stream_id = "catalog"

    key = fields.CharField(max_length=32)
    subject = fields.CharField(max_length=16)
    since = fields.DateField()
    value: fields.Field[Decimal | None] = fields.DecimalField(max_digits=14, decimal_places=4, null=True)
    set_by_id: str
    set_by = belongs_to("models.Operator")
    set_at = fields.DatetimeField()

    class Meta:
        table = "kpi_target"
        unique_together = (("key", "subject", "since"),)
