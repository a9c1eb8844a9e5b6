"""Every filter and every order that the schema offers of a large table follows an index."""

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, get_named_type
from strawberry.schema.schema_converter import GraphQLCoreConverter

from models.identity import new_id
from models.transaction import snapshot
from resolvers.reads.filters import Asked, compared_columns, leads_of, meanings_of
from resolvers.reads.row_types import RowType, row_types
from resolvers.reads.sources import order_by
from schema import schema
from services.planning.calendar import WorkCalendar
from services.reads import EVERYTHING, AllOf, Compare, OrderKey, Related, RowPlan
from services.reads.columns import referenced_model, value_type
from services.reads.conditions import Parameters
from services.reads.dialects import dialect_named
from services.reads.layout import layout_of
from services.reads.statements import count, select, totals
from services.vocabulary import SlaLight
from services.work_counts import work_totals

# They hold what people enter, some hundreds of rows at most.
SMALL = {"operator", "service", "kit", "workflow_template", "token"}

Listed = tuple[str, RowType, type, list[str]]


def lists() -> Iterator[Listed]:
    """The root lists of large tables: name, row type, filter, orders."""
    query = schema._schema.query_type
    for name, field in query.fields.items():
        if "orderBy" not in field.args or "nodes" not in get_named_type(field.type).fields:
            continue
        row_type = row_types(schema)[get_named_type(get_named_type(field.type).fields["nodes"].type).name]
        if row_type.model._meta.db_table in SMALL:
            continue
        orders = get_named_type(field.args["orderBy"].type)
        assert isinstance(orders, GraphQLEnumType)
        filters = get_named_type(field.args["filter"].type)
        assert isinstance(filters, GraphQLInputObjectType)
        yield (
            name,
            row_type,
            filters.extensions[GraphQLCoreConverter.DEFINITION_BACKREF].origin,
            [getattr(one.value, "value", one.value) for one in orders.values.values()],
        )


FILTERS = [
    pytest.param(row_type, column, id=f"{name}-{column}")
    for name, row_type, shape, _ in lists()
    for column in compared_columns(shape)
]
ASKED = Asked(date(2026, 11, 23), WorkCalendar(ZoneInfo("Europe/Rome")), new_id("opr"))
MEANT = {
    "sla": [*SlaLight, None],
    "late": [True],
    "needs_attention": [True],
    "by_person": [True, False],
    "tree_id": ["tck_01h455vb4pex5vsknk084sn02q"],
    # The words of a text may stand anywhere, so that rows are looked through.
    "text": [],
}
MEANINGS = [
    pytest.param(row_type, meaning(value, ASKED), id=f"{name}-{criterion}-{value}")
    for name, row_type, shape, _ in lists()
    for criterion, meaning in meanings_of(shape).items()
    for value in MEANT[criterion]
]
LEADS = [
    pytest.param(row_type, column, id=f"{name}-{criterion}")
    for name, row_type, shape, _ in lists()
    for criterion, column in leads_of(shape).items()
]
BADGES = [
    pytest.param(total, id=name)
    for name, total in work_totals(ASKED.operator_id, ASKED.today).items()
    if total.where != EVERYTHING
]
ORDERS = [
    pytest.param(row_type, order, id=f"{name}-{order}")
    for name, row_type, _, orders in lists()
    for order in orders
]


