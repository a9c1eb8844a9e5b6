from typing import Any, ClassVar

from tortoise import fields

from models.identity import VersionedRow
from models.sort_keys import sort_key_field


class Company(VersionedRow):
    """A customer in the CRM, as we last saw it. `defects` says what of its record could not be stored as it is."""

    prefix = "cmp"
    event_stream_id = "intake"
    sort_keys: ClassVar = {"sort_name": "name"}

    crm_id = fields.BigIntField(unique=True)
    name = fields.CharField(max_length=300)
    sort_name = sort_key_field()
    vat_number = fields.CharField(max_length=32, null=True)
    defects: fields.Field[list[Any] | None] = fields.JSONField(null=True)
    refreshed_at = fields.DatetimeField()

    class Meta:
        table = "company"
        indexes = (("name", "id"), ("sort_name", "id"), ("vat_number",))
