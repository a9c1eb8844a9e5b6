"""Carries out plans: one statement for each relation of a plan, however many rows there are.

Rows come straight from the driver; no models are created.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.identity import Row
from services.reads import statements
from services.reads.conditions import EVERYTHING, AllOf, Compare, Condition, Parameters
from services.reads.dialects import Dialect
from services.reads.keyset import total_order, within
from services.reads.layout import Layout, Values, layout_of
from services.reads.plan import Environment, Order, Page, PageRequest, Relation, RowPlan, Total, Variables
from services.reads.reader import MOST_ENTRIES, Reads

NO_VARIABLES: Variables = {}


async def read_rows(
    plan: RowPlan,
    column: str,
    values: Sequence[Any],
    environment: Environment,
    reads: Reads,
    variables: Variables = NO_VARIABLES,
) -> dict[Any, Any]:
    """Return the rows whose unique `column` holds one of the values, by that value."""
    reading = _Reading(reads, environment, variables)
    where = AllOf((Compare(column, "in", values), _visible(plan)))
    found = await reading.rows(layout_of(plan, reads.dialect, column), where, ())
    await reading.fill_relations(found)
    return found.by(column)


async def read_page(
    plan: RowPlan,
    page: PageRequest,
    order: Order,
    where: Condition,
    environment: Environment,
    reads: Reads,
    variables: Variables = NO_VARIABLES,
) -> Page:
    """Return one page of the rows that meet a condition."""
    reading = _Reading(reads, environment, variables)
    order, where = total_order(order), AllOf((where, _visible(plan)))
    found = await reading.stretch(plan, page, order, where)
    await reading.fill_relations(found)
    total = await reading.count(plan.model, where) if page.counted else None
    return _page(found, page, order, total)


async def read_values(
    model: type[Row], columns: Sequence[str], where: Condition, reads: Reads
) -> list[tuple[Any, ...]]:
    """Return plain columns of the rows that meet a condition."""
    layout = Layout(RowPlan(model, object, {name: name for name in columns}), reads.dialect, ())
    parameters = Parameters(reads.dialect)
    sql = statements.select(layout, parameters, where, (), limit=MOST_ENTRIES + 1)
    records = await reads.run(sql, parameters.values)
    reads.count(len(records))
    return [tuple(layout.decode(record)) for record in records]


async def read_totals(totals: Mapping[str, Total], reads: Reads) -> dict[str, int]:
    """Return several totals, by their names, with one statement."""
    parameters = Parameters(reads.dialect)
    [record] = await reads.run(statements.totals(totals.values(), parameters), parameters.values)
    return {name: int(number) for name, number in zip(totals, record, strict=True)}


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows of one statement, each with its values and the number of times that the answer shows it."""

    layout: Layout
    rows: list[Any]
    values: list[Values]
    times: list[int]

    def column(self, name: str) -> list[Any]:
        index = self.layout.index_of(name)
        return [values[index] for values in self.values]

    def by(self, column: str) -> dict[Any, Any]:
        return dict(zip(self.column(column), self.rows, strict=True))

    def grouped_by(self, column: str) -> dict[Any, "_Found"]:
        groups: defaultdict[Any, _Found] = defaultdict(lambda: _Found(self.layout, [], [], []))
        for key, row, values in zip(self.column(column), self.rows, self.values, strict=True):
            groups[key].rows.append(row)
            groups[key].values.append(values)
        return groups

    def shown_below(self, column: str, times: Mapping[Any, int]) -> "_Found":
        """Return the same rows, each shown as often as the rows above that its column points to."""
        return replace(self, times=[times[key] for key in self.column(column)])


