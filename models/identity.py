"""Ids say what they name: `tck_01k2...` is a ticket.

A prefix and the 26 characters of a time-ordered UUID (version 7) in Crockford's base 32, as in the TypeID
specification 0.3. The row's key *is* the global id of the API, so reading one never costs a conversion.
"""

from typing import Any

from tortoise import fields
from tortoise.models import Model
from uuid_utils.compat import uuid7

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
ID_LENGTH = 30


def new_id(prefix: str) -> str:
    """A fresh id that sorts after the ones made before it in this process."""
    number = uuid7().int
    return prefix + "_" + "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -5, -5))


def belongs_to(model: str, *, null: bool = False, unique: bool = False) -> Any:
    """A reference to a row of `model`. Nothing hangs on the other side: collections are declared by who reads them."""
    field: Any = fields.OneToOneField if unique else fields.ForeignKeyField
    return field(model, related_name=False, null=null)


class Row(Model):
    """A table whose key is a typed id. `prefix` is three letters, unique among the models.

    `untold` columns stay out of the event log, which everybody who may read may read.
    """

    prefix: str
    untold: frozenset[str] = frozenset()

    id = fields.CharField(max_length=ID_LENGTH, primary_key=True)

    @property
    def story(self) -> str:
        """The event stream that tells this row's story: its ticket tree's, unless the model says otherwise."""
        return str(self.tree_id)  # type: ignore[attr-defined]

    def __init__(self, **columns: Any) -> None:
        columns.setdefault("id", new_id(self.prefix))
        super().__init__(**columns)

    class Meta:
        abstract = True


class VersionedRow(Row):
    """A row that people edit: `version` grows by one with each change, so that a stale edit can be refused."""

    version = fields.IntField(default=1)

    class Meta:
        abstract = True
