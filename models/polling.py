from tortoise import fields
from tortoise.models import Model


class PollMark(Model):
    """How far the intake has read the CRM's changes, one row for each thing polled: the poller's state.

    `high_water` is the time of the newest change that was handled. If the CRM cannot search by time, `highest_id` is
    the id up to which all was handled. Sales made before `begins_at` are history. `not_before` is when the next round
    may begin: the end of the lease while `holder` is in one, else when the next round is due. `failures` counts the
    rounds in a row that failed. `failed_at` and `failure...` are of the last failed call, and stay.
    `odd_records` describes the CRM's records that cannot be read, the newest last.
    """

    name = fields.CharField(max_length=32, primary_key=True)
    begins_at = fields.DatetimeField()
    high_water = fields.DatetimeField()
    highest_id = fields.BigIntField(db_default=0)
    holder = fields.CharField(max_length=36, null=True)
    not_before = fields.DatetimeField()
    failures = fields.IntField(default=0)
    failed_at = fields.DatetimeField(null=True)
    failure = fields.CharField(max_length=32, null=True)
    failure_explanation = fields.TextField(null=True)
    failure_crm_words = fields.TextField(null=True)
    odd_records: fields.Field[list[str] | None] = fields.JSONField(null=True)

    class Meta:
        table = "poll_mark"
