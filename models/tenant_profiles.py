from typing import Any

from tortoise import fields
from tortoise.models import Model


class StoredProfile(Model):
    """What the doctor has proven about one CRM tenant, one row for each account.

    Only a later examination replaces it.
    """

    account = fields.CharField(max_length=64, primary_key=True)
    probed_at = fields.DatetimeField()
    profile: fields.Field[dict[str, Any]] = fields.JSONField()

    class Meta:
        table = "tenant_profile"
