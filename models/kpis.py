from datetime import date, datetime
from decimal import Decimal

from tortoise import fields
from tortoise.models import Model

from models.identity import VersionedRow, belongs_to

OPEN_END = date.max
"""In `until_on` of how a row still stands."""


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


class KpiDay(Model):
    """How a row stood at the end of each day from `since_on` up to, but without, `until_on`, by the log.

    It has only what may change and figures of how things stand look at: nothing of a row that no such figure counts.
    The kind of a ticket never changes; with it, a past day of parents is read from here alone.
    `source_id` names the part of the log that tells of the row: its ticket tree, its action, or the row itself.
    """

    id: int
    source_id = fields.CharField(max_length=30)
    entity = fields.CharField(max_length=16)
    row_id = fields.CharField(max_length=30)
    since_on = fields.DateField()
    until_on = fields.DateField()
    kind = fields.CharField(max_length=16, null=True)
    status = fields.CharField(max_length=24, null=True)
    reason = fields.CharField(max_length=32, null=True)
    company_id = fields.CharField(max_length=30, null=True)
    operator_id = fields.CharField(max_length=30, null=True)
    child_id = fields.CharField(max_length=30, null=True)
    priority = fields.CharField(max_length=16, null=True)
    due_on: date | None = fields.DateField(null=True)
    yellow_on: date | None = fields.DateField(null=True)
    red_on: date | None = fields.DateField(null=True)
    at_risk_on: date | None = fields.DateField(null=True)
    changed_at: datetime | None = fields.DatetimeField(null=True)
    task_count: int | None = fields.IntField(null=True)
    finished_task_count: int | None = fields.IntField(null=True)
    hours: fields.Field[Decimal | None] = fields.DecimalField(max_digits=6, decimal_places=2, null=True)

    class Meta:
        table = "kpi_day"
        unique_together = (("row_id", "since_on"),)
        indexes = (("source_id",), ("entity", "until_on", "since_on"))


class KpiMark(Model):
    """The days that are kept in `kpi_day`: from `begins_on` up to, but without, `end_on`. There is one row at most.

    `basis` names the rules and the calendar that they were worked out with. Until `leased_until`, only `holder` writes
    there, and the revision is another one when it stops.
    """

    id = fields.IntField(primary_key=True, generated=False)
    begins_on = fields.DateField()
    end_on = fields.DateField()
    basis = fields.CharField(max_length=100)
    holder = fields.CharField(max_length=36, null=True)
    revision = fields.CharField(max_length=36, default="", db_default="")
    leased_until = fields.DatetimeField()

    class Meta:
        table = "kpi_mark"
