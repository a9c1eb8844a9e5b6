"""What was changed, in terms of the API: since the caller's read, or by an event."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from inspect import signature
from typing import Any

import strawberry
from strawberry.types import Info

from models.identity import prefix_of
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.operation import ReadContext
from resolvers.reads.row_types import row_types_by_prefix
from resolvers.reads.sources import ColumnSource, ComputedSource, RelationSource, Source
from services.errors import ColumnChange


@dataclass(frozen=True, slots=True)
class FieldChanged:
    """A field of the API with its value before and after."""

    field: str
    before: Any
    after: Any

    @property
    def before_id(self) -> str | None:
        return _id_in(self.before)

    @property
    def after_id(self) -> str | None:
        return _id_in(self.after)


def _id_in(value: Any) -> str | None:
    return value if isinstance(value, str) and prefix_of(value) else None


def changed_fields(description: str) -> Any:
    """The changes of a conflict, by the fields of the API that show the columns. Other columns are left out."""

    async def read(conflict: Any, info: Info[ReadContext, Any], _arguments: Arguments) -> list[FieldChanged]:
        return fields_changed(info.schema, conflict.entity, conflict.changes)

    return read_field(description, read)


def fields_changed(
    schema: strawberry.Schema, entity: str, changes: Iterable[ColumnChange]
) -> list[FieldChanged]:
    """Return the changes of a row's columns by the fields that show them."""
    fields = _fields_by_column(schema, entity)
    return [
        FieldChanged(fields[one.column], one.before, one.after) for one in changes if one.column in fields
    ]


def _fields_by_column(schema: strawberry.Schema, entity: str) -> Mapping[str, str]:
    shown = next((one for one in row_types_by_prefix(schema).values() if one.model.__name__ == entity), None)
    fields = shown.fields.items() if shown else ()
    return {
        column: name
        for name, field in fields
        if (column := _column(field.attribute, field.source)) is not None
    }


def _column(attribute: str, source: Source) -> str | None:
    """Return the column that a field shows as it is, computes its entries from, or whose row it leads to."""
    match source:
        case ColumnSource(name):
            return name or attribute
        case ComputedSource(function) if [*signature(function).parameters] == [attribute]:
            return attribute
        case RelationSource(ours, "id", many=False):
            return ours
    return None
