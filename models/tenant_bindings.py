from tortoise import fields
from tortoise.models import Model


class TenantBinding(Model):
    """The tenant of the CRM that this database belongs to: one row, from the first contact on."""

    name = fields.CharField(max_length=32, primary_key=True)
    address = fields.CharField(max_length=300)
    tenant = fields.CharField(max_length=64)
    bound_at = fields.DatetimeField()

    class Meta:
        table = "tenant_binding"
