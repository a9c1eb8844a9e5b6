"""What a watcher of everything in a ticket tree receives."""

from contextlib import aclosing
from datetime import datetime

from models import Event, Milestone, Task, TicketLine
from schema import schema
from tests.schema.ticket_events.watched_items import SMALL, complete, receive, tasks_of
from tests.support.factories import NOW, TODAY, store_facts
from tests.support.live_trees import (
    GROUPS,
    ROWS,
    TREE,
    WATCH,
    Store,
    rows_of_groups,
    rows_of_tree,
    watching_over,
)

COMPLETE = f"mutation($id: ID!) {{ completeTask(taskId: $id) {{ treeSeq changed {{ {GROUPS} }} }} }} {ROWS}"


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


async def test_silence_is_reported_with_the_day(context, tree, broadcast, watch):
    context.watching = watching_over(broadcast, alive=0.05)
    items = watch(tree, document=WATCH)
    [snapshot] = await receive(items)

    [alive] = await receive(items)

    assert (alive["state"], alive["seq"], alive["previousSeq"]) == ("ALIVE", snapshot["seq"], snapshot["seq"])
    assert (alive["cursor"], alive["today"]) == (snapshot["cursor"], TODAY.isoformat())
    assert rows_of_groups(alive["rows"]) == {}


async def test_a_ticket_that_does_not_exist_is_the_callers_mistake(watch, tree):
    tree.parent.id = "TCK-NOBODY-0000-00"

    received = [item async for item in watch(tree)]

    assert received == [{"code": "BAD_USER_INPUT", "argument": "ticketId", "path": ["ticketId"]}]
