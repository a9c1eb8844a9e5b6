"""Migrations meet tables that hold rows already."""

from importlib import import_module
from pkgutil import iter_modules

from tortoise.migrations.operations import AddField

from models import migrations


def test_every_column_that_was_added_has_a_value_for_the_rows_that_were_there():
    modules = [
        import_module(f"{migrations.__name__}.{one.name}") for one in iter_modules(migrations.__path__)
    ]
    added = [
        operation
        for module in modules
        for operation in module.Migration.operations
        if isinstance(operation, AddField)
    ]

    assert len(added) > 10
    assert [one.name for one in added if not one.field.null and not one.field.has_db_default()] == []
