"""Pages in a statement: the rows between two places, and what is said about them.

The rows of a page are numbered in the direction of reading. If it matters whether the list goes on, one more row is
read, of which nothing is shown.
"""

# ruff: noqa: S608 - names come from declarations in the code; every value is bound

from collections.abc import Iterable, Iterator
from typing import Protocol

from services.reads.apart import first_rows
from services.reads.columns import may_be_null, value_type
from services.reads.compiled.forms import DOUBT, Wording, form_of_place
from services.reads.compiled.shapes import (
    Constant,
    Edges,
    Info,
    InfoName,
    Member,
    Nodes,
    PageShape,
    RowShape,
    TotalCount,
)
from services.reads.compiled.text import Fixed, Part, Request, Text, concatenated, keyed, literal, text
from services.reads.conditions import EVERYTHING, AllOf, Condition, to_sql
from services.reads.cursors import name_of
from services.reads.keyset import order_sql, total_order, within
from services.reads.plan import Order, PageRequest
from services.reads.statements import length

CURSOR = "\x03"
"""Stands on both sides of a place, which becomes a cursor when the answer is finished."""


class RowWriter(Protocol):
    """What pages need to write their rows."""

    @property
    def wording(self) -> Wording: ...

    def name(self) -> str:
        """Return a new name for a table."""

    def row(self, shape: RowShape, row: str) -> Text:
        """Return the JSON of a row."""


