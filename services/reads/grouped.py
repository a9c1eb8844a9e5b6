"""Rows of joined tables, counted in groups: many such questions in one statement."""
# ruff: noqa: S608

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from services.reads.conditions import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Contains,
    Not,
    Other,
    Parameters,
    to_sql,
)
from services.reads.dialects import Dialect
from services.reads.plan import ROW, Expression
from services.reads.reader import Reads


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """A relation made of several tables. `columns` are its columns, in SQL over the aliases of the tables.

    `joins` are the further tables by their aliases. Only those that a statement needs are joined, so each must find
    at most one row, and exactly one where it leaves no row out. `relation` is SQL that stands in for the table. A name
    in braces, in it or in a column, stands for a value that the statement brings with it.

    `by_day` are columns of rows that are spread over days, in SQL over `"stood"`, the row, and `"asked"`, the day.
    """

    table: str
    joins: Mapping[str, str]
    columns: Mapping[str, str]
    relation: str | None = None
    by_day: Mapping[str, str] = field(default_factory=dict)

    def select(self, columns: Iterable[str]) -> str:
        """Return the SELECT of some columns."""
        words = ", ".join(f'{self.columns[name]} AS "{name}"' for name in sorted(set(columns)))
        source = f"({self.relation}) AS " if self.relation else ""
        return f'SELECT {words} FROM {source}"{self.table}"{self.joined(words)}'

    def joined(self, words: str) -> str:
        """Return the joins of the tables that these words need."""
        needed: set[str] = set()
        waiting = [words]
        while waiting:
            mentioned = {alias for alias in _aliases(waiting.pop()) if alias in self.joins} - needed
            needed |= mentioned
            waiting += [self.joins[alias] for alias in mentioned]
        return "".join(f" {text}" for alias, text in self.joins.items() if alias in needed)


@dataclass(frozen=True, slots=True)
class RowList:
    """Rows that a statement brings with it, each with a value for every column."""

    columns: Mapping[str, type]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Selected:
    """What to read of the facts that meet a condition: expressions over their columns.

    `{row}` stands for the row in them, and any other name in braces for a value of `bound`. `given` are the values that
    the facts name, and `lists` the rows that `over` names.

    With `over`, the SQL of days, each row is spread over those of them that lie from its `since_on` up to, but without,
    its `until_on`. Rows that are alike are counted before.
    """

    facts: Facts
    where: Condition
    values: tuple[Expression, ...]
    given: Mapping[str, Any] = field(default_factory=dict)
    lists: Mapping[str, RowList] = field(default_factory=dict)
    over: str | None = None

    @property
    def is_alone(self) -> bool:
        """Whether it reads none of the further tables of its facts."""
        names = {*_columns_of(self.where), *(name for one in self.values for name in _row_columns(one.sql))}
        return not self.facts.joined(" ".join(self.facts.columns.get(name, "") for name in names))


def column(name: str, returns: type = str) -> Expression:
    return Expression(f'{{row}}."{name}"', returns)


def nothing(returns: type, sql_type: str) -> Expression:
    """An expression without a value, where another part of the statement has one."""
    return Expression(f"CAST(NULL AS {sql_type})", returns)


def local_day(instant: str, returns: type) -> Expression:
    """The calendar's date of a column's instant, in the time zone that is bound as `zone`."""
    return Expression(
        f'local_day({{row}}."{instant}", {{zone}})',
        returns,
        f'({{row}}."{instant}" AT TIME ZONE {{zone}})::date',
    )


def selected_sql(selected: Selected, parameters: Parameters, bound: Mapping[str, Any]) -> str:
    """Return the SELECT of one question, without groups: c0, c1 and so on, and how many rows are so."""
    dialect = parameters.dialect
    texts = [dialect.expression(one) for one in selected.values]
    values = "".join(f"{_bound(text, parameters, bound)} AS c{n}, " for n, text in enumerate(texts))
    looked_at = {name for text in texts for name in _row_columns(text)}
    if selected.over is None:
        source, where = _source(selected.facts, selected.where, looked_at), selected.where
    else:
        source, where = _spread_source(selected, looked_at, parameters)
    for name, one in selected.lists.items():
        listed = parameters.bind(orjson.dumps(one.rows).decode())
        source = source.replace(f"{{{name}}}", dialect.listed_rows(listed, one.columns))
    for name, value in selected.given.items():
        source = source.replace(f"{{{name}}}", parameters.bind(value))
    size = f'{ROW}."size"' if selected.over else "1 AS size"
    return f"SELECT {values}{size} FROM ({source}) AS {ROW} WHERE {to_sql(where, parameters)}"


def _source(facts: Facts, where: Condition, looked_at: Set[str]) -> str:
    return facts.select({*looked_at, *_columns_of(where)} or {"id"})


