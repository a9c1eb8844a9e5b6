"""What the frame around every screen receives, how often, and what that costs."""

import asyncio
from contextlib import aclosing

import pytest

import models
from models import Task
from schema import schema
from schema.streams import ReadyResult
from services.live import ListTopic, Pulse
from services.live.pulse import TOPICS
from services.tickets import workflow
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.background import tasks_that_go_on
from tests.support.factories import NOW, TODAY
from tests.support.live_trees import event_log, save_live_tree

PULSE = """subscription { pulse { dataUntil today changed
  work { mine team late } crm { breaker callsLeft } running { id status itemCount ticket { code } } } }"""
CHANGED = "subscription { pulse { changed work { team } } }"


def pulse_over(broadcast, today=lambda: TODAY, **pace):
    return Pulse(broadcast, today=today, **{"shortest": 0.01, "alive": 15.0, **pace})


@pytest.fixture
async def watch(log, broadcast):
    """Subscribe to the pulse, as an operator."""
    pulse = pulse_over(broadcast)
    opened = []

    async def items(document, context):
        async with aclosing(await schema.stream(document, context_value=context)) as results:
            async for result in results:
                assert result.errors is None, result.errors
                yield result.data["pulse"]

    def start(document=PULSE, *, pulse=pulse, operator_id=None):
        who = {"operator_id": operator_id} if operator_id else {}
        opened.append(items(document, context_for(Role.OPERATOR, pulse=pulse, events=log, **who)))
        return opened[-1]

    yield start
    for one in opened:
        await one.aclose()


async def receive(items):
    async with asyncio.timeout(60):
        return await anext(items)


async def complete_one(log, tree):
    task = await Task.filter(ticket_id=tree.parent.id, status="TODO").order_by("position").first()
    await workflow.complete_task(task.id, actor="test", events=log)


async def open_action(log, tree):
    action = models.Action(
        kind="GENERATE_OPPORTUNITIES",
        status="RUNNING",
        item_count=0,
        created_at=NOW,
        ticket_id=tree.parent.id,
    )
    async with log.change(actor="test") as change:
        change.open_streams([action.id])
        await change.create(action, kind="ACTION_OPENED")
    return action


async def test_the_first_item_says_how_things_are(watch):
    tree = await save_live_tree()

    first = await receive(watch(operator_id=tree.operator.id))

    assert first["changed"] == []
    assert (first["today"], first["dataUntil"]) == (TODAY.isoformat(), NOW.isoformat())
    assert first["work"]["mine"] == first["work"]["team"] > 0
    assert first["crm"]["breaker"] == "CLOSED"
    assert first["running"] == []


@pytest.mark.parametrize(
    ("change", "topics"),
    [
        pytest.param(complete_one, {"TICKETS", "TASKS"}, id="a task is completed"),
        pytest.param(open_action, {"ACTIONS"}, id="an action begins"),
    ],
)
async def test_a_change_names_the_lists_in_which_it_shows(watch, log, change, topics):
    tree = await save_live_tree()
    items = watch()
    await receive(items)

    await change(log, tree)
    received = await receive(items)

    assert set(received["changed"]) == topics


async def test_running_actions_are_shown_in_the_callers_selection(watch, log):
    tree = await save_live_tree()
    items = watch()
    await receive(items)

    action = await open_action(log, tree)
    received = await receive(items)

    assert received["running"] == [
        {"id": action.id, "status": "RUNNING", "itemCount": 0, "ticket": {"code": tree.parent.code}}
    ]


async def test_many_changes_are_one_item_and_none_of_their_lists_is_lost(watch, broadcast):
    tree = await save_live_tree()
    quiet = event_log()
    items = watch(CHANGED, pulse=pulse_over(broadcast, alive=3600.0))
    await receive(items)

    await complete_one(quiet, tree)
    await open_action(quiet, tree)
    broadcast.wake(tree.parent.id)
    received = await receive(items)

    assert set(received["changed"]) == {"TICKETS", "TASKS", "ACTIONS"}


async def test_from_one_look_to_the_next_passes_a_while_however_much_changes(watch, log, broadcast):
    tree = await save_live_tree()
    items = watch(CHANGED, pulse=pulse_over(broadcast, shortest=0.3))
    await receive(items)
    began_at = asyncio.get_running_loop().time()

    for _ in range(3):
        await complete_one(log, tree)
        assert set((await receive(items))["changed"]) == {"TICKETS", "TASKS"}

    assert asyncio.get_running_loop().time() - began_at >= 2 * 0.3


