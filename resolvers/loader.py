"""From a selection to a plan: exactly the columns, expressions and relations that a query names, each once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graphql import FieldNode

from resolvers.errors import Forbidden
from resolvers.paging import page_request, page_slot
from resolvers.row_types import BoundField, RowType, row_types
from resolvers.selections import Selection, SelectionSets
from resolvers.sources import ColumnSource, ComputedSource, ExpressionSource, RelationSource
from services.reads import Computed, Expression, Relation, RowPlan
from services.vocabulary import Role

Paths = tuple[tuple[str, ...], ...]

HERE: Paths = ((),)
IN_A_PAGE: Paths = (("edges", "node"), ("nodes",))


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and the role that everything in it takes."""

    rows: RowPlan
    role: Role

    def allowed(self, role: Role) -> RowPlan:
        """The plan, for a caller of this role; raises `Forbidden` where it reaches too far."""
        if not role.includes(self.role):
            raise Forbidden(f"This takes the role {self.role}.")
        return self.rows


def plan_of(selection: Selection, type_name: str, paths: Paths = HERE) -> Planned:
    """What to read of the rows of a type that stand at the end of these paths below a field.

    A plan depends on the selection and on the variables inside it, and is kept for the next time they come.
    """
    return _plan_of(selection, type_name, paths, selection.variables_inside())


@lru_cache(maxsize=1024)
def _plan_of(selection: Selection, type_name: str, paths: Paths, _variables: str) -> Planned:
    planner = _Planner(selection)
    sets = [one for path in paths for one in selection.sets_below(selection.sets, path)]
    rows = planner.rows(type_name, sets)
    return Planned(rows, planner.role)


class _Planner:
    """Plans one selection, and remembers the highest role that a type on the way demanded."""

    def __init__(self, selection: Selection) -> None:
        self.role = Role.VIEWER
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
            match field.source:
                case ColumnSource(name):
                    columns[field.attribute] = name or field.attribute
                case ExpressionSource(expression):
                    expressions[field.attribute] = expression
                case ComputedSource() as source:
                    computed[field.attribute] = source.on(row_type.model)
                case RelationSource() as source:
                    relations.update(self._relations(field, source, nodes))
        return RowPlan(row_type.model, row_type.shape, columns, expressions, computed, relations)

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
            pages.setdefault(page_slot(attribute, self._selection.arguments(node)), []).append(node)
        return pages

    def _page(self, source: RelationSource, target: str, nodes: list[FieldNode]) -> Relation:
        selection = self._selection
        sets = [node.selection_set for node in nodes]
        rows = self.rows(target, [one for path in IN_A_PAGE for one in selection.sets_below(sets, path)])
        counted = "totalCount" in selection.fields(sets)
        page = page_request(selection.arguments(nodes[0]), source.order, rows.model, counted=counted)
        return _relation(source, rows, page=page)


def _relation(source: RelationSource, rows: RowPlan, **page: Any) -> Relation:
    return Relation(rows, source.ours, source.theirs, source.many, source.order, source.where, **page)
