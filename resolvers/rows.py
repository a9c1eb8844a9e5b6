"""Fields that lead to rows by their key: from a root, from an id that a mutation answered, or to any node."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from strawberry.types import Info

from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.fields import Arguments, read_field, type_name
from resolvers.loader import plan_of
from resolvers.row_types import RowType, row_types, row_types_by_prefix
from resolvers.selections import Selection
from services.reads import read_rows

MAX_NODES = 100

_ID = re.compile(r"([a-z]{3})_[0-9a-hjkmnp-tv-z]{26}")


def row(description: str, shape: Any, **keys: str) -> Any:
    """A root field: the row in which one of these unique columns, given with their descriptions, holds a value."""

    async def read(_source: Any, info: Info[Context, Any], arguments: Arguments) -> Any:
        column, value = _only_one(arguments, tuple(keys))
        row_type = row_types(info.schema)[type_name(info)]
        if column == "id" and _row_type_of(value, info, argument="id") is not row_type:
            raise BadUserInput("id", f"{value} is not the id of a {row_type.name}.")
        return (await _read(info, row_type, column, [value])).get(value)

    arguments = {name: (_key_type(name, alone=len(keys) == 1), words) for name, words in keys.items()}
    return read_field(description, read, shape=shape, arguments=arguments)


def loaded(description: str, *, by: str) -> Any:
    """The row whose id an attribute of the parent holds; null where that attribute is None."""

    async def read(source: Any, info: Info[Context, Any], _arguments: Arguments) -> Any:
        row_id = getattr(source, by)
        return None if row_id is None else (await _nodes(info, [row_id], argument=by))[0]

    return read_field(description, read)


def node(description: str, shape: Any) -> Any:
    """A root field: anything, by its id alone."""

    async def read(_source: Any, info: Info[Context, Any], arguments: Arguments) -> Any:
        return (await _nodes(info, [arguments["id"]], argument="id"))[0]

    return read_field(description, read, shape=shape, arguments={"id": (strawberry.ID, "Its id.")})


def nodes(description: str, shape: Any) -> Any:
    """A root field: the things with these ids, in their order; null for one that is not there."""

    async def read(_source: Any, info: Info[Context, Any], arguments: Arguments) -> Any:
        ids = arguments["ids"]
        if len(ids) > MAX_NODES:
            raise BadUserInput("ids", f"At most {MAX_NODES} ids at a time.")
        return await _nodes(info, ids, argument="ids")

    kind = list[strawberry.ID]
    return read_field(description, read, shape=shape, arguments={"ids": (kind, f"At most {MAX_NODES} ids.")})


async def _nodes(info: Info[Context, Any], ids: Sequence[str], *, argument: str) -> list[Any]:
    """The rows with these ids in their order, one read for each type among them."""
    ids_by_type: dict[str, list[str]] = {}
    types = {}
    for one in ids:
        row_type = _row_type_of(one, info, argument=argument)
        types[row_type.name] = row_type
        ids_by_type.setdefault(row_type.name, []).append(one)
    found: dict[str, Any] = {}
    for name, row_type in types.items():
        found |= await _read(info, row_type, "id", ids_by_type[name])
    return [found.get(one) for one in ids]


async def _read(
    info: Info[Context, Any], row_type: RowType, column: str, values: Sequence[str]
) -> Mapping[str, Any]:
    plan = plan_of(Selection(info._raw_info), row_type.name).allowed(info.context.viewer.role)
    return await read_rows(plan, column, values, info.context.environment())


def _row_type_of(row_id: str, info: Info[Context, Any], *, argument: str) -> RowType:
    match = _ID.fullmatch(row_id)
    row_type = match and row_types_by_prefix(info.schema).get(match[1])
    if not row_type:
        raise BadUserInput(argument, f"{row_id[:40]!r} is not an id.")
    return row_type


def _only_one(arguments: Arguments, names: Sequence[str]) -> tuple[str, str]:
    given = [(name, arguments[name]) for name in names if arguments.get(name) is not None]
    if len(given) != 1:
        raise BadUserInput(names[0], f"Give exactly one of {', '.join(names)}.")
    return given[0]


def _key_type(name: str, *, alone: bool) -> Any:
    kind: Any = strawberry.ID if name == "id" else str
    return kind if alone else kind | None
