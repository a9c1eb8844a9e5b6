"""How the rows of one plan are selected in SQL, and how the returned values become rows again."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from services.reads.conditions import Parameters
from services.reads.dialects import Decoder, Dialect
from services.reads.plan import NAMED, ROW, Computed, Environment, Expression, RowPlan

Values = list[Any]


class Layout:
    """The select list of a plan, prepared once.

    The row's own attributes come first, in order, so that one `zip` fills them. The values that only relations,
    places and computed fields need come after them.
    """

    def __init__(self, plan: RowPlan, dialect: Dialect, hidden: Iterable[str]) -> None:
        self.plan = plan
        self._dialect = dialect
        self._selected: list[str] = []
        self._decoders: list[tuple[int, Decoder]] = []
        self._index: dict[object, int] = {}
        self._attributes = (*plan.columns, *plan.expressions)
        for column in plan.columns.values():
            self._add_column(column)
        for expression in plan.expressions.values():
            self._add_expression(expression)
        for column in (*hidden, *(relation.ours for relation in plan.relations.values())):
            self._require(column)
        self._computed = [(name, self._inputs_of(source)) for name, source in plan.computed.items()]

    @property
    def table(self) -> str:
        return f'"{self.plan.model._meta.db_table}" AS {ROW}'

    def select_list(self, parameters: Parameters) -> str:
        selected = ", ".join(f"{sql} AS c{number}" for number, sql in enumerate(self._selected))
        return NAMED.sub(lambda named: parameters.bind_named(named[1]), selected)

    def index_of(self, column: str) -> int:
        """Return the position of a selected column's value."""
        return self._index[column]

    def decode(self, record: Iterable[Any]) -> Values:
        values = list(record)
        for index, decode in self._decoders:
            if values[index] is not None:
                values[index] = decode(values[index])
        return values

    def row(self, values: Values, environment: Environment) -> Any:
        """Return an instance of the plan's shape with only the requested attributes. No constructor runs."""
        row: Any = object.__new__(self.plan.shape)
        attributes = row.__dict__
        attributes.update(zip(self._attributes, values, strict=False))
        for name, compute in self._computed:
            attributes[name] = compute(values, environment)
        return row

    def _require(self, wanted: str | Expression) -> int:
        index = self._index.get(wanted)
        if index is not None:
            return index
        return self._add_column(wanted) if isinstance(wanted, str) else self._add_expression(wanted)

    def _add_column(self, column: str) -> int:
        decoder = self._dialect.decoder(self.plan.model._meta.fields_map[column])
        return self._add(column, f'{ROW}."{column}"', decoder)

    def _add_expression(self, expression: Expression) -> int:
        sql = self._dialect.expression(expression).replace("{row}", ROW)
        return self._add(expression, f"({sql})", self._dialect.expression_decoder(expression))

    def _add(self, key: object, sql: str, decoder: Decoder | None) -> int:
        index = len(self._selected)
        self._selected.append(sql)
        self._index.setdefault(key, index)
        if decoder is not None:
            self._decoders.append((index, decoder))
        return index

    def _inputs_of(self, source: Computed) -> Callable[[Values, Environment], Any]:
        wanted: dict[str, str | Expression] = {
            **{name: name for name in source.columns},
            **source.expressions,
        }
        indexes = [(name, self._require(column)) for name, column in wanted.items()]
        return _call(source.function, indexes, source.ambient)


def _call(
    function: Callable[..., Any], indexes: Sequence[tuple[str, int]], ambient: Sequence[str]
) -> Callable[[Values, Environment], Any]:
    def compute(values: Values, environment: Environment) -> Any:
        inputs = {name: values[index] for name, index in indexes}
        return function(**inputs, **{name: getattr(environment, name) for name in ambient})

    return compute


def layout_of(plan: RowPlan, dialect: Dialect, *hidden: str) -> Layout:
    """Return the layout of a plan that also selects the `hidden` columns."""
    layout: Layout | None = plan.prepared.get((dialect, hidden))
    if layout is None:
        layout = plan.prepared[dialect, hidden] = Layout(plan, dialect, hidden)
    return layout
