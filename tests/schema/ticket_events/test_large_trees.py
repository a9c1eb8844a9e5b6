"""What it costs to watch a large tree, or to watch with many others."""

import asyncio

import pytest

from models import Milestone
from services.tickets import rescheduling
from tests.schema.ticket_events.watched_items import SMALL, complete, last_seq, receive, tasks_of, up_to
from tests.support.factories import TODAY, save, store_facts, task as task_row
from tests.support.live_trees import ROME, TREE, Store, rows_of_tree, save_live_tree

HUGE = """subscription Huge($id: ID!) {
  ticketEvents(ticketId: $id) { state rows { tickets {
    children { milestones { tasks { ticket { milestones { tasks { id } } } } } } } } } }"""


async def test_a_large_tree_comes_in_parts_of_five_hundred_rows(watch):
    tree = await save_live_tree(children=20, milestones=6, tasks=7)

    parts = await up_to(watch(tree, document=SMALL), await last_seq(tree))

    sizes = [sum(len(rows) for rows in part["rows"].values()) for part in parts]
    ids = [row["id"] for part in parts for rows in part["rows"].values() for row in rows]
    assert sum(sizes) == tree.node_count == len(set(ids))
    assert sizes[:-1] == [500, 500]
    assert [part["more"] for part in parts] == [True, True, False]
    assert {part["seq"] for part in parts} == {await last_seq(tree)}


async def test_what_changes_between_the_parts_of_a_snapshot_comes_after_them(ask, watch, log):
    tree = await save_live_tree(children=20, milestones=6, tasks=7)
    items = watch(tree)
    store = Store()
    [first] = await receive(items)
    store.take(first)

    for task in (await tasks_of(tree.parent))[:2] + (await tasks_of(tree.children[-1]))[:1]:
        await complete(log, task)
    for item in await up_to(items, await last_seq(tree)):
        store.take(item)

    assert store.rows == rows_of_tree((await ask(TREE, id=tree.parent.id))["ticket"])


async def test_moving_the_first_of_three_hundred_tasks_is_one_item(watch, log):
    tree = await save_live_tree(children=1, milestones=1, tasks=1)
    [milestone] = await Milestone.filter(ticket_id=tree.children[0].id)
    more = [
        task_row(milestone, position=position, assignee_id=tree.operator.id) for position in range(2, 301)
    ]
    await save(*more)
    await store_facts()
    [first, *_] = await tasks_of(tree.children[0])
    items = watch(tree, document=SMALL)
    await receive(items)

    await rescheduling.reschedule_task(first.id, ROME.add(TODAY, 5), actor="test", events=log, calendar=ROME)
    [change] = await receive(items)

    assert len(change["rows"]["tasks"]) == 300
    assert change["seq"] == await last_seq(tree)


@pytest.mark.parametrize("watchers", [1, 50])
async def test_however_many_watch_one_change_is_read_once(watch, log, tree, statements, watchers):
    everybody = [watch(tree, document=SMALL) for _ in range(watchers)]
    await asyncio.gather(*(receive(items) for items in everybody))
    task, *_ = await tasks_of(tree.children[0])
    statements.clear()

    await complete(log, task)
    received = await asyncio.gather(*(receive(items) for items in everybody))

    assert len({str(one) for one in received}) == 1
    # The log; what the task, its milestone and ticket belong to; the opportunity of the child; four types of rows.
    assert len(statements) == 9


async def test_each_further_selection_costs_its_own_rows_and_nothing_else(watch, log, tree, statements):
    other = SMALL.replace("tasks { id }", "tasks { id title }")
    everybody = [watch(tree, document=one) for one in (SMALL, other) for _ in range(10)]
    await asyncio.gather(*(receive(items) for items in everybody))
    task, *_ = await tasks_of(tree.children[0])
    statements.clear()

    await complete(log, task)
    await asyncio.gather(*(receive(items) for items in everybody))

    assert len(statements) == 9 + 4


async def test_a_watcher_who_asks_for_too_much_does_not_disturb_the_others(watch, log):
    tree = await save_live_tree(children=40, milestones=6, tasks=11)
    items = watch(tree, document=SMALL)
    await up_to(items, await last_seq(tree))

    refused = [item async for item in watch(tree, document=HUGE)]
    await complete(log, (await tasks_of(tree.parent))[0])
    [change] = await receive(items)

    assert [one["code"] for one in refused] in (["COST_EXCEEDED"], ["RESULT_TOO_LARGE"])
    assert change["state"] == "CHANGE"
