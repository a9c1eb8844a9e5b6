"""The shape of a page: which of its parts are selected, and what stands in its entries."""

from collections.abc import Iterator, Sequence
from typing import Any

from graphql import FieldNode, get_named_type

from resolvers.compiled.refusals import NotCompilable
from resolvers.compiled.rows import RowShapes
from resolvers.reads.row_types import RowType
from resolvers.reads.selections import Selection
from services.reads.compiled import Constant, Edges, Info, Member, Nodes, RowShape, TotalCount

_INFO = {
    "hasNextPage": "has_next",
    "hasPreviousPage": "has_previous",
    "startCursor": "start_cursor",
    "endCursor": "end_cursor",
}


def row_type_of_page(connection: Any, rows: RowShapes) -> RowType:
    """Return the type of the rows in a page of this type."""
    nodes = connection.fields.get("nodes")
    if nodes is None:
        raise NotCompilable("type", connection.name)
    return rows.row_type(get_named_type(nodes.type).name)


def page_members(
    connection: Any, row_type: RowType, nodes: Sequence[FieldNode], selection: Selection, rows: RowShapes
) -> tuple[tuple[str, Member], ...]:
    """Return the selected parts of a page, by their keys."""
    return tuple(_Page(connection, row_type, selection, rows).members(nodes))


class _Page:
    def __init__(self, connection: Any, row_type: RowType, selection: Selection, rows: RowShapes) -> None:
        self._connection = connection
        self._row_type = row_type
        self._selection = selection
        self._rows = rows

    def members(self, nodes: Sequence[FieldNode]) -> Iterator[tuple[str, Member]]:
        for key, name, below in self._below(self._connection, nodes):
            match name:
                case "__typename":
                    yield key, _name(self._connection)
                case "totalCount":
                    yield key, TotalCount()
                case "nodes":
                    yield key, Nodes(self._row(below))
                case "edges":
                    yield key, Edges(tuple(self._edge(below)))
                case "pageInfo":
                    yield key, Info(tuple(self._info(below)))
                case _:
                    raise NotCompilable("function", f"{self._connection.name}.{name}")

    def _edge(self, nodes: Sequence[FieldNode]) -> Iterator[tuple[str, RowShape | Constant | None]]:
        edge = get_named_type(self._connection.fields["edges"].type)
        for key, name, below in self._below(edge, nodes):
            match name:
                case "__typename":
                    yield key, _name(edge)
                case "cursor":
                    yield key, None
                case "node":
                    yield key, self._row(below)
                case _:
                    raise NotCompilable("function", f"{edge}.{name}")

    def _info(self, nodes: Sequence[FieldNode]) -> Iterator[tuple[str, Any]]:
        info = get_named_type(self._connection.fields["pageInfo"].type)
        for key, name, _ in self._below(info, nodes):
            if name == "__typename":
                yield key, _name(info)
            elif name in _INFO:
                yield key, _INFO[name]
            else:
                raise NotCompilable("function", f"{info}.{name}")

    def _row(self, nodes: Sequence[FieldNode]) -> RowShape:
        return self._rows.shape(self._row_type, [node.selection_set for node in nodes])

    def _below(self, parent: Any, nodes: Sequence[FieldNode]) -> Iterator[tuple[str, str, list[FieldNode]]]:
        sets = [node.selection_set for node in nodes]
        for key, below in self._selection.by_key(sets, frozenset({parent.name})).items():
            self._rows.fields += 1
            yield key, below[0].name.value, below


def _name(graphql_type: Any) -> Constant:
    return Constant(f'"{graphql_type.name}"')