async def explain(connection, words, parameters):
    """The database's plan for a statement; PostgreSQL is kept from reading its empty tables whole."""
    if connection.capabilities.dialect == "sqlite":
        _, rows = await connection.execute_query(f"EXPLAIN QUERY PLAN {words}", parameters.values)
        return "\n".join(row["detail"] for row in rows)
    for node in ("seqscan", "bitmapscan", "sort", "mergejoin", "hashjoin"):
        await connection.execute_query(f"SET LOCAL enable_{node} = off")
    _, rows = await connection.execute_query(f"EXPLAIN {words}", parameters.values)
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize(("row_type", "column"), FILTERS)
async def test_a_filter_is_searched_in_an_index(db, row_type, column):
    value = {int: 1}.get(value_type(row_type.model, column))
    async with snapshot() as connection:
        parameters = Parameters(dialect_named(connection.capabilities.dialect))
        # The same condition for every type of column: PostgreSQL would refuse a text where it wants a date.
        condition = Compare(column, "in", [] if value is None else [value])
        plan = await explain(connection, count(row_type.model, parameters, condition), parameters)

    if connection.capabilities.dialect == "sqlite":
        assert re.search(rf"SEARCH this USING .*INDEX .*\({column}=\?", plan), plan
    else:
        assert re.search(rf"Index Cond: \(\(?\"?{column}\"?\)?", plan), plan


@pytest.mark.parametrize(("row_type", "column"), LEADS)
async def test_a_filter_that_leads_to_another_row_is_searched_in_an_index(db, row_type, column):
    above = referenced_model(row_type.model, column)
    condition = Related(column, above, Compare("id", "eq", new_id(above.prefix)))
    async with snapshot() as connection:
        parameters = Parameters(dialect_named(connection.capabilities.dialect))
        plan = await explain(connection, count(row_type.model, parameters, condition), parameters)

    if connection.capabilities.dialect == "sqlite":
        assert re.search(rf"SEARCH this USING .*INDEX .*\({column}=\?", plan), plan
    else:
        assert re.search(rf"Index Cond: \(\(?\"?{column}\"?\)?", plan), plan


@pytest.mark.parametrize(("row_type", "condition"), MEANINGS)
async def test_what_a_criterion_means_is_searched_in_an_index(db, row_type, condition):
    async with snapshot() as connection:
        parameters = Parameters(dialect_named(connection.capabilities.dialect))
        plan = await explain(connection, count(row_type.model, parameters, condition), parameters)

    assert re.search(r"SEARCH this USING .*INDEX|Index Cond: ", plan), plan
    assert not re.search(r"SCAN this\b|Seq Scan", plan), plan


@pytest.mark.parametrize("total", BADGES)
async def test_a_badge_is_counted_in_an_index(db, total):
    async with snapshot() as connection:
        parameters = Parameters(dialect_named(connection.capabilities.dialect))
        plan = await explain(connection, totals([total], parameters), parameters)

    # An index of what is ready has no condition of its own.
    assert re.search(r"SEARCH this USING .*INDEX|Index Cond: |using idx_task_ready_", plan), plan


@pytest.mark.parametrize(("row_type", "order"), ORDERS)
async def test_an_order_is_walked_in_an_index(db, row_type, order):
    async with snapshot() as connection:
        dialect = dialect_named(connection.capabilities.dialect)
        parameters = Parameters(dialect)
        layout = layout_of(RowPlan(row_type.model, object, columns={"id": "id"}), dialect)
        words = select(layout, parameters, EVERYTHING, order_by(order), limit=50)
        plan = await explain(connection, words, parameters)

    assert "TEMP B-TREE" not in plan, plan
    # An index gives the order; what it leaves to sort are rows that are alike in it.
    assert "Sort  " not in plan.replace("Incremental Sort  ", ""), plan
    assert "Seq Scan" not in plan, plan


async def test_events_of_a_rare_kind_are_found_without_reading_the_log(db):
    event = row_types(schema)["Event"].model
    async with snapshot() as connection:
        dialect = dialect_named(connection.capabilities.dialect)
        parameters = Parameters(dialect)
        layout = layout_of(RowPlan(event, object, columns={"id": "id"}), dialect)
        condition = AllOf((Compare("kind", "eq", "TOKEN_REVOKED"),))
        words = select(layout, parameters, condition, (OrderKey("id", descending=True),), limit=50)
        plan = await explain(connection, words, parameters)

    assert "event_kind" in plan, plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan
