from tortoise import fields

from models.identity import VersionedRow


class Company(VersionedRow):
    """A customer in the CRM, as we last saw it."""

    prefix = "cmp"
    story = "intake"

    crm_id = fields.BigIntField(unique=True)
    name = fields.CharField(max_length=300)
    vat_number = fields.CharField(max_length=32, null=True)
    refreshed_at = fields.DatetimeField()

    class Meta:
        table = "company"
        indexes = (("name", "id"),)
