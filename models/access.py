from decimal import Decimal
from typing import ClassVar

from tortoise import fields

from models.identity import Row, VersionedRow, belongs_to
from models.sort_keys import sort_key_field


class Operator(VersionedRow):
    """A person (or program) that acts."""

    prefix = "opr"
    event_stream_id = "access"
    sort_keys: ClassVar = {"sort_name": "name"}

    name = fields.CharField(max_length=200)
    sort_name = sort_key_field()
    email = fields.CharField(max_length=200, unique=True)
    role = fields.CharField(max_length=16)
    crm_user_id = fields.BigIntField(null=True, unique=True)
    workflow_roles: fields.Field[list[str]] = fields.JSONField(default=list)
    weekly_hours: fields.Field[Decimal | None] = fields.DecimalField(
        null=True, max_digits=5, decimal_places=2
    )
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "operator"


class Token(Row):
    """The credential of a caller.

    Only the SHA-256 of the secret is kept. `kind` is API or SESSION (a signed-in browser).
    """

    prefix = "tok"
    excluded_from_events = frozenset({"digest", "label", "expires_at"})
    event_stream_id = "access"

    operator_id: str
    operator = belongs_to("models.Operator")
    kind = fields.CharField(max_length=16)
    label = fields.CharField(max_length=200)
    digest = fields.CharField(max_length=64, unique=True)
    role = fields.CharField(max_length=16)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True)
    revoked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "token"
        indexes = (("operator_id",), ("created_at", "id"))


class SignInCode(Row):
    """The one-time code of a sign-in link. It opens one browser session and is then invalid."""

    prefix = "sic"
    excluded_from_events = frozenset({"digest", "expires_at"})
    event_stream_id = "access"

    operator_id: str
    operator = belongs_to("models.Operator")
    digest = fields.CharField(max_length=64, unique=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_code"
        indexes = (("operator_id",),)
