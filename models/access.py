from tortoise import fields

from models.identity import Row, VersionedRow, belongs_to


class Operator(VersionedRow):
    """A person (or program) that acts."""

    prefix = "opr"
    story = "access"

    name = fields.CharField(max_length=200)
    email = fields.CharField(max_length=200, unique=True)
    role = fields.CharField(max_length=16)
    crm_user_id = fields.BigIntField(null=True, unique=True)
    workflow_roles: fields.Field[list[str]] = fields.JSONField(default=list)
    active = fields.BooleanField(default=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "operator"


class Token(Row):
    """What a caller shows. Only the SHA-256 of the secret is kept. `kind` is API or SESSION (a signed-in browser)."""

    prefix = "tok"
    untold = frozenset({"digest", "label", "expires_at"})
    story = "access"

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
        indexes = (("operator_id",),)


class SignInCode(Row):
    """A link's one-use code; it buys one browser session and then means nothing."""

    prefix = "sic"
    untold = frozenset({"digest", "expires_at"})
    story = "access"

    operator_id: str
    operator = belongs_to("models.Operator")
    digest = fields.CharField(max_length=64, unique=True)
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_code"
        indexes = (("operator_id",),)
