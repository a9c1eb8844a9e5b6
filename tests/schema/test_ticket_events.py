"""What a watcher of everything in a ticket tree receives, and what that costs."""

import asyncio
from contextlib import aclosing
from datetime import datetime

import pytest

from models import Event, Milestone, Task, TicketLine
from models.identity import new_id
from schema import schema
from services.events import Broadcast
from services.tickets import rescheduling, workflow
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.factories import NOW, TODAY, save, store_facts, task as task_row
from tests.support.live_trees import (
    GROUPS,
    ROME,
    ROWS,
    TREE,
    WATCH,
    Store,
    event_log,
    rows_of_groups,
    rows_of_tree,
    save_live_tree,
    watching_over,
)

COMPLETE = f"mutation($id: ID!) {{ completeTask(taskId: $id) {{ treeSeq changed {{ {GROUPS} }} }} }} {ROWS}"
IDS = "tickets { id } milestones { id } tasks { id } lines { id } opportunities { id } crmActivities { id }"
SMALL = f"""subscription Small($id: ID!, $after: String) {{
  ticketEvents(ticketId: $id, after: $after) {{ state seq cursor more removedIds rows {{ {IDS} }} }} }}"""
HUGE = """subscription Huge($id: ID!) {
  ticketEvents(ticketId: $id) { state rows { tickets {
    children { milestones { tasks { ticket { milestones { tasks { id } } } } } } } } } }"""


@pytest.fixture
def broadcast():
    return Broadcast()


@pytest.fixture
def log(db, broadcast):
    return event_log(broadcast)


@pytest.fixture
def context(log, broadcast):
    return context_for(Role.OPERATOR, events=log, watching=watching_over(broadcast))


@pytest.fixture
async def tree(db):
    return await save_live_tree(children=2)


@pytest.fixture
async def watch(context):
    """Watch a tree: each item, or the extensions of the error in its place."""
    opened = []

    async def items(tree, after, document):
        variables = {"id": tree.parent.id, "after": after}
        async with aclosing(await schema.stream(document, variables, context_value=context)) as results:
            async for result in results:
                yield result.errors[0].extensions if result.errors else result.data["ticketEvents"]

    def start(tree, after=None, document=WATCH):
        opened.append(items(tree, after, document))
        return opened[-1]

    yield start
    for one in opened:
        await one.aclose()


async def receive(items, count=1):
    async with asyncio.timeout(60):
        return [await anext(items) for _ in range(count)]


async def up_to(items, seq):
    received = []
    async with asyncio.timeout(60):
        while not received or received[-1]["seq"] < seq or received[-1]["more"]:
            received.append(await anext(items))
    return received


async def tasks_of(ticket):
    return await Task.filter(ticket_id=ticket.id).order_by("id")


async def complete(log, task, actor="test"):
    await workflow.complete_task(task.id, actor=actor, events=log)


async def last_seq(tree):
    return (await Event.filter(stream_id=tree.parent.id).order_by("-seq").first()).seq


async def test_the_snapshot_is_the_tree(ask, watch, tree):
    [snapshot] = await receive(watch(tree))

    fresh = (await ask(TREE, id=tree.parent.id))["ticket"]
    assert (snapshot["state"], snapshot["previousSeq"], snapshot["more"]) == ("SNAPSHOT", None, False)
    assert (snapshot["seq"], snapshot["cursor"]) == (fresh["treeSeq"], fresh["treeCursor"])
    assert rows_of_groups(snapshot["rows"]) == rows_of_tree(fresh)
    assert (snapshot["events"], snapshot["by"], snapshot["today"]) == ([], None, TODAY.isoformat())


async def test_a_child_leads_to_the_same_tree(context, tree):
    variables = {"id": tree.children[0].id}
    async with aclosing(await schema.stream(SMALL, variables, context_value=context)) as results:
        snapshot = (await anext(results)).data["ticketEvents"]

    assert {row["id"] for row in snapshot["rows"]["tickets"]} == {
        one.id for one in (tree.parent, *tree.children)
    }


