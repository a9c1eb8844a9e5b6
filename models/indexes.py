"""Indexes that Tortoise does not have."""

from typing import Any

from tortoise.indexes import Index


class IndexOfTrue(Index):
    """An index of the rows in which a column is true. They stay few however much was done before."""

    def __init__(self, *, only: str, fields: tuple[str, ...] | list[str], name: str) -> None:
        super().__init__(fields=fields, name=name)
        self.only = only
        # Worded as reads word it: SQLite recognises the condition by its text.
        self.extra = f' WHERE "{only}" = TRUE'

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        path, arguments, options = super().deconstruct()
        return path, arguments, {**options, "only": self.only}
