"""Writes the statement of an answer from its shape: rows, what hangs on them, and values."""

# ruff: noqa: S608 - names come from declarations in the code; every value is bound

from collections.abc import Iterable, Sequence
from itertools import count

from models.identity import Row
from services.reads.columns import may_be_null
from services.reads.compiled.forms import DOUBT, Form, Wording
from services.reads.compiled.pages import PageWriter
from services.reads.compiled.shapes import (
    Constant,
    Field,
    Linked,
    Many,
    One,
    PageShape,
    Root,
    RowShape,
    Sought,
    Value,
)
from services.reads.compiled.text import (
    Fixed,
    Part,
    Text,
    asked_condition,
    bound,
    concatenated,
    condition_slot,
    keyed,
    literal,
    split_ambient,
    split_around,
    text,
)
from services.reads.conditions import Condition
from services.reads.dialects import Dialect
from services.reads.keyset import order_sql
from services.reads.plan import Expression
from services.reads.reader import MOST_ENTRIES

HERE = "{value}"

ENTRY = "\x01"
"""Stands before each row in an answer, so that rows can be counted. No text of a row can hold it."""


class Writer:
    """Writes one statement. Each table in it has a name of its own."""

    def __init__(self, dialect: Dialect, wording: Wording) -> None:
        self.dialect = dialect
        self.wording = wording
        self._numbers = count(1)

    def answer(self, roots: Sequence[tuple[str, Root]]) -> Text:
        fields = keyed((key, self._root(root)) for key, root in roots)
        return text("SELECT ", concatenated([Fixed("{"), *fields, Fixed("}")]), " AS answer")

    def rows(self, shape: RowShape) -> Text:
        """Return the statement of the rows that a request asks for: the id of each, and its JSON."""
        row = self.name()
        condition = text(asked_condition(0, row), *self.visible(shape.where, row))
        return text(f'SELECT {row}."id", ', self.row(shape, row), self._from(shape, row), condition)

    def name(self) -> str:
        return f'"t{next(self._numbers)}"'

    def row(self, shape: RowShape, row: str) -> Text:
        """Return the JSON of a row. Nothing in it is null: an object with a null in it would be null as a whole."""
        fields = keyed((key, self._field(field, shape.model, row)) for key, field in shape.fields)
        return concatenated([Fixed(ENTRY + "{"), *fields, Fixed("}")])

    def value(self, value: Value, model: type[Row], row: str) -> Text:
        """Return the JSON of a value of a row."""
        if isinstance(value.source, str):
            written = text(self.wording.write(value.form, f'{row}."{value.source}"'))
            never_null = not may_be_null(model, value.source)
        elif not self.wording.looks_twice(value.form):
            written = split_around(
                self.wording.write(value.form, HERE), HERE, self._parenthesised(value.source, row)
            )
            never_null = False
        else:
            # The value gets a name, because its form looks at it more than once.
            inner = self._expression(value.source, row)
            named = f") AS v{self.wording.found_once}) AS v)"
            written = text(f"(SELECT {self.wording.write(value.form, 'v.v')} FROM (SELECT (", inner, named)
            never_null = False
        if never_null:
            return text("(", *written, ")")
        return text("COALESCE(", *written, f", '{DOUBT if value.required else 'null'}')")

    def visible(self, condition: Condition | None, row: str) -> Text:
        return [] if condition is None else text(" AND (", condition_slot(condition, row), ")")

    def linked(
        self, theirs: str, row: str, ours: str, above: str, where: Iterable[tuple[str, object]]
    ) -> Text:
        """Return the condition that a row hangs on the row above it."""
        narrowed = (text(f' AND {row}."{column}" = ', bound(value)) for column, value in where)
        return text(f'{row}."{theirs}" = {above}."{ours}"', *narrowed)

    def _root(self, root: Root) -> Iterable[Part]:
        match root:
            case Constant(json):
                yield Fixed(json)
            case Sought(number, rows):
                row = self.name()
                condition = text(asked_condition(number, row), *self.visible(rows.where, row))
                yield text(
                    "COALESCE((SELECT ", self.row(rows, row), self._from(rows, row), condition, "), 'null')"
                )
            case PageShape():
                yield PageWriter(self, root, None).sql()

    def _field(self, field: Field, model: type[Row], row: str) -> Iterable[Part]:
        match field:
            case Constant(json):
                yield Fixed(json)
            case Value():
                yield self.value(field, model, row)
            case One():
                yield self._one(field, row)
            case Many(listed=True):
                yield from self._list(self._entries(field, row))
            case Many():
                yield from self._list(self._rows(field, row))
            case Linked():
                yield self._link(field, row)
            case PageShape():
                yield PageWriter(self, field, row).sql()

    def _one(self, field: One, above: str) -> Text:
        row = self.name()
        linked = self.linked(field.theirs, row, field.ours, above, field.where.items())
        found = text("SELECT ", self.row(field.rows, row), self._from(field.rows, row), linked)
        otherwise = DOUBT if field.required else "null"
        return text("COALESCE((", found, *self.visible(field.rows.where, row), f"), '{otherwise}')")

    def _link(self, field: Linked, above: str) -> Text:
        # The id gets a name, because it is looked at more than once.
        held = self.name()
        row_id = f"{held}.v"
        source = field.ours
        ours = text(f'{above}."{source}"') if isinstance(source, str) else self._expression(source, above)
        cases = (
            text(f" WHEN '{prefix}_' THEN ", self._with_id(rows, row_id))
            for prefix, rows in field.rows.items()
        )
        found = text(f"CASE SUBSTR({row_id}, 1, 4)", *cases, " END")
        if field.otherwise is not None:
            found = text("COALESCE(", found, ", ", self._otherwise(field.otherwise, row_id), ")")
        return text("COALESCE((SELECT ", found, " FROM (SELECT (", ours, f") AS v) AS {held}), 'null')")

    def _with_id(self, rows: RowShape | None, row_id: str) -> Text:
        if rows is None:
            return [literal(DOUBT)]
        row = self.name()
        found = text("(SELECT ", self.row(rows, row), self._from(rows, row), f'{row}."id" = {row_id}')
        return text(found, *self.visible(rows.where, row), ")")

    def _otherwise(self, fields: Iterable[tuple[str, Constant | Form]], value: str) -> Text:
        def written(field: Constant | Form) -> Part:
            return (
                Fixed(field.json) if isinstance(field, Constant) else text(self.wording.write(field, value))
            )

        inside = keyed((key, [written(field)]) for key, field in fields)
        return concatenated([Fixed("{"), *inside, Fixed("}")])

    def _rows(self, field: Many, above: str) -> Text:
        row = self.name()
        linked = self.linked(field.theirs, row, field.ours, above, field.where.items())
        found = text("SELECT ", self.row(field.rows, row), " AS j", self._from(field.rows, row), linked)
        return text(
            found,
            *self.visible(field.rows.where, row),
            f" ORDER BY {order_sql(field.order, field.rows.model, row=row)}",
        )

    def _entries(self, field: Many, above: str) -> Text:
        row = self.name()
        source, entry, order = self.wording.listed(f'{above}."{field.ours}"')
        joined = (
            f' AS j FROM {source} JOIN {table(field.rows.model)} AS {row} ON {row}."{field.theirs}" = {entry}'
        )
        narrowed = self.visible(field.rows.where, row)
        return text("SELECT ", self.row(field.rows, row), joined, *narrowed, f" ORDER BY {order}")

    def _list(self, rows: Text) -> Iterable[Part]:
        """Return a list of rows. It ends where the answer would be refused as too large."""
        yield Fixed("[")
        joined = f"SELECT COALESCE({self.wording.join}(COALESCE(j, '{DOUBT}'), ','), '')"
        yield text(f"({joined} FROM (", rows, f" LIMIT {MOST_ENTRIES + 1}) AS l)")
        yield Fixed("]")

    def _from(self, rows: RowShape, row: str) -> str:
        return f" FROM {table(rows.model)} AS {row} WHERE "

    def _parenthesised(self, expression: Expression, row: str) -> Text:
        return text("(", self._expression(expression, row), ")")

    def _expression(self, expression: Expression, row: str) -> Text:
        return split_ambient(self.dialect.expression(expression).replace("{row}", row))


def table(model: type[Row]) -> str:
    return f'"{model._meta.db_table}"'