async def test_a_change_shows_its_events_and_every_row_that_reads_differently(ask, watch, log, tree):
    items = watch(tree)
    [snapshot] = await receive(items)
    store = Store()
    store.take(snapshot)
    task, *_ = await tasks_of(tree.children[0])

    await complete(log, task, actor=tree.operator.id)
    [change] = await receive(items)

    fresh = (await ask(TREE, id=tree.parent.id))["ticket"]
    events = await Event.filter(stream_id=tree.parent.id, seq__gt=snapshot["seq"]).order_by("seq")
    store.take(change)
    assert store.rows == rows_of_tree(fresh)
    assert (change["state"], change["previousSeq"], change["seq"]) == (
        "CHANGE",
        snapshot["seq"],
        events[-1].seq,
    )
    assert change["cursor"] == fresh["treeCursor"]
    assert [(one["id"], one["seq"], one["kind"]) for one in change["events"]] == [
        (one.id, one.seq, one.kind) for one in events
    ]
    assert change["by"] == {"__typename": "Operator", "id": tree.operator.id, "name": tree.operator.name}
    assert datetime.fromisoformat(change["occurredAt"]) == NOW


async def test_an_automatic_process_is_named(watch, log, tree):
    items = watch(tree)
    await receive(items)

    await complete(log, (await tasks_of(tree.parent))[0], actor="system:poller")
    [change] = await receive(items)

    assert change["by"] == {"__typename": "SystemActor", "systemName": "poller"}


async def test_the_answer_of_a_mutation_and_the_item_show_the_same_rows_under_the_same_seq(ask, watch, tree):
    items = watch(tree)
    await receive(items)

    answer = (await ask(COMPLETE, id=(await tasks_of(tree.parent))[0].id))["completeTask"]
    [change] = await receive(items)

    assert answer["treeSeq"] == change["seq"]
    assert rows_of_groups(answer["changed"]) == rows_of_groups(change["rows"])


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


async def test_a_ticket_that_does_not_exist_is_the_callers_mistake(watch, tree):
    tree.parent.id = "TCK-NOBODY-0000-00"

    received = [item async for item in watch(tree)]

    assert received == [{"code": "BAD_USER_INPUT", "argument": "ticketId", "path": ["ticketId"]}]


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


async def test_rebuilt_facts_show_everything_in_their_ticket(context, log, tree, watch):
    child = tree.children[1]
    await Task.filter(ticket_id=child.id).update(ready=True, blocked=True)
    items = watch(tree, document=SMALL)
    await receive(items)

    await store_facts()
    context.events._broadcast.wake(tree.parent.id)
    [change] = await receive(items)

    shown = change["rows"]
    assert {one["id"] for one in shown["tasks"]} == {one.id for one in await tasks_of(child)}
    assert {one["id"] for one in shown["milestones"]} == {
        one.id for one in await Milestone.filter(ticket_id=child.id)
    }


async def test_a_row_that_is_gone_is_named(watch, log, tree):
    line = await TicketLine.filter(tree_id=tree.parent.id).first()
    await line._meta.db.execute_query(
        f"UPDATE opportunity SET ticket_line_id = NULL WHERE ticket_line_id = '{line.id}'"
    )
    items = watch(tree, document=SMALL)
    await receive(items)

    async with log.change(tree.parent.id, actor="test") as change:
        await change.delete(line, kind="LINE_CREATED")
    [received] = await receive(items)

    assert received["removedIds"] == [line.id]
    assert [one["id"] for one in received["rows"]["tickets"]] == [tree.parent.id]
    assert received["rows"]["lines"] == []


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


async def test_silence_is_reported_with_the_day(context, tree, broadcast, watch):
    context.watching = watching_over(broadcast, alive=0.05)
    items = watch(tree, document=WATCH)
    [snapshot] = await receive(items)

    [alive] = await receive(items)

    assert (alive["state"], alive["seq"], alive["previousSeq"]) == ("ALIVE", snapshot["seq"], snapshot["seq"])
    assert (alive["cursor"], alive["today"]) == (snapshot["cursor"], TODAY.isoformat())
    assert rows_of_groups(alive["rows"]) == {}
