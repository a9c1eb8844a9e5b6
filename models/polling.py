from tortoise import fields
from tortoise.models import Model


class PollMark(Model):
    """How far the intake has heard of what happens in the CRM, one row for each thing polled: the poller's memory.

    `high_water` is the time of the newest change that was handled; where the CRM cannot search by time, `highest_id` is
    the id up to which all was handled. Sales made before `begins_at` are history. `not_before` is when anyone may begin
    a round: the end of the lease while `holder` is at one, else when the next is due. `failures` counts the rounds in
    a row that failed; `failed_at`, `failure` and `failure_words` are of the last call that did, and stay.
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
    failure_words = fields.TextField(null=True)

    class Meta:
        table = "poll_mark"
