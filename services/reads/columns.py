"""What a model says about its columns, even before a database is open.

Tortoise adds the key column of a reference to the model only when it opens a database; declarations are checked
before that.
"""

from typing import Any

from tortoise.fields.base import Field

from models.identity import Row


def has_column(model: type[Row], column: str) -> bool:
    return column in model._meta.fields_db_projection or _reference(model, column) is not None


def may_be_null(model: type[Row], column: str) -> bool:
    return (_reference(model, column) or model._meta.fields_map[column]).null


def value_type(model: type[Row], column: str) -> type[Any]:
    """Return the Python type of a column's values. A reference holds an id."""
    if _reference(model, column) is not None:
        return str
    kind: type[Any] = model._meta.fields_map[column].field_type
    return kind


def referenced_model(model: type[Row], column: str) -> type[Row] | None:
    """The model whose ids a reference's column holds; known once a database was opened. None for other columns."""
    reference: Any = _reference(model, column)
    referenced: type[Row] | None = reference and reference.related_model
    return referenced


def longest_text(model: type[Row], column: str) -> int | None:
    """How many characters a column's text may have; None where there is no bound."""
    return getattr(_reference(model, column) or model._meta.fields_map[column], "max_length", None)


def _reference(model: type[Row], column: str) -> Field[Any] | None:
    name = column.removesuffix("_id")
    if name == column or name not in (model._meta.fk_fields | model._meta.o2o_fields):
        return None
    return model._meta.fields_map[name]
