"""What a watcher receives who was away, and which cursors have expired."""

import pytest

from models import Event
from models.identity import new_id
from tests.schema.ticket_events.watched_items import complete, last_seq, receive, tasks_of, up_to
from tests.support.live_trees import TREE, Store, rows_of_tree, save_live_tree


async def test_a_returning_watcher_gets_each_commit_once_and_each_row_with_the_last_that_touches_it(
    ask, watch, log, tree
):
    fresh = (await ask(TREE, id=tree.parent.id))["ticket"]
    store = Store()
    store.fill(fresh)
    one, two, three, four = await tasks_of(tree.parent)
    for task in (one, two, three):
        await complete(log, task)

    missed = await up_to(watch(tree, after=store.cursor), await last_seq(tree))

    reported = [event["seq"] for item in missed for event in item["events"]]
    assert reported == list(range(store.seq + 1, missed[-1]["seq"] + 1))
    assert [item["previousSeq"] for item in missed] == [store.seq, *(item["seq"] for item in missed[:-1])]
    assert [{row["id"] for row in item["rows"]["tasks"]} for item in missed] == [
        {one.id},
        {two.id},
        {three.id, four.id},
    ]
    assert [len(item["rows"]["tickets"]) for item in missed] == [0, 0, 1]
    for item in missed:
        store.take(item)
    assert store.rows == rows_of_tree((await ask(TREE, id=tree.parent.id))["ticket"])


@pytest.mark.parametrize("received", [1, 2])
async def test_who_is_dropped_in_the_middle_of_what_was_missed_loses_no_row(ask, watch, log, tree, received):
    store = Store()
    store.fill((await ask(TREE, id=tree.parent.id))["ticket"])
    for task in (await tasks_of(tree.parent))[:3]:
        await complete(log, task)

    dropped = watch(tree, after=store.cursor)
    for item in await receive(dropped, received):
        store.take(item)
    await dropped.aclose()
    for item in await up_to(watch(tree, after=store.cursor), await last_seq(tree)):
        store.take(item)

    assert store.rows == rows_of_tree((await ask(TREE, id=tree.parent.id))["ticket"])


@pytest.mark.parametrize("cursor", [pytest.param(new_id("evt"), id="of no event"), "2147483648", ""])
async def test_a_cursor_that_the_tree_does_not_know_has_expired(watch, tree, cursor):
    received = [item async for item in watch(tree, after=cursor)]

    assert [(item["state"], item["cursor"], item["more"]) for item in received] == [
        ("EXPIRED", cursor, False)
    ]


async def test_the_cursor_of_another_tree_has_expired(watch, tree):
    other = await save_live_tree()
    cursor = (await receive(watch(other)))[0]["cursor"]

    received = [item["state"] async for item in watch(tree, after=cursor)]

    assert received == ["EXPIRED"]


async def test_the_cursor_of_a_history_that_a_restore_ended_has_expired(watch, log, tree):
    backup = await last_seq(tree)
    await complete(log, (await tasks_of(tree.parent))[0])
    [snapshot] = await receive(watch(tree))
    await Event.filter(stream_id=tree.parent.id, seq__gt=backup).delete()

    received = [item["state"] async for item in watch(tree, after=snapshot["cursor"])]

    assert received == ["EXPIRED"]
