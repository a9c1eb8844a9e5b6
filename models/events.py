from datetime import UTC, datetime
from typing import Any

from tortoise import Tortoise, fields
from tortoise.models import Model

from models.identity import Row, belongs_to

Columns = dict[str, Any]


class Stream(Model):
    """One ordered log: of a ticket tree, of an action, or of catalog, access or intake.

    Its row is locked before anything in it changes: `seq` has no gaps and `occurred_at` never runs backwards.
    """

    id = fields.CharField(max_length=30, primary_key=True)
    seq = fields.BigIntField(default=0)
    occurred_at = fields.DatetimeField(null=True)

    class Meta:
        table = "stream"


class Event(Row):
    """One committed change of one row: who, what, why, and its changed columns before and after. Append-only.

    `change_id` is shared by all events of one transaction. `cause` is the id of the event that led to this one, or of
    the request or action item behind it. `stored_after` is `after` without what `lean_columns` leaves out.

    `consequences` stands with the last event of a change: the derived columns of other rows of the stream that changed
    with it, by the id of the row.
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
    before: fields.Field[Columns | None] = fields.JSONField(null=True)
    stored_after: fields.Field[Columns | None] = fields.JSONField(null=True)
    consequences: fields.Field[Columns | None] = fields.JSONField(null=True)

    class Meta:
        table = "event"
        unique_together = (("stream_id", "seq"),)
        indexes = (
            ("entity_id", "seq"),
            ("kind", "id"),
            ("entity", "id"),
            ("actor", "id"),
            ("change_id",),
            ("occurred_at",),
        )

    @property
    def after(self) -> Columns | None:
        return columns_after(
            self.stream_id, self.entity, self.entity_id, self.occurred_at, self.before, self.stored_after
        )


def lean_columns(columns: Columns, *, stream_id: str, occurred_at: datetime) -> Columns:
    """The columns of a new row without those whose value its event implies, such as the id."""
    implied = _implied(columns, stream_id, columns["id"], occurred_at)
    return {name: value for name, value in columns.items() if value != implied.get(name)}


def columns_after(
    stream_id: str,
    entity: str,
    entity_id: str,
    occurred_at: datetime,
    before: Columns | None,
    stored_after: Columns | None,
) -> Columns | None:
    """The changed columns as they are; all columns of a new row, None for a row that is gone.

    A new row that names its id was stored before columns were left out: it is complete.
    """
    if stored_after is None or before is not None or "id" in stored_after:
        return stored_after
    model = Tortoise.apps["models"][entity]
    implied = _implied(stored_after, stream_id, entity_id, occurred_at)
    left_out = {
        name: implied.get(name)
        for name in model._meta.fields_db_projection
        if name not in model.excluded_from_events and (name in implied or model._meta.fields_map[name].null)
    }
    return left_out | stored_after


def _implied(columns: Columns, stream_id: str, entity_id: str, occurred_at: datetime) -> Columns:
    """What the columns of a new row hold where its event does not say otherwise; all others hold null.

    This is part of the storage format: a line that changes here changes what stored events say. A line may be added for
    a column that is never null, because older events contain it.
    """
    instant = occurred_at.astimezone(UTC).isoformat()
    return {
        "id": entity_id,
        "tree_id": stream_id,
        "action_id": stream_id,
        "version": 1,
        "notes": "",
        "mandatory": True,
        "checklist": [],
        "completed": False,
        "attempt_count": 0,
        "unanswered_count": 0,
        "finished_count": 0,
        "attention_count": 0,
        "ready": False,
        "blocked": False,
        "original_due_on": columns.get("due_on"),
        "created_at": instant,
        "refreshed_at": instant,
        "next_try_at": instant,
    }
