"""The ledger: what we decided to do in the CRM, and the outcome."""

from typing import Any

from tortoise import fields
from tortoise.indexes import Index

from models.identity import Row, VersionedRow, belongs_to


class UnfinishedIndex(Index):
    """An index of unfinished items only. They stay few however large the ledger grows."""

    def __init__(self, *, fields: tuple[str, ...] | list[str], name: str | None = None) -> None:
        super().__init__(fields=fields, name=name)
        # Worded as the ORM words it in a query: SQLite recognises the condition by its text.
        self.extra = ' WHERE NOT "open_key" IS NULL'


class ClaimedIndex(Index):
    """An index of items whose request has an unknown outcome. They are few as long as all goes well."""

    def __init__(self, *, fields: tuple[str, ...] | list[str], name: str | None = None) -> None:
        super().__init__(fields=fields, name=name)
        self.extra = ' WHERE NOT "claim_id" IS NULL'


class Action(VersionedRow):
    """One durable run of a button.

    `open_scope` is the request's fingerprint while it runs, and null afterwards. The column is unique, so the
    database itself refuses a second run of the same request.
    """

    prefix = "axn"
    excluded_from_events = frozenset({"open_scope"})

    @property
    def event_stream_id(self) -> str:
        return str(self.id)

    kind = fields.CharField(max_length=32)
    status = fields.CharField(max_length=16)
    scope: fields.Field[dict[str, Any]] = fields.JSONField(default=dict)
    open_scope = fields.CharField(max_length=200, null=True, unique=True)
    operator_id: str | None
    operator = belongs_to("models.Operator", null=True)
    ticket_id: str | None
    ticket = belongs_to("models.Ticket", null=True)
    opportunity_id: str | None
    opportunity = belongs_to("models.Opportunity", null=True)
    company_id: str | None
    company = belongs_to("models.Company", null=True)
    reason = fields.TextField(null=True)
    item_count = fields.IntField()
    finished_count = fields.IntField(default=0)
    attention_count = fields.IntField(default=0)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "action"
        indexes = (
            ("created_at", "id"),
            ("operator_id", "created_at", "id"),
            ("ticket_id",),
            ("opportunity_id",),
            ("company_id",),
            ("kind", "created_at", "id"),
            ("status", "created_at", "id"),
            ("status", "finished_at", "id"),
            ("finished_at", "id"),
            ("attention_count", "created_at", "id"),
        )


class ActionItem(Row):
    """One CRM effect. `key` identifies it for ever; `open_key` holds kind and key while unfinished and is unique.

    `claim_id` belongs to the executor that may be sending now. It stays with an item that ended with an unknown
    outcome. `next_try_at` is when to look at the item again: later after each failure, by `attempt_count`, which a
    retry by a person resets. `postponed_at` is when the last try failed, as long as the item waits only for the CRM.
    `reason` says for programs what `explanation` says as a sentence; an older item has none where it could not be
    derived. `unanswered_count` counts the requests in a row without effect. `expected` is what the CRM held when the
    plan was shown to an operator: if it holds something else, nothing is done.
    """

    prefix = "itm"
    excluded_from_events = frozenset({"lane", "open_key", "claim_id"})

    @property
    def event_stream_id(self) -> str:
        return self.action_id

    action_id: str
    action = belongs_to("models.Action")
    position = fields.IntField()
    lane = fields.CharField(max_length=64)
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=64)
    open_key = fields.CharField(max_length=100, null=True, unique=True)
    reference = fields.CharField(max_length=64)
    label = fields.CharField(max_length=500)
    state = fields.CharField(max_length=16)
    outcome = fields.CharField(max_length=24, null=True)
    reason = fields.CharField(max_length=32, null=True)
    explanation = fields.TextField(null=True)
    crm_words = fields.TextField(null=True)
    claim_id = fields.CharField(max_length=36, null=True)
    sent_at = fields.DatetimeField(null=True)
    absent_since = fields.DatetimeField(null=True)
    attempt_count = fields.IntField(default=0)
    unanswered_count = fields.IntField(default=0, db_default=0)
    next_try_at = fields.DatetimeField()
    postponed_at = fields.DatetimeField(null=True)
    crm_id = fields.BigIntField(null=True)
    expected: fields.Field[dict[str, Any] | None] = fields.JSONField(null=True)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "action_item"
        unique_together = (("action_id", "position"),)
        indexes = (
            UnfinishedIndex(fields=("lane", "position", "next_try_at")),
            ("lane", "position"),
            ("kind", "key"),
            ClaimedIndex(fields=("kind", "key"), name="idx_action_item_claimed"),
        )


class ActionAttempt(Row):
    """One try of one item: when it began and ended, its result, why, and the CRM's words without secrets."""

    prefix = "att"

    item_id: str
    item = belongs_to("models.ActionItem")
    number = fields.IntField()
    step = fields.CharField(max_length=16)
    started_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    result = fields.CharField(max_length=32, null=True)
    explanation = fields.TextField(null=True)
    crm_words = fields.TextField(null=True)

    class Meta:
        table = "action_attempt"
        indexes = (("item_id", "number"), ("result", "id"))