@dataclass(frozen=True, slots=True)
class _Reading:
    """The execution of one plan."""

    reads: Reads
    environment: Environment
    variables: Variables

    @property
    def dialect(self) -> Dialect:
        return self.reads.dialect

    async def rows(self, layout: Layout, where: Condition, order: Order) -> _Found:
        parameters = Parameters(self.dialect, self.environment)
        return await self._found(
            layout, statements.select(layout, parameters, where, order, limit=MOST_ENTRIES + 1), parameters
        )

    async def stretch(self, plan: RowPlan, page: PageRequest, order: Order, where: Condition) -> _Found:
        """Return the rows of a page and, if there is one, the row after it."""
        layout = layout_of(plan, self.dialect, *(key.column for key in order))
        parameters = Parameters(self.dialect, self.environment)
        condition = AllOf((where, within(page, order, plan.model)))
        sql = statements.select(
            layout, parameters, condition, order, backward=page.backward, limit=page.count + 1
        )
        return await self._found(layout, sql, parameters)

    async def count(self, model: type[Row], where: Condition) -> int:
        parameters = Parameters(self.dialect, self.environment)
        records = await self.reads.run(statements.length_of_list(model, parameters, where), parameters.values)
        return int(records[0][0])

    async def fill_relations(self, above: _Found) -> None:
        """Give every row the rows below it, and those theirs, all the way down."""
        self.reads.count(sum(above.times))
        for slot, relation in above.layout.plan.relations.items():
            keys = above.column(relation.ours)
            times: dict[Any, int] = {}
            for entry, number in zip(keys, above.times, strict=True):
                for key in entry if relation.listed else (entry,):
                    if key is not None:
                        times[key] = times.get(key, 0) + number
            below = await self._below(relation, times)
            for row, key in zip(above.rows, keys, strict=True):
                row.__dict__[slot] = below(key)

    async def _below(self, relation: Relation, times: Mapping[Any, int]) -> Callable[[Any], Any]:
        """Return a function from the key of a row to the rows below it."""
        where = AllOf(
            (Compare(relation.theirs, "in", list(times)), _visible(relation.rows), *_narrowed(relation))
        )
        if relation.page is not None:
            page = relation.page(self.variables)
            where = AllOf((where, page.where or EVERYTHING))
            return await self._pages_below(relation, page, where, times)
        layout = layout_of(relation.rows, self.dialect, relation.theirs)
        found = await self.rows(layout, where, relation.order) if times else _Found(layout, [], [], [])
        found = found.shown_below(relation.theirs, times)
        await self.fill_relations(found)
        if relation.listed:
            by_key = found.by(relation.theirs)
            return lambda keys: [by_key[key] for key in keys if key in by_key]
        if not relation.many:
            return found.by(relation.theirs).get
        groups = found.grouped_by(relation.theirs)
        return lambda key: groups[key].rows if key in groups else []

    async def _pages_below(
        self, relation: Relation, page: PageRequest, where: Condition, times: Mapping[Any, int]
    ) -> Callable[[Any], Page]:
        order = total_order(relation.order)
        found = await self._stretches(relation, page, where, order)
        await self.fill_relations(found.shown_below(relation.theirs, times))
        groups = found.grouped_by(relation.theirs)
        totals = await self._count_of_each(relation, where) if page.counted else {}
        empty = _Found(found.layout, [], [], [])
        pages = {key: _page(groups.get(key, empty), page, order, totals.get(key, 0)) for key in times}
        return pages.__getitem__

    async def _stretches(
        self, relation: Relation, page: PageRequest, where: Condition, order: Order
    ) -> _Found:
        plan = relation.rows
        layout = layout_of(plan, self.dialect, relation.theirs, *(key.column for key in order))
        parameters = Parameters(self.dialect, self.environment)
        sql = statements.select_of_each(
            layout,
            parameters,
            AllOf((where, within(page, order, plan.model))),
            order,
            column=relation.theirs,
            backward=page.backward,
            limit=page.count + 1,
        )
        return await self._found(layout, sql, parameters)

    async def _count_of_each(self, relation: Relation, where: Condition) -> dict[Any, int]:
        parameters = Parameters(self.dialect, self.environment)
        sql = statements.count_of_each(relation.rows.model, parameters, where, column=relation.theirs)
        records = await self.reads.run(sql, parameters.values)
        return {key: min(int(number), statements.MOST_COUNTED + 1) for key, number in records}

    async def _found(self, layout: Layout, sql: str, parameters: Parameters) -> _Found:
        records = await self.reads.run(sql, parameters.values)
        values = [layout.decode(record) for record in records]
        rows = [layout.row(one, self.environment) for one in values]
        return _Found(layout, rows, values, [1] * len(rows))


def _visible(plan: RowPlan) -> Condition:
    return plan.where or EVERYTHING


def _narrowed(relation: Relation) -> Iterable[Condition]:
    return (Compare(column, "eq", value) for column, value in relation.where.items())


def _page(found: _Found, page: PageRequest, order: Order, total: int | None) -> Page:
    """Return the page from rows read in the page's direction, with one extra row if the list goes on."""
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
