"""Who did something: an operator, or a part of the hub that acts by itself."""

from collections.abc import Callable
from typing import Any

from strawberry.types import Info

import models
from models.identity import prefix_of
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.operation import ReadContext
from resolvers.reads.rows import shown_nodes
from resolvers.reads.sources import ColumnSource, source_metadata

SYSTEM = "system:"


def actor(description: str, *, system: Callable[..., Any], column: str | None = None) -> Any:
    """The actor that a column of the row names, or the attribute `actor` of what is no row.

    `system` makes what stands for an automatic process.
    """

    async def read(source: Any, info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        name = source.__dict__[info.python_name] if column else source.actor
        if prefix_of(name) == models.Operator.prefix:
            [operator] = await shown_nodes(info, [name])
            if operator is not None:
                return operator
        return system(name=name.removeprefix(SYSTEM))

    return read_field(description, read, metadata=source_metadata(ColumnSource(column)) if column else None)
