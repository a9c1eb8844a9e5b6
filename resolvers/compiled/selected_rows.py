"""What is selected of rows that are known by their ids, as finished JSON: in payloads and in live items."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolvers.compiled.refusals import NotCompilable
from resolvers.compiled.rows import RowShapes
from resolvers.reads.operation import ReadContext
from resolvers.reads.planner import Paths
from resolvers.reads.row_types import BoundField, RowType, row_types
from resolvers.reads.selections import Selection
from resolvers.reads.sources import RelationSource
from services.reads import Environment, Reads
from services.reads.compiled import PageShape, Statement, Unanswered, finished_rows

Count = Callable[[str, str], None]
"""Counts how a selection was read, by the executor and the reason for it."""


@dataclass(frozen=True, slots=True, eq=False)
class SelectedRows:
    """Reads selections of rows by compiled statements. Implements `resolvers.reads.operation.FinishesRows`."""

    count: Count

    def read_of(
        self, selection: Selection, type_name: str, context: ReadContext, paths: Paths
    ) -> "StatementOfRows | None":
        """Return the statement of what is selected at the end of the paths. None: it cannot be compiled.

        It is kept with the document, and so is that there is none.
        """

        def make() -> tuple[StatementOfRows | NotCompilable, int]:
            shapes = RowShapes(selection, viewer, _no_page)
            try:
                row_type = shapes.row_type(row_types(selection.schema)[type_name].name)
                sets = [one for path in paths for one in selection.sets_below(selection.sets, path)]
                statement = Statement(shapes.shape(row_type, sets))
            except NotCompilable as error:
                return error, 1
            return StatementOfRows(statement, self.count), shapes.fields

        operation, viewer = context.running, context.viewer.role
        chosen = operation.prepared.chosen_by(selection.variables)
        key = ("rows", self, selection.identity, type_name, paths, viewer, chosen)
        found: StatementOfRows | NotCompilable = operation.documents.plan(operation.prepared, key, make)
        if isinstance(found, NotCompilable):
            self.count("executed", found.reason)
            return None
        return found


@dataclass(frozen=True, slots=True, eq=False)
class StatementOfRows:
    """The compiled statement of one selection. Implements `resolvers.reads.operation.FinishedRead`."""

    statement: Statement
    count: Count

    async def read(
        self, ids: Sequence[str], environment: Environment, reads: Reads
    ) -> Mapping[str, bytes] | None:
        """Return the JSON of the rows with these ids. None: there is doubt about one of them."""
        try:
            found = await finished_rows(self.statement, ids, environment, reads)
        except Unanswered as error:
            self.count("executed", error.reason)
            return None
        self.count("compiled", "")
        return found


def _no_page(above: RowType, field: BoundField, _source: RelationSource, _nodes: Any) -> PageShape:
    raise NotCompilable("page", f"{above.name}.{field.attribute}")
