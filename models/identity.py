"""Ids with a type: `tck_01k2...` is a ticket.

An id is a prefix and the 26 characters of a time-ordered UUID (version 7) in Crockford's base 32, as in the TypeID
specification 0.3. The row's key *is* the global id of the API, so reading one never costs a conversion.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Self

from tortoise import BaseDBAsyncClient, fields
from tortoise.expressions import Q, Subquery
from tortoise.fields import OnDelete
from tortoise.models import Model
from tortoise.queryset import QuerySet, QuerySetSingle
from uuid_utils.compat import uuid7

from models.sort_keys import plain_words, sort_key

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
ID_LENGTH = 30
_CRM_NAME = re.compile(r"crm:([0-9]{1,18})")
_ID = re.compile(rf"([a-z]{{3}})_[{_ALPHABET}]{{26}}")


def new_id(prefix: str) -> str:
    """Return a new id that sorts after the earlier ones of this process."""
    number = uuid7().int
    return prefix + "_" + "".join([_PAIRS[(number >> shift) & 1023] for shift in range(120, -10, -10)])


def prefix_of(text: str) -> str | None:
    """Return the prefix of an id; None if the text is not an id.

    >>> prefix_of(new_id("tck")), prefix_of("TCK-SOD-5155-00")
    ('tck', None)
    """
    match = _ID.fullmatch(text)
    return match and match[1]


def crm_id_in(named: str) -> int | None:
    """Return the CRM's id in a name such as `crm:845155`; None for any other form.

    >>> crm_id_in("crm:845155"), crm_id_in("crm:-1"), crm_id_in("845155")
    (845155, None, None)
    """
    match = _CRM_NAME.fullmatch(named)
    return int(match[1]) if match else None


def belongs_to(model: str, *, null: bool = False, unique: bool = False) -> Any:
    """A reference to a row of `model`, which cannot be deleted while the reference exists.

    The other side gets no attribute: collections are declared where they are read.
    """
    field: Any = fields.OneToOneField if unique else fields.ForeignKeyField
    return field(model, related_name=False, null=null, on_delete=OnDelete.RESTRICT)


def can_hold(field: Any, value: object) -> bool:
    """Whether a row can hold this value in this field: a text that is not too long, a number within its limits.

    No database holds a NUL, or half a surrogate pair.
    """
    if isinstance(value, str):
        whole = "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
        return whole and len(value) <= (getattr(field, "max_length", None) or len(value))
    if type(value) is int and isinstance(field, fields.IntField | fields.BigIntField):
        return abs(value) <= int(field.constraints["le"])
    return True


class Row(Model):
    """A table whose key is a typed id. `prefix` is three letters, unique among the models.

    Ids and codes are taken from callers as they are. A value that no row can hold is treated as unknown, like any
    other.

    `excluded_from_events` columns stay out of the event log: secrets, because every reader may read it, and what
    follows from other columns or only serves the machinery. `sort_keys` maps a column of sort keys to the column that
    it sorts by, and `search_keys` one to the text whose words are looked for in it. These keys are derived from the
    other column and stay out of the event log, too.
    """

    prefix: str
    excluded_from_events: frozenset[str] = frozenset()
    sort_keys: ClassVar[Mapping[str, str]] = MappingProxyType({})
    search_keys: ClassVar[Mapping[str, str]] = MappingProxyType({})

    id = fields.CharField(max_length=ID_LENGTH, primary_key=True)

    @property
    def event_stream_id(self) -> str:
        """The event stream that records this row's changes: its ticket tree's, unless the model says otherwise."""
        return str(self.tree_id)  # type: ignore[attr-defined]

    def __init__(self, **columns: Any) -> None:
        columns.setdefault("id", new_id(self.prefix))
        super().__init__(**self.with_sort_keys(columns))

    @classmethod
    def with_sort_keys(cls, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns and the keys that are derived from them."""
        derived = ((cls.sort_keys, sort_key), (cls.search_keys, plain_words))
        keys = {
            key: derive(columns[name])
            for names, derive in derived
            for key, name in names.items()
            if name in columns
        }
        return {**columns, **keys}

    @classmethod
    def filter(cls, *args: Q, **criteria: Any) -> QuerySet[Self]:
        return super().filter(*args, **cls._possible(criteria))

    @classmethod
    def get_or_none(
        cls, *args: Q, using_db: BaseDBAsyncClient | None = None, **criteria: Any
    ) -> QuerySetSingle[Self | None]:
        return super().get_or_none(*args, using_db=using_db, **cls._possible(criteria))

    @classmethod
    def _possible(cls, criteria: dict[str, Any]) -> dict[str, Any]:
        """Return the criteria without values that no row can hold. If nothing is left of one, no row matches."""
        possible: dict[str, Any] = {}
        for name, value in criteria.items():
            column, _, lookup = name.partition("__")
            field = cls._meta.fields_map.get(column)
            if lookup == "in" and not isinstance(value, Subquery):
                possible[name] = [one for one in value if can_hold(field, one)]
            elif lookup or can_hold(field, value):
                possible[name] = value
            else:
                return {"id__in": []}
        return possible

    class Meta:
        abstract = True


class VersionedRow(Row):
    """A row that people edit: `version` grows by one with each change, so that a stale edit can be refused."""

    version = fields.IntField(default=1)

    class Meta:
        abstract = True