def _spread_source(selected: Selected, looked_at: Set[str], parameters: Parameters) -> tuple[str, Condition]:
    """Return the SELECT of rows that are spread over days, and what is still to be asked of them.

    What does not depend on the day is asked before, so that fewer rows are spread and more of them are alike.
    """
    facts = selected.facts
    before, on_the_day = _parted(selected.where, facts.columns.keys())
    looked_at = {*looked_at, *_columns_of(on_the_day)}
    by_day = {name: facts.by_day[name] for name in sorted(looked_at & facts.by_day.keys())}
    looked_at |= {name for text in by_day.values() for name in re.findall(r'"stood"\."(\w+)"', text)}
    kept = (looked_at & facts.columns.keys()) | {"since_on", "until_on"}
    names = ", ".join(f'"{name}"' for name in sorted(kept))
    rows = f"({_source(facts, before, kept)}) AS {ROW} WHERE {to_sql(before, parameters)}"
    groups = f"SELECT {names}, COUNT(*) AS size FROM {rows} GROUP BY {names}"
    further = "".join(f', {text} AS "{name}"' for name, text in by_day.items())
    spread = (
        f'SELECT "stood".*, "asked".*{further} FROM ({groups}) AS "stood" JOIN ({selected.over}) AS "asked"'
        ' ON "stood"."since_on" <= "asked"."day" AND "stood"."until_on" > "asked"."day"'
    )
    return spread, on_the_day


def _parted(where: Condition, columns: Set[str]) -> tuple[Condition, Condition]:
    """Part a condition into what asks for these columns alone, and the rest."""
    among: list[Condition] = []
    rest: list[Condition] = []
    for one in _flat(where):
        (among if columns >= set(_columns_of(one)) else rest).append(one)
    return AllOf(tuple(among)), AllOf(tuple(rest))


def _flat(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, AllOf):
        for one in condition.conditions:
            yield from _flat(one)
    else:
        yield condition


@dataclass(frozen=True, slots=True)
class Grouped:
    """Many questions in one statement. Each question has the same number of values, and sums of the last of them.

    `size_at` is where a record has the size of its group.
    """

    sql: str
    values: list[Any]
    decoders: Sequence[tuple[int, Any]]
    size_at: int

    async def read(self, reads: Reads) -> Iterator[list[Any]]:
        """Yield the number of a question, one of its groups, its size and its sums, for all groups of all questions."""
        records = await reads.run(self.sql, self.values)
        # Where nothing tells rows apart, the database counts even none.
        return (_decoded(record, self.decoders) for record in records if record[self.size_at])


def group(questions: Sequence[Selected], sums: int, bound: Mapping[str, Any], dialect: Dialect) -> Grouped:
    """Write the statement."""
    parameters = Parameters(dialect)
    parts = [_groups_sql(number, one, sums, parameters, bound) for number, one in enumerate(questions)]
    keys = questions[0].values[:-sums]
    return Grouped(" UNION ALL ".join(parts), parameters.values, _decoders(keys, dialect), 1 + len(keys))


def _groups_sql(
    number: int, question: Selected, sums: int, parameters: Parameters, bound: Mapping[str, Any]
) -> str:
    """Return the SELECT of the groups of one question. Only what depends on the row tells rows apart."""
    dialect = parameters.dialect
    varying = [one for one in question.values if "{row}" in dialect.expression(one)]
    rows = selected_sql(replace(question, values=tuple(varying)), parameters, bound)

    def shown(one: Expression) -> str:
        return (
            f"c{varying.index(one)}" if one in varying else _bound(dialect.expression(one), parameters, bound)
        )

    keys = ", ".join(shown(one) for one in question.values[:-sums])
    totals = ", ".join(
        f"SUM({shown(one)} * size)" if one in varying else shown(one) for one in question.values[-sums:]
    )
    groups = ", ".join(shown(one) for one in question.values[:-sums] if one in varying)
    size = "SUM(size)" if question.over else "COUNT(*)"
    sql = f"SELECT {number}, {keys}, {size}, {totals} FROM ({rows}) AS rows_of"
    return f"{sql} GROUP BY {groups}" if groups else sql


def _decoders(values: Iterable[Expression], dialect: Dialect) -> list[tuple[int, Any]]:
    found = [(number, dialect.expression_decoder(one)) for number, one in enumerate(values, 1)]
    return [(number, decode) for number, decode in found if decode is not None]


def _decoded(record: Iterable[Any], decoders: Sequence[tuple[int, Any]]) -> list[Any]:
    values = list(record)
    for index, decode in decoders:
        if values[index] is not None:
            values[index] = decode(values[index])
    return values


def _aliases(words: str) -> set[str]:
    return set(re.findall(r'"(\w+)"\."', words))


def _row_columns(text: str) -> list[str]:
    return re.findall(r'\{row\}\."(\w+)"', text)


def _bound(text: str, parameters: Parameters, bound: Mapping[str, Any]) -> str:
    def value(found: re.Match[str]) -> str:
        return ROW if found[1] == "row" else parameters.bind(bound[found[1]])

    return re.sub(r"\{(\w+)\}", value, text)


def _columns_of(condition: Condition) -> Iterator[str]:
    match condition:
        case AllOf(conditions) | AnyOf(conditions):
            for one in conditions:
                yield from _columns_of(one)
        case Not(inner):
            yield from _columns_of(inner)
        case Compare(column=name, value=Other(other)):
            yield from (name, other)
        case Compare(column=name) | Contains(column=name):
            yield name
        case _:
            raise TypeError(f"Facts have no rows of other models: {condition}.")
