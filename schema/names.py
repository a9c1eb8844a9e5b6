"""Names generic types by GraphQL's names of their scalars, not by Python's."""

from datetime import datetime
from typing import Any

from strawberry.schema.name_converter import NameConverter

_SCALARS: dict[Any, str] = {str: "String", bool: "Boolean", datetime: "DateTime"}


class Names(NameConverter):
    """`Choice[str]` is `StringChoice`."""

    def get_name_from_type(self, type_: Any) -> str:
        return _SCALARS.get(type_) or super().get_name_from_type(type_)
