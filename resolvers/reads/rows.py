"""Fields that lead to rows by their key: from a root, from an id that a mutation returned, or to any node."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from models.identity import prefix_of
from resolvers.errors import BadUserInput
from resolvers.reads.fields import LASTING, Arguments, read_field, shows_entries, type_name
from resolvers.reads.operation import FinishedRead, FinishedRow, ReadContext, root_of
from resolvers.reads.planner import HERE, Paths, plan_of
from resolvers.reads.roots import NodeRoot, RowRoot, root_metadata
from resolvers.reads.row_types import RowType, row_types, row_types_by_prefix
from resolvers.reads.selections import Selection
from resolvers.reads.sources import Link, Source, link_metadata, source_metadata
from services.reads import Environment, Reads, RowPlan, Variables, read_rows

MAX_NODES = 100


def row(description: str, shape: Any, **keys: str) -> Any:
    """A root field: the row in which one of these unique columns holds a value. `keys` gives their descriptions."""

    root = RowRoot(tuple(keys))

    async def read(_source: Any, info: Info[ReadContext, Any], arguments: Arguments) -> Any:
        row_type = row_types(info.schema)[type_name(info)]
        column, value = key_of_row(root, arguments, row_type, info.schema)
        return (await _read(info, row_type, column, [value])).get(value)

    arguments = {name: (_key_type(name, alone=len(keys) == 1), words) for name, words in keys.items()}
    return read_field(description, read, shape=shape, arguments=arguments, metadata=root_metadata(root))


def key_of_row(
    root: RowRoot, arguments: Arguments, row_type: RowType, schema: strawberry.Schema
) -> tuple[str, str]:
    """Return the column and the value by which the arguments name a row."""
    column, value = _only_one(arguments, root.keys)
    if column == "id" and row_type_of(value, schema, argument="id") is not row_type:
        raise BadUserInput("id", f"{value} is not the id of a {row_type.name}.")
    return column, value


def loaded(description: str, *, by: str) -> Any:
    """The row whose id is in an attribute of the parent; null if that attribute is None.

    What the entries of a list lead to is read together.
    """

    async def read(source: Any, info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        row_id = getattr(source, by)
        return None if row_id is None else await _loader(info, argument=by).load(row_id)

    return read_field(description, read, metadata={"by": by, **LASTING})


def _loader(info: Info[ReadContext, Any], *, argument: str) -> DataLoader[str, Any]:
    """Return the loader of this field, which all entries of a list share. It keeps no row."""
    key = (root_of(info.path), *map(id, info._raw_info.field_nodes))
    loaders = info.context.running.loaders
    if key not in loaders:

        async def load(ids: list[str]) -> list[Any]:
            return await _nodes(info, ids, argument=argument)

        loaders[key] = DataLoader(load, cache=False)
    return loaders[key]


def loaded_all(description: str, *, by: str, size: int) -> Any:
    """The rows whose ids are in an attribute of the parent, in that order; `size` as in `many`."""

    async def read(source: Any, info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        return await _nodes(info, getattr(source, by), argument=by)

    return read_field(description, read, metadata={"by": by, **LASTING, **shows_entries(lambda _: size)})


def linked(description: str, source: Source, *, size: int | None = None) -> Any:
    """What a row leads to by the id that a source holds, whatever its type; with `size`, by the ids in a list.

    Of what is gone, or what the API does not show, there is nothing.
    """

    async def read(row: Any, info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        found = row.__dict__[info.python_name]
        if size is not None:
            return [one for one in await shown_nodes(info, found) if one is not None]
        return (await shown_nodes(info, [found]))[0] if found else None

    if size is None:
        return read_field(description, read, metadata=link_metadata(source, Link()))
    entries = shows_entries(lambda _: size)
    return read_field(description, read, metadata={**source_metadata(source), **entries})


def node(description: str, shape: Any) -> Any:
    """A root field: any object, by its id alone."""

    async def read(_source: Any, info: Info[ReadContext, Any], arguments: Arguments) -> Any:
        return (await _nodes(info, [arguments["id"]], argument="id"))[0]

    arguments = {"id": (strawberry.ID, "Its id.")}
    return read_field(description, read, shape=shape, arguments=arguments, metadata=root_metadata(NodeRoot()))


def nodes(description: str, shape: Any) -> Any:
    """A root field: the objects with these ids, in their order; null for one that does not exist."""

    async def read(_source: Any, info: Info[ReadContext, Any], arguments: Arguments) -> Any:
        ids = arguments["ids"]
        if len(ids) > MAX_NODES:
            raise BadUserInput("ids", f"At most {MAX_NODES} ids at a time.")
        return await _nodes(info, ids, argument="ids")

    kind = list[strawberry.ID]
    arguments = {"ids": (kind, f"At most {MAX_NODES} ids.")}
    entries = shows_entries(lambda given: min(len(given.get("ids") or ()), MAX_NODES))
    return read_field(description, read, shape=shape, arguments=arguments, metadata=entries)


async def _nodes(info: Info[ReadContext, Any], ids: Sequence[str], *, argument: str) -> list[Any]:
    """Return the rows with these ids in their order, with one read for each type among them."""
    ids_by_type: dict[str, list[str]] = {}
    types = {}
    for one in ids:
        row_type = row_type_of(one, info.schema, argument=argument)
        types[row_type.name] = row_type
        ids_by_type.setdefault(row_type.name, []).append(one)
    found: dict[str, Any] = {}
    for name, row_type in types.items():
        found |= await _read(info, row_type, "id", ids_by_type[name])
    return [found.get(one) for one in ids]


async def shown_nodes(info: Info[ReadContext, Any], ids: Sequence[str]) -> list[Any]:
    """Return the rows with these ids in their order; None for those that are gone or that the API does not show."""
    shown = [one for one in ids if prefix_of(one) in row_types_by_prefix(info.schema)]
    found = dict(zip(shown, await _nodes(info, shown, argument="id"), strict=True))
    return [found.get(one) for one in ids]


async def _read(
    info: Info[ReadContext, Any], row_type: RowType, column: str, values: Sequence[str]
) -> Mapping[str, Any]:
    selection, context = Selection.below(info._raw_info), info.context
    plan = plan_of(selection, row_type.name, context)

    async def load(values: Sequence[str]) -> Mapping[str, Any]:
        if column == "id" and (reader := reader_of(selection, row_type.name, context)).finished is not None:
            async with context.running.reads(info.path, once=True) as reads:
                found = await reader.finish(values, context.environment(), reads)
            if found is not None:
                return found
        async with context.running.reads(info.path) as reads:
            return await read_rows(plan, column, values, context.environment(), reads, selection.variables)

    return await context.running.batches.load((id(plan), column), values, load)


@dataclass(frozen=True, slots=True, eq=False)
class SelectionReader:
    """Reads what is selected of rows of one type: as finished JSON with one statement if it can, or by a plan."""

    finished: FinishedRead | None
    plan: RowPlan
    variables: Variables

    async def read(self, ids: Sequence[str], environment: Environment, reads: Reads) -> Mapping[str, Any]:
        """Return the rows with these ids, by their id."""
        found = await self.finish(ids, environment, reads)
        if found is not None:
            return found
        return await read_rows(self.plan, "id", ids, environment, reads, self.variables)

    async def finish(
        self, ids: Sequence[str], environment: Environment, reads: Reads
    ) -> Mapping[str, FinishedRow] | None:
        """Return the rows as finished JSON, by their id. None: they have to be executed field by field."""
        found = await self.finished.read(ids, environment, reads) if self.finished else None
        return None if found is None else {row_id: FinishedRow(json) for row_id, json in found.items()}


def reader_of(
    selection: Selection, type_name: str, context: ReadContext, paths: Paths = HERE
) -> SelectionReader:
    """Return what reads rows of a type, with what is selected of them at the end of these paths.

    Raise `Forbidden` if that requires a higher role than the caller's.
    """
    plan, finishes = plan_of(selection, type_name, context, paths), context.finishes_rows
    finished = finishes.read_of(selection, type_name, context, paths) if finishes else None
    return SelectionReader(finished, plan, selection.variables)


def row_type_of(row_id: str, schema: strawberry.Schema, *, argument: str) -> RowType:
    """Return the type of the row with this id."""
    row_type = row_types_by_prefix(schema).get(prefix_of(row_id) or "")
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
