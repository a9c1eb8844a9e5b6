"""Carries plans out: one statement for each relation of a plan, however many rows there are.

Rows come straight from the driver; no model is made of them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection

from models.database import READS
from models.identity import Row
from services.reads import statements
from services.reads.conditions import AllOf, Compare, Condition, Parameters
from services.reads.dialects import Dialect, dialect_named
from services.reads.keyset import total_order, within
from services.reads.layout import Layout, Values, layout_of
from services.reads.plan import Environment, Order, Page, PageRequest, Relation, RowPlan


async def read_rows(
    plan: RowPlan, column: str, values: Sequence[Any], environment: Environment
) -> dict[Any, Any]:
    """The rows whose `column`, a unique one, holds one of the values; by that value."""
    reading = _Reading.begin(environment)
    found = await reading.rows(layout_of(plan, reading.dialect, column), Compare(column, "in", values), ())
    await reading.fill_relations(found)
    return found.by(column)


async def read_page(
    plan: RowPlan, page: PageRequest, order: Order, where: Condition, environment: Environment
) -> Page:
    """A stretch of all the rows for which a condition holds."""
    reading = _Reading.begin(environment)
    order = total_order(order)
    found = await reading.stretch(plan, page, order, where)
    await reading.fill_relations(found)
    total = await reading.count(plan.model, where) if page.counted else None
    return _page(found, page, order, total)


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of one statement, each beside the values it was made of."""

    layout: Layout
    rows: list[Any]
    values: list[Values]

    def column(self, name: str) -> list[Any]:
        index = self.layout.index_of(name)
        return [values[index] for values in self.values]

    def by(self, column: str) -> dict[Any, Any]:
        return dict(zip(self.column(column), self.rows, strict=True))

    def grouped_by(self, column: str) -> dict[Any, "_Found"]:
        groups: defaultdict[Any, _Found] = defaultdict(lambda: _Found(self.layout, [], []))
        for key, row, values in zip(self.column(column), self.rows, self.values, strict=True):
            groups[key].rows.append(row)
            groups[key].values.append(values)
        return groups


@dataclass(frozen=True, slots=True)
class _Reading:
    """One plan being carried out over one connection."""

    connection: BaseDBAsyncClient
    dialect: Dialect
    environment: Environment

    @classmethod
    def begin(cls, environment: Environment) -> "_Reading":
        connection = get_connection(READS)
        return cls(connection, dialect_named(connection.capabilities.dialect), environment)

    async def rows(self, layout: Layout, where: Condition, order: Order) -> _Found:
        parameters = Parameters(self.dialect)
        return await self._found(layout, statements.select(layout, parameters, where, order), parameters)

    async def stretch(self, plan: RowPlan, page: PageRequest, order: Order, where: Condition) -> _Found:
        """The rows of a page and, where there is one, the row that follows."""
        layout = layout_of(plan, self.dialect, *(key.column for key in order))
        parameters = Parameters(self.dialect)
        condition = AllOf((where, within(page, order, plan.model)))
        words = statements.select(
            layout, parameters, condition, order, backward=page.backward, limit=page.count + 1
        )
        return await self._found(layout, words, parameters)

    async def count(self, model: type[Row], where: Condition) -> int:
        parameters = Parameters(self.dialect)
        records = await self._run(statements.count(model, parameters, where), parameters)
        return int(records[0][0])

    async def fill_relations(self, above: _Found) -> None:
        """Give every row the rows below it, and those theirs, all the way down."""
        for slot, relation in above.layout.plan.relations.items():
            keys = above.column(relation.ours)
            below = await self._below(relation, [key for key in dict.fromkeys(keys) if key is not None])
            for row, key in zip(above.rows, keys, strict=True):
                row.__dict__[slot] = below(key)

    async def _below(self, relation: Relation, keys: list[Any]) -> Callable[[Any], Any]:
        """What hangs below each of the rows with these keys, to be asked by key."""
        where = AllOf((Compare(relation.theirs, "in", keys), *_narrowed(relation)))
        if relation.page is not None:
            return await self._pages_below(relation, relation.page, where, keys)
        layout = layout_of(relation.rows, self.dialect, relation.theirs)
        found = await self.rows(layout, where, relation.order) if keys else _Found(layout, [], [])
        await self.fill_relations(found)
        if not relation.many:
            return found.by(relation.theirs).get
        groups = found.grouped_by(relation.theirs)
        return lambda key: groups[key].rows if key in groups else []

    async def _pages_below(
        self, relation: Relation, page: PageRequest, where: Condition, keys: list[Any]
    ) -> Callable[[Any], Page]:
        order = total_order(relation.order)
        found = await self._stretches(relation, page, where, order)
        await self.fill_relations(found)
        groups = found.grouped_by(relation.theirs)
        totals = await self._count_of_each(relation, where) if page.counted else {}
        empty = _Found(found.layout, [], [])
        pages = {key: _page(groups.get(key, empty), page, order, totals.get(key, 0)) for key in keys}
        return pages.__getitem__

    async def _stretches(
        self, relation: Relation, page: PageRequest, where: Condition, order: Order
    ) -> _Found:
        plan = relation.rows
        layout = layout_of(plan, self.dialect, relation.theirs, *(key.column for key in order))
        parameters = Parameters(self.dialect)
        words = statements.select_of_each(
            layout,
            parameters,
            AllOf((where, within(page, order, plan.model))),
            order,
            column=relation.theirs,
            backward=page.backward,
            limit=page.count + 1,
        )
        return await self._found(layout, words, parameters)

    async def _count_of_each(self, relation: Relation, where: Condition) -> dict[Any, int]:
        parameters = Parameters(self.dialect)
        words = statements.count_of_each(relation.rows.model, parameters, where, column=relation.theirs)
        return {key: int(number) for key, number in await self._run(words, parameters)}

    async def _found(self, layout: Layout, words: str, parameters: Parameters) -> _Found:
        values = [layout.decode(record) for record in await self._run(words, parameters)]
        return _Found(layout, [layout.row(one, self.environment) for one in values], values)

    async def _run(self, words: str, parameters: Parameters) -> Sequence[Any]:
        _, records = await self.connection.execute_query(words, parameters.values)
        return records


def _narrowed(relation: Relation) -> Iterable[Condition]:
    return (Compare(column, "eq", value) for column, value in relation.where.items())


def _page(found: _Found, page: PageRequest, order: Order, total: int | None) -> Page:
    """The page of rows that were read in the page's direction, with one more where the list goes on."""
    goes_on = len(found.rows) > page.count
    rows, values = found.rows[: page.count], found.values[: page.count]
    if page.backward:
        rows, values = rows[::-1], values[::-1]
    indexes = [found.layout.index_of(key.column) for key in order]
    return Page(
        rows=rows,
        places=[tuple(one[index] for index in indexes) for one in values],
        has_next=page.before is not None if page.backward else goes_on,
        has_previous=goes_on if page.backward else page.after is not None,
        total=total if page.counted else None,
    )