async def test_a_watcher_that_misses_some_beats_gets_all_lists_together(watch, log, broadcast):
    tree = await save_live_tree()
    pulse = pulse_over(broadcast)
    slow, quick = pulse.follow(), pulse.follow()
    await anext(slow), await anext(quick)

    await complete_one(log, tree)
    one = await asyncio.wait_for(anext(quick), 60)
    await open_action(log, tree)
    other = await asyncio.wait_for(anext(quick), 60)
    missed = await asyncio.wait_for(anext(slow), 60)
    await slow.aclose()
    await quick.aclose()

    assert (one.changed, other.changed) == ({ListTopic.TICKETS, ListTopic.TASKS}, {ListTopic.ACTIONS})
    assert missed.changed == one.changed | other.changed


async def test_a_quiet_hub_beats_all_the_same(watch, broadcast):
    await save_live_tree()
    items = watch(CHANGED, pulse=pulse_over(broadcast, alive=0.05))
    await receive(items)

    assert (await receive(items))["changed"] == []


async def test_at_midnight_the_lists_of_work_are_others(broadcast, db):
    days = iter([TODAY, TODAY.replace(day=24)])
    day = next(days)
    pulse = pulse_over(broadcast, today=lambda: day, alive=0.05)
    beats = pulse.follow()
    await anext(beats)

    day = next(days)
    midnight = await asyncio.wait_for(anext(beats), 60)
    while not midnight.changed:
        midnight = await asyncio.wait_for(anext(beats), 60)
    await beats.aclose()

    assert (midnight.today, midnight.changed) == (day, {ListTopic.TICKETS, ListTopic.TASKS})


@pytest.mark.parametrize("watchers", [1, 50])
async def test_however_many_watch_a_beat_is_read_once(watch, log, statements, watchers):
    tree = await save_live_tree()
    everybody = [watch(CHANGED, operator_id=tree.operator.id) for _ in range(watchers)]
    await asyncio.gather(*(receive(items) for items in everybody))
    statements.clear()

    await complete_one(log, tree)
    received = await asyncio.gather(*(receive(items) for items in everybody))

    assert {tuple(sorted(one["changed"])) for one in received} == {("TASKS", "TICKETS")}
    # What is new, when it was, and the counts of the operator.
    assert len(statements) == 3


def test_every_list_has_rows_and_every_such_row_is_of_a_model():
    assert {topic for topics in TOPICS.values() for topic in topics} == set(ListTopic)
    assert [name for name in TOPICS if not hasattr(models, name)] == []


async def results_of(pulse, log, document, operators):
    """What each operator gets with two changes."""
    tree = await save_live_tree()
    tasks = await Task.filter(ticket_id=tree.parent.id, status="TODO").order_by("position")
    streams = []
    for operator_id in operators:
        context = context_for(Role.OPERATOR, pulse=pulse, events=log, operator_id=operator_id)
        streams.append(await schema.stream(document, context_value=context))
    async with asyncio.timeout(60):
        await asyncio.gather(*map(anext, streams))
        for task in tasks[:2]:
            await workflow.complete_task(task.id, actor="test", events=log)
            # Nobody has taken the beat of the first change when that of the second one comes.
            await asyncio.sleep(0.2)
        results = await asyncio.gather(*map(anext, streams))
    for stream in streams:
        await stream.aclose()
    return results


async def test_a_beat_is_executed_and_written_once_for_all(log, broadcast):
    first, *others = await results_of(
        pulse_over(broadcast), log, "subscription { pulse { changed } }", "abcd"
    )

    assert isinstance(first, ReadyResult)
    assert all(one is first for one in others)


async def test_what_a_beat_says_of_ones_own_work_is_shared_with_nobody_else(log, broadcast):
    document = "subscription { pulse { changed work { mine } } }"

    one, same, other = await results_of(pulse_over(broadcast), log, document, ["ada", "ada", "luca"])

    assert one is same
    assert other is not one


@pytest.mark.parametrize("turns", range(5))
async def test_nothing_goes_on_after_the_last_watcher_left_even_in_the_turn_of_a_change(db, broadcast, turns):
    before = asyncio.all_tasks()
    beats = pulse_over(broadcast, shortest=0).follow()
    await anext(beats)
    await asyncio.sleep(0.05)

    broadcast.wake("stream")
    for _ in range(turns):
        await asyncio.sleep(0)
    await beats.aclose()

    assert await tasks_that_go_on(besides=before) == set()
