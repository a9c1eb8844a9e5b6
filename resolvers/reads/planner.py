"""From a selection to a plan: exactly the columns, expressions and relations that a query names, each once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from graphql import FieldNode

from resolvers.errors import Forbidden
from resolvers.reads.operation import ReadContext
from resolvers.reads.paging import page_request, page_slot
from resolvers.reads.row_types import BoundField, RowType, row_types
from resolvers.reads.selections import Selection, SelectionSets, arguments_of
from resolvers.reads.sources import ColumnSource, ComputedSource, ExpressionSource, RelationSource
from services.reads import (
    Computed,
    Condition,
    Expression,
    Not,
    PageRequest,
    Relation,
    RowPlan,
    Variables,
    filled,
)
from services.vocabulary import Role

Paths = tuple[tuple[str, ...], ...]

HERE: Paths = ((),)
IN_A_PAGE: Paths = (("edges", "node"), ("nodes",))


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the role that it requires."""

    rows: RowPlan
    role: Role

    def allowed(self, role: Role) -> RowPlan:
        """Return the plan for a caller of this role. Raise `Forbidden` if it requires a higher one."""
        if not role.includes(self.role):
            raise Forbidden(f"This requires the role {self.role}.")
        return self.rows


def plan_of(selection: Selection, type_name: str, context: ReadContext, paths: Paths = HERE) -> RowPlan:
    """Return what to read of the rows of a type that stand at the end of these paths below a field.

    A plan depends on the selection, on what is skipped or included in it and on the caller's role, and is kept with
    the document. Raise `Forbidden` if it requires a higher role than the caller's.
    """

    def make() -> tuple[Planned, int]:
        planner = _Planner(selection, viewer)
        sets = [one for path in paths for one in selection.sets_below(selection.sets, path)]
        rows = planner.rows(type_name, sets)
        return Planned(rows, planner.role), planner.fields

    operation, viewer = context.running, context.viewer.role
    chosen = operation.prepared.chosen_by(selection.variables)
    key = (selection.identity, type_name, paths, viewer, chosen)
    planned: Planned = operation.documents.plan(operation.prepared, key, make)
    return planned.allowed(viewer)


def visible_rows(row_type: RowType, viewer: Role) -> Condition | None:
    """Return the condition for rows to be visible to a caller of this role; None if all are."""
    hidden = row_type.hidden
    return Not(hidden.rows) if hidden and not viewer.includes(hidden.role) else None


class _Planner:
    """Plans one selection, and remembers the highest role that a type in it requires."""

    def __init__(self, selection: Selection, viewer: Role) -> None:
        self._viewer = viewer
        self.role = Role.VIEWER
        self.fields = 1
        self._selection = selection
        self._types = row_types(selection.schema)

    def rows(self, type_name: str, sets: SelectionSets) -> RowPlan:
        row_type = self._types[type_name]
        if not self.role.includes(row_type.role):
            self.role = row_type.role
        columns: dict[str, str] = {}
        expressions: dict[str, Expression] = {}
        computed: dict[str, Computed] = {}
        relations: dict[str, Relation] = {}
        for field, nodes in self._wanted(row_type, sets):
            self.fields += 1
            match field.source:
                case ColumnSource(name, blank_is_null=True):
                    expressions[field.attribute] = filled(name or field.attribute)
                case ColumnSource(name):
                    columns[field.attribute] = name or field.attribute
                case ExpressionSource(expression):
                    expressions[field.attribute] = expression
                case ComputedSource() as source:
                    computed[field.attribute] = source.on(row_type.model)
                case RelationSource() as source:
                    relations.update(self._relations(field, source, nodes))
        where = visible_rows(row_type, self._viewer)
        return RowPlan(row_type.model, row_type.shape, columns, expressions, computed, relations, where)

    def _wanted(self, row_type: RowType, sets: SelectionSets) -> Iterator[tuple[BoundField, list[FieldNode]]]:
        for name, nodes in self._selection.fields(sets, row_type.answers_to).items():
            if name != "__typename":
                yield row_type.fields[name], nodes

    def _relations(
        self, field: BoundField, source: RelationSource, nodes: list[FieldNode]
    ) -> Iterator[tuple[str, Relation]]:
        assert field.target is not None, "checked when the schema was made"
        if not source.paged:
            rows = self.rows(field.target, [node.selection_set for node in nodes])
            yield field.attribute, _relation(source, rows)
            return
        for slot, same_page in self._by_page(field.attribute, nodes).items():
            yield slot, self._page(source, field.target, same_page)

    def _by_page(self, attribute: str, nodes: list[FieldNode]) -> Mapping[str, list[FieldNode]]:
        pages: dict[str, list[FieldNode]] = {}
        for node in nodes:
            pages.setdefault(page_slot(attribute, node), []).append(node)
        return pages

    def _page(self, source: RelationSource, target: str, nodes: list[FieldNode]) -> Relation:
        selection = self._selection
        sets = [node.selection_set for node in nodes]
        rows = self.rows(target, [one for path in IN_A_PAGE for one in selection.sets_below(sets, path)])
        counted = "totalCount" in selection.fields(sets)

        def page(variables: Variables) -> PageRequest:
            arguments = arguments_of(nodes[0], variables)
            request = page_request(arguments, source.order, rows.model, counted=counted)
            return replace(request, where=source.narrowed(arguments)) if source.narrowed else request

        return _relation(source, rows, page=page)


def _relation(source: RelationSource, rows: RowPlan, **page: Any) -> Relation:
    return Relation(
        rows,
        source.ours,
        source.theirs,
        source.many,
        source.order,
        source.where,
        listed=source.listed,
        **page,
    )
