from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import models
from services.reads import EVERYTHING, OrderKey, PageRequest, RowPlan, read_page, reading, total_order
from services.reads.cursors import cursor_of, place_of
from tests.support.factories import NOW, save


class Shown:
    """What the rows of these tests become."""


PLAN = RowPlan(models.Action, Shown, columns={"id": "id", "finished_at": "finished_at"})

ORDERS = {
    "id alone": (),
    "one that has duplicates": (OrderKey("created_at"),),
    "descending": (OrderKey("created_at", descending=True),),
    "one that has nulls": (OrderKey("finished_at"),),
    "descending with nulls": (OrderKey("finished_at", descending=True),),
    "nulls between": (OrderKey("finished_at", descending=True), OrderKey("created_at")),
    "a number": (OrderKey("item_count", descending=True), OrderKey("finished_at")),
}

instants = st.integers(0, 3).map(lambda hours: NOW + timedelta(hours=hours, microseconds=hours % 2))
rows = st.lists(st.tuples(instants, st.none() | instants, st.integers(0, 2)), max_size=12)


def action(created_at, finished_at, item_count):
    return models.Action(
        kind="SYNC_OPPORTUNITIES",
        status="COMPLETED",
        created_at=created_at,
        finished_at=finished_at,
        item_count=item_count,
    )


def in_order(actions, order):
    """The ids as the order has them, nulls last; sorted key by key from the least important one."""
    ordered = list(actions)
    for key in reversed(total_order(order)):
        present = [one for one in ordered if getattr(one, key.column) is not None]
        absent = [one for one in ordered if getattr(one, key.column) is None]
        present.sort(key=lambda one: getattr(one, key.column), reverse=key.descending)
        ordered = present + absent
    return [one.id for one in ordered]


async def read(*arguments):
    async with reading() as reads:
        return await read_page(*arguments, reads)


async def walk(order, request, environment):
    """Page after page, each begun at the cursor where the last one ended; ids in the order of the list."""
    key, found = total_order(order), []
    while True:
        page = await read(PLAN, request, order, EVERYTHING, environment)
        ids = [row.id for row in page.rows]
        found = ids + found if request.backward else found + ids
        if not (page.has_previous if request.backward else page.has_next):
            return found
        place = place_of(cursor_of(page.places[0 if request.backward else -1], key), key, models.Action)
        request = replace(request, before=place) if request.backward else replace(request, after=place)


@pytest.mark.parametrize("order", [pytest.param(order, id=name) for name, order in ORDERS.items()])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=rows, count=st.integers(1, 4), backward=st.booleans())
async def test_walking_the_pages_gives_the_whole_list_once(db, environment, order, values, count, backward):
    await models.Action.all().delete()
    actions = [action(*one) for one in values]
    await save(*actions)

    walked = await walk(order, PageRequest(count, backward=backward), environment)

    assert walked == in_order(actions, order)


async def test_a_page_between_two_places_holds_neither(db, environment):
    actions = [action(NOW, None, 0) for _ in range(6)]
    await save(*actions)
    ids = sorted(one.id for one in actions)

    page = await read(PLAN, PageRequest(10, after=(ids[1],), before=(ids[4],)), (), EVERYTHING, environment)

    assert [row.id for row in page.rows] == ids[2:4]


async def test_a_page_continues_behind_a_row_that_is_gone(db, environment):
    actions = sorted((action(NOW, None, 0) for _ in range(3)), key=lambda one: one.id)
    await save(*actions)
    first = await read(PLAN, PageRequest(2), (), EVERYTHING, environment)
    await models.Action.filter(id=actions[1].id).delete()

    rest = await read(PLAN, PageRequest(2, after=first.places[-1]), (), EVERYTHING, environment)

    assert [row.id for row in rest.rows] == [actions[2].id]


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("", id="empty"),
        pytest.param("%%%", id="not base 64"),
        pytest.param("Zm9v", id="no JSON"),
        pytest.param("bnVsbA", id="null"),
        pytest.param("perché\ud800", id="not even text"),
        pytest.param(
            cursor_of((NOW, "axn_1"), (OrderKey("created_at", True), OrderKey("id"))), id="another order"
        ),
        pytest.param(cursor_of(("now", "axn_1"), (OrderKey("created_at"), OrderKey("id"))), id="no instant"),
        pytest.param(
            cursor_of((None, "axn_1"), (OrderKey("created_at"), OrderKey("id"))), id="null where none is"
        ),
        pytest.param(cursor_of((NOW, 7), (OrderKey("created_at"), OrderKey("id"))), id="no id"),
    ],
)
def test_a_cursor_of_something_else_is_refused(cursor):
    order = (OrderKey("created_at"), OrderKey("id"))

    with pytest.raises(ValueError):
        place_of(cursor, order, models.Action)
