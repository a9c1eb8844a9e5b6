from typing import Any

from tortoise import fields
from tortoise.models import Model

from models.identity import Row, belongs_to


class Stream(Model):
    """One log in order: a ticket tree, an action, or one of catalog, access and intake.

    Its row is locked before anything in it changes: `seq` has no holes and `occurred_at` never runs backwards.
    """

    id = fields.CharField(max_length=30, primary_key=True)
    seq = fields.BigIntField(default=0)
    occurred_at = fields.DatetimeField(null=True)

    class Meta:
        table = "stream"


class Event(Row):
    """One committed change of one row: who, what, why, and its changed columns before and after. Append-only.

    `change_id` is shared by all events of one transaction. `cause` is the id of the event that led to this one,
    or of the request or action item behind it.
    """

    prefix = "evt"

    stream_id: str
    stream = belongs_to("models.Stream")
    seq = fields.BigIntField()
    change_id = fields.CharField(max_length=30)
    kind = fields.CharField(max_length=48)
    entity = fields.CharField(max_length=32)
    entity_id = fields.CharField(max_length=30)
    schema_version = fields.IntField(default=1)
    actor = fields.CharField(max_length=64)
    cause = fields.CharField(max_length=64)
    occurred_at = fields.DatetimeField()
    before: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    after: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)

    class Meta:
        table = "event"
        unique_together = (("stream_id", "seq"),)
        indexes = (("entity_id", "seq"),)