class PageWriter:
    """Writes the JSON of one page; `above` is the name of the row that its rows hang on."""

    def __init__(self, writer: RowWriter, shape: PageShape, above: str | None) -> None:
        self._writer = writer
        self._shape = shape
        self._above = above
        self._row = writer.name()
        self._counted_row = writer.name()
        self._columns: list[Text] = []
        self._reads_rows = False
        self._looks_ahead = False

    def sql(self) -> Text:
        inside = keyed((key, list(self._member(member))) for key, member in self._shape.members)
        shown = concatenated([Fixed("{"), *inside, Fixed("}")])
        if not self._reads_rows:
            return text("(SELECT ", shown, ")")
        return text("(SELECT ", shown, " FROM (", *self._numbered_rows(), ") AS p)")

    def _member(self, member: Member) -> Iterator[Part]:
        match member:
            case Constant(json):
                yield Fixed(json)
            case TotalCount():
                yield text("(", self._count_of_all, ")")
            case Nodes(rows):
                yield from self._listed(self._writer.row(rows, self._row))
            case Edges(fields):
                inside = keyed((key, self._edge_field(field)) for key, field in fields)
                yield from self._listed(concatenated([Fixed("{"), *inside, Fixed("}")]))
            case Info(fields):
                yield Fixed("{")
                yield from keyed((key, self._info_field(field)) for key, field in fields)
                yield Fixed("}")

    def _listed(self, sql: Text) -> Iterator[Part]:
        shown = text("CASE WHEN c_n <= ", self._count, " THEN COALESCE(", *sql, f", '{DOUBT}') END")
        column = self._column(shown)
        yield Fixed("[")
        yield [f"COALESCE({self._writer.wording.join}({column}, ','), '')"]
        yield Fixed("]")

    def _edge_field(self, field: RowShape | Constant | None) -> list[Part]:
        match field:
            case None:
                return [[self._place]]
            case Constant(json):
                return [Fixed(json)]
            case RowShape():
                return [self._writer.row(field, self._row)]

    def _info_field(self, field: InfoName | Constant) -> Iterable[Part]:
        if isinstance(field, Constant):
            return [Fixed(field.json)]
        self._reads_rows = True
        if field in ("has_next", "has_previous"):
            self._looks_ahead = True
            return [[self._has_next if field == "has_next" else self._has_previous]]
        column = self._column([self._place])
        at = self._first_shown if field == "start_cursor" else self._last_shown
        return [text("COALESCE(MAX(CASE WHEN p.c_n = ", at, f" THEN {column} END), 'null')")]

    def _column(self, sql: Text) -> str:
        """Write something of each row, and return its name."""
        self._reads_rows = True
        self._columns.append(sql)
        return f"p.j{len(self._columns)}"

    def _numbered_rows(self) -> Iterator[str | Text]:
        columns = (text(", ", *sql, f" AS j{number}") for number, sql in enumerate(self._columns, 1))
        # Only the ids are numbered: to number whole rows, SQLite copies all their columns.
        numbered = "SELECT c_id, row_number() OVER () AS c_n, count(*) OVER () AS c_size"
        table = f'"{self._shape.model._meta.db_table}" AS {self._row}'
        yield text("SELECT c_n, c_size", *columns, f" FROM ({numbered} FROM (")
        yield text(self._stretch, ") AS l) AS n CROSS JOIN ", table)
        yield text(f' WHERE {self._row}."id" = n.c_id ORDER BY c_n', self._direction)

    # What a request decides.

    def _page(self, request: Request) -> tuple[PageRequest, Order]:
        asked = request.asked[self._shape.number]
        assert asked.page is not None, "a request gives a page for every page"
        return asked.page, total_order(asked.order)

    def _stretch(self, request: Request) -> str:
        page, order = self._page(request)
        model, row, limit = self._shape.model, self._row, page.count + self._looks_ahead
        if self._above is None:
            where = AllOf((self._condition(request), within(page, order, model)))
            rows = first_rows(
                model, where, order, request.parameters, row=row, backward=page.backward, limit=limit
            )
            return f'SELECT {row}."id" AS c_id FROM {rows}'
        ordered = order_sql(order, model, backward=page.backward, row=row)
        rows = self._rows(request, row, within(page, order, model))
        return f'SELECT {row}."id" AS c_id FROM {rows} ORDER BY {ordered} LIMIT {limit}'

    def _count_of_all(self, request: Request) -> str:
        return length(self._rows(request, self._counted_row, EVERYTHING))

    def _condition(self, request: Request) -> Condition:
        return AllOf((request.asked[self._shape.number].where, self._shape.where or EVERYTHING))

    def _rows(self, request: Request, row: str, between: Condition) -> str:
        shape = self._shape
        condition = AllOf((self._condition(request), between))
        linked = (
            f'{row}."{shape.theirs}" = {self._above}."{shape.ours}" AND ' if self._above is not None else ""
        )
        where = to_sql(condition, request.parameters, row)
        return f'"{shape.model._meta.db_table}" AS {row} WHERE {linked}({where})'

    def _count(self, request: Request) -> str:
        return str(self._page(request)[0].count)

    def _direction(self, request: Request) -> str:
        return " DESC" if self._page(request)[0].backward else ""

    def _has_next(self, request: Request) -> str:
        page, _ = self._page(request)
        return _truth(page.before is not None) if page.backward else _goes_on(page)

    def _has_previous(self, request: Request) -> str:
        page, _ = self._page(request)
        return _goes_on(page) if page.backward else _truth(page.after is not None)

    def _first_shown(self, request: Request) -> str:
        page, _ = self._page(request)
        return _last(page) if page.backward else "1"

    def _last_shown(self, request: Request) -> str:
        page, _ = self._page(request)
        return "1" if page.backward else _last(page)

    def _place(self, request: Request) -> str:
        """Return the place of a row as the text of a cursor has it."""
        _, order = self._page(request)
        model = self._shape.model
        values = []
        for key in order:
            form = form_of_place(value_type(model, key.column))
            written = self._writer.wording.write(form, f'{self._row}."{key.column}"')
            values.append(
                f"COALESCE({written}, 'null')" if may_be_null(model, key.column) else f"({written})"
            )
        start = literal(f'{CURSOR}["{name_of(order)}",')
        return " || ".join((start, " || ',' || ".join(values), literal("]" + CURSOR)))


def _goes_on(page: PageRequest) -> str:
    return f"CASE WHEN MAX(p.c_n) > {page.count} THEN 'true' ELSE 'false' END"


def _last(page: PageRequest) -> str:
    return f"CASE WHEN p.c_size < {page.count} THEN p.c_size ELSE {page.count} END"


def _truth(value: bool) -> str:
    # With an aggregate even where the page is empty, so that there is always one row.
    return f"CASE WHEN COUNT(*) >= 0 THEN '{str(value).lower()}' END"
