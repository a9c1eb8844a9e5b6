from tortoise import fields
from tortoise.models import Model


class AnsweredRequest(Model):
    """A request that created a row, under a key that its operator chose. It is kept for ever.

    `id` is a digest of operator and key, `contents` one of everything else that was asked.
    """

    id = fields.CharField(max_length=32, primary_key=True)
    contents = fields.CharField(max_length=64)
    answer_id = fields.CharField(max_length=30)

    class Meta:
        table = "answered_request"
