"""Rows grouped by type: in the answers of mutations and in live items, read with the selection below them."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import Annotated, Any

import strawberry
from graphql import get_named_type
from strawberry.types import Info

from models import Operator
from models.identity import Row
from resolvers.arguments import TicketId
from resolvers.context import Context
from resolvers.errors import BadUserInput
from resolvers.problems import Outcome
from resolvers.reads.fields import Arguments, read_field, shows_entries
from resolvers.reads.operation import ReadContext
from resolvers.reads.row_types import RowType, row_types
from resolvers.reads.rows import reader_of
from resolvers.reads.selections import Selection
from services.live import PART, LiveItem, TreeScope, Wanted, touched_rows
from services.records import find_ticket

After = Annotated[
    str | None,
    strawberry.argument(
        description="The cursor of the last item received, or the ticket's `treeCursor`; without it, the stream begins "
        "with a snapshot."
    ),
]

TREE = TreeScope()


def among(description: str, model: type[Row], *, by: str | None = None) -> Any:
    """The rows of one type in a group, which is the parent or is in an attribute of the parent."""

    async def read(source: Any, _info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        rows = getattr(source, by) if by else source
        return rows.get(model, {}).values()

    return read_field(description, read, metadata=shows_entries(lambda _: PART))


def one_of(description: str, model: type[Row], *, by: str) -> Any:
    """The only row of a type in the group in an attribute of the parent."""

    async def read(source: Any, _info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        return next(iter(getattr(source, by)[model].values()))

    return read_field(description, read)


def changed_rows(description: str) -> Any:
    """The rows that a mutation touched, in the state that its payload reads."""

    async def read(outcome: Outcome, info: Info[ReadContext, Any], _arguments: Arguments) -> Any:
        if outcome.result is None:
            return None
        recorded = [event for change in outcome.changes for event in change.events]
        events = [event for event in recorded if event.stream_id == outcome.tree_id]
        async with info.context.running.reads(info.path) as reads:
            [ids] = await touched_rows([events], reads)
            selection, rows = Selection.below(info._raw_info), {}
            for row_type, path in _rows_below(info, selection, ((),)):
                if some := list(ids.get(row_type.model, ())):
                    reader = reader_of(selection, row_type.name, info.context, (path,))
                    found = await reader.read(some, info.context.environment(), reads)
                    rows[row_type.model] = {row_id: found[row_id] for row_id in some if row_id in found}
            return rows

    return read_field(description, read, metadata={"by": "tree_id"})


async def ticket_events(
    info: Info[Context, Any], ticket_id: TicketId, after: After = None
) -> AsyncIterator[LiveItem]:
    selected = wanted(info, (), ("rows",), also={"by": Operator})
    follow = info.context.watching.follow(await tree_of(ticket_id), TREE, selected, after=after)
    async with aclosing(follow) as items:
        async for item in items:
            yield item
            del item


async def tree_of(ticket_id: str) -> str:
    """Return the id of the ticket's tree, which is its stream's."""
    ticket = await find_ticket(ticket_id)
    if ticket is None:
        raise BadUserInput("ticketId", f"There is no ticket {ticket_id!r}.")
    return ticket.tree_id


def wanted(
    info: Info[Any, Any], *paths: tuple[str, ...], also: Mapping[str, type[Row]] | None = None
) -> Wanted:
    """Return what is selected of the types of rows that the fields at the end of these paths lead to.

    `also` names fields that may lead to a row of one type, among others.
    """
    selection = Selection.below(info._raw_info)
    readers = tuple(
        (row_type.model, reader_of(selection, row_type.name, info.context, (path,)))
        for row_type, path in _rows_below(info, selection, paths, also)
    )
    by = tuple((reader.finished, reader.plan) for _, reader in readers)
    return Wanted(readers, (by, selection.values_below(selection.sets)))


def _rows_below(
    info: Info[Any, Any],
    selection: Selection,
    paths: Iterable[tuple[str, ...]],
    also: Mapping[str, type[Row]] | None = None,
) -> Iterator[tuple[RowType, tuple[str, ...]]]:
    """Yield the types of rows that are selected below the ends of paths, each with the path to it."""
    types = row_types(info.schema)
    for path in paths:
        parent: Any = _type_below(info._raw_info.return_type, path)
        for name in selection.fields(selection.sets_below(selection.sets, path)):
            field = parent.fields.get(name)
            leads_to = (also or {}).get(name)
            type_name = leads_to.__name__ if leads_to else field and get_named_type(field.type).name
            if (row_type := types.get(type_name)) is not None:
                yield row_type, (*path, name)


def _type_below(field_type: Any, path: tuple[str, ...]) -> Any:
    found: Any = get_named_type(field_type)
    for name in path:
        found = get_named_type(found.fields[name].type)
    return found
