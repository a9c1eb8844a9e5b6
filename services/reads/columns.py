"""What a model says of its columns, also before a database was opened.

Tortoise adds a reference's key column to the model only when it opens a database; declarations are checked before.
"""

from typing import Any

from tortoise.fields.base import Field

from models.identity import Row


def has_column(model: type[Row], column: str) -> bool:
    return column in model._meta.fields_db_projection or _reference(model, column) is not None


def may_be_null(model: type[Row], column: str) -> bool:
    return (_reference(model, column) or model._meta.fields_map[column]).null


def value_type(model: type[Row], column: str) -> type[Any]:
    """The Python type of a column's values; a reference holds an id."""
    if _reference(model, column) is not None:
        return str
    kind: type[Any] = model._meta.fields_map[column].field_type
    return kind


def _reference(model: type[Row], column: str) -> Field[Any] | None:
    name = column.removesuffix("_id")
    if name == column or name not in (model._meta.fk_fields | model._meta.o2o_fields):
        return None
    return model._meta.fields_map[name]
