"""The shape of rows: each selected field by its declared source."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from graphql import FieldNode, GraphQLNonNull, GraphQLObjectType, get_named_type
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from resolvers.compiled.forms import form_of
from resolvers.compiled.refusals import NotCompilable
from resolvers.reads.fields import ReadField
from resolvers.reads.planner import visible_rows
from resolvers.reads.row_types import BoundField, RowType, row_types, row_types_by_prefix
from resolvers.reads.selections import Selection, SelectionSets
from resolvers.reads.sources import ColumnSource, ExpressionSource, Link, RelationSource, link_of
from services.reads import Expression, filled
from services.reads.compiled import Constant, Field, Form, Kind, Linked, Many, One, PageShape, RowShape, Value
from services.vocabulary import Role


class PageMaker(Protocol):
    """Makes the shape of a page that hangs on a row."""

    def __call__(
        self, row_type: RowType, field: BoundField, source: RelationSource, nodes: Sequence[FieldNode], /
    ) -> PageShape: ...


class RowShapes:
    """Makes shapes of rows for callers of one role."""

    def __init__(self, selection: Selection, viewer: Role, page_below: PageMaker) -> None:
        self._selection = selection
        self._viewer = viewer
        self._page_below = page_below
        self._types = row_types(selection.schema)
        self.fields = 1

    def row_type(self, name: str) -> RowType:
        """Return a type of rows that the caller may see."""
        found = self._types.get(name)
        if found is None:
            raise NotCompilable("type", name)
        if not self._viewer.includes(found.role):
            raise NotCompilable("forbidden")
        return found

    def shape(self, row_type: RowType, sets: SelectionSets) -> RowShape:
        fields = tuple(self._fields(row_type, sets))
        return RowShape(row_type.model, fields, visible_rows(row_type, self._viewer))

    def visible(self, row_type: RowType) -> Any:
        return visible_rows(row_type, self._viewer)

    def _fields(self, row_type: RowType, sets: SelectionSets) -> Iterator[tuple[str, Field]]:
        for key, nodes in self._selection.by_key(sets, row_type.answers_to).items():
            self.fields += 1
            name = nodes[0].name.value
            if name == "__typename":
                yield key, Constant(f'"{row_type.name}"')
            else:
                yield key, self._field(row_type, name, nodes)

    def _field(self, row_type: RowType, name: str, nodes: Sequence[FieldNode]) -> Field:
        place = f"{row_type.name}.{name}"
        field = row_type.fields[name]
        graphql_field: Any = self._selection.schema._schema.type_map[row_type.name]
        graphql_field = graphql_field.fields[name]
        declared: StrawberryField = graphql_field.extensions[GraphQLCoreConverter.DEFINITION_BACKREF]
        paged = isinstance(field.source, RelationSource) and field.source.paged
        if declared.base_resolver is not None or declared.extensions:
            raise NotCompilable("function", place)
        if (link := link_of(declared)) is not None:
            return self._link(graphql_field.type, field, link, nodes)
        if isinstance(declared, ReadField) and not paged:
            raise NotCompilable("function", place)
        match field.source:
            case ColumnSource(column, blank_is_null=True):
                return self._value(graphql_field.type, filled(column or field.attribute), row_type, place)
            case ColumnSource(column):
                return self._value(graphql_field.type, column or field.attribute, row_type, place)
            case ExpressionSource(expression):
                return self._value(graphql_field.type, expression, row_type, place)
            case RelationSource() as source if paged:
                return self._page_below(row_type, field, source, nodes)
            case RelationSource() as source:
                return self._relation(graphql_field.type, field, source, nodes)
            case _:
                raise NotCompilable("function", place)

    def _value(self, graphql_type: Any, source: str | Expression, row_type: RowType, place: str) -> Value:
        form = form_of(graphql_type, source, row_type.model, place)
        return Value(source, form, isinstance(graphql_type, GraphQLNonNull))

    def _link(self, graphql_type: Any, field: BoundField, link: Link, nodes: Sequence[FieldNode]) -> Linked:
        sets = [node.selection_set for node in nodes]
        schema, named = self._selection.schema, get_named_type(graphql_type)
        alone = isinstance(named, GraphQLObjectType)
        shown = {one.name for one in ([named] if alone else schema._schema.get_possible_types(named))}
        rows = {
            prefix: self.shape(one, sets) if self._viewer.includes(one.role) else None
            for prefix, one in row_types_by_prefix(schema).items()
            if one.name in shown
        }
        otherwise = self._otherwise(link, named.name, sets)
        match field.source:
            case ColumnSource(column):
                return Linked(column or field.attribute, rows, otherwise)
            case ExpressionSource(expression):
                return Linked(expression, rows, otherwise)
            case _:
                raise NotCompilable("function", f"{named.name} by {field.attribute}")

    def _otherwise(
        self, link: Link, union: str, sets: SelectionSets
    ) -> tuple[tuple[str, Constant | Form], ...] | None:
        if link.otherwise is None:
            return None
        name = link.otherwise.__strawberry_definition__.name  # type: ignore[attr-defined]
        selected = self._selection.by_key(sets, frozenset({name, union}))
        return tuple(
            (key, Constant(f'"{name}"') if nodes[0].name.value == "__typename" else Form(Kind.TEXT))
            for key, nodes in selected.items()
        )

    def _relation(
        self, graphql_type: Any, field: BoundField, source: RelationSource, nodes: Sequence[FieldNode]
    ) -> Field:
        assert field.target is not None, "checked when the schema was made"
        rows = self.shape(self.row_type(field.target), [node.selection_set for node in nodes])
        if source.many:
            return Many(rows, source.ours, source.theirs, source.where, source.order, source.listed)
        return One(rows, source.ours, source.theirs, source.where, isinstance(graphql_type, GraphQLNonNull))
