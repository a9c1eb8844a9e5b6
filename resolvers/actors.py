"""Who did something: an operator, or a part of the hub that acts by itself."""

from typing import Any

from strawberry.types import Info

import models
from models.identity import prefix_of
from resolvers.reads.fields import Arguments, read_field
from resolvers.reads.operation import ReadContext
from resolvers.reads.rows import shown_nodes
from resolvers.reads.sources import ExpressionSource, Link, link_metadata
from services.reads import Expression

SYSTEM = "system:"


def actor(description: str, *, system: type, column: str | None = None) -> Any:
    """The actor that a column of the row names, or the attribute `actor` of what is no row.

    `system` is the type of what stands for an automatic process; it has a `name`.
    """

    async def read(source: Any, info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        name = source.__dict__[info.python_name] if column else source.actor.removeprefix(SYSTEM)
        if prefix_of(name) == models.Operator.prefix:
            [operator] = await shown_nodes(info, [name])
            if operator is not None:
                return operator
        return system(name=name)

    if column is None:
        return read_field(description, read)
    link = link_metadata(ExpressionSource(_actor_in(column)), Link(system, shown_in="name"))
    return read_field(description, read, metadata=link)


def _actor_in(column: str) -> Expression:
    """The id of an operator, or the name of an automatic process."""
    automatic = f"SUBSTR({{row}}.{column}, 1, {len(SYSTEM)}) = '{SYSTEM}'"
    name = f"SUBSTR({{row}}.{column}, {len(SYSTEM) + 1})"
    return Expression(f"CASE WHEN {automatic} THEN {name} ELSE {{row}}.{column} END", returns=str)
