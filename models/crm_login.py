from tortoise import fields
from tortoise.models import Model


class CrmLogin(Model):
    """The CRM's token, one row for each account. All processes use it, and one of them renews it.

    No call starts with it after `renew_at`. Until `claimed_until`, only the holder of `claim_id` logs in.
    """

    account = fields.CharField(max_length=64, primary_key=True)
    token = fields.TextField(null=True)
    renew_at = fields.DatetimeField(null=True)
    claim_id = fields.CharField(max_length=36, null=True)
    claimed_until = fields.DatetimeField(null=True)

    class Meta:
        table = "crm_login"
