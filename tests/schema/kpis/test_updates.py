"""Watchers of figures get them as states: all at first and at midnight, then those that changed."""

import asyncio
from contextlib import AsyncExitStack, aclosing
from datetime import timedelta

import pytest

from models import Task
from schema import schema
from schema.streams import ReadyResult
from services.live import Pulse
from services.tickets import editing, workflow
from services.tickets.editing import TaskEdit
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.factories import NOW, TODAY
from tests.support.live_trees import save_live_tree

FIELDS = """{
  from to today dataUntil
  figures {
    definition { key } measure { value } previous { value } exclusions { measure { value } }
    groups(by: OPERATOR) { label measure { value } }
  }
}"""
WATCH = f"""subscription($figures: [KpiRequest!]!) {{
  kpiUpdates(lastDays: 7, figures: $figures) {{ state report {FIELDS} }}
}}"""
ASK = f"query($figures: [KpiRequest!]!) {{ kpis(lastDays: 7, figures: $figures) {FIELDS} }}"
FIGURES = [{"key": "FINISHED"}, {"key": "OPEN"}, {"key": "DUE"}]


@pytest.fixture
async def watch(log, broadcast):
    """Watch three figures, as a viewer."""
    opened = []

    async def items(board):
        context = context_for(board=board, events=log)
        stream = await schema.stream(WATCH, {"figures": FIGURES}, context_value=context)
        async with aclosing(stream) as results:
            async for result in results:
                assert result.errors is None, result.errors
                yield result.data["kpiUpdates"]

    def start(board=None, **pace):
        board = board or Pulse(broadcast, **{"today": lambda: TODAY, "shortest": 0.01, "alive": 15.0, **pace})
        opened.append(items(board))
        return opened[-1]

    yield start
    for one in opened:
        await one.aclose()


async def hear(items):
    async with asyncio.timeout(60):
        return await anext(items)


async def complete_one(log, tree):
    task = await Task.filter(ticket_id=tree.parent.id, status="TODO").order_by("position").first()
    await workflow.complete_task(task.id, actor="test", events=log)


def values(report):
    return {one["definition"]["key"]: one["measure"]["value"] for one in report["figures"]}


async def test_first_come_all_figures_and_then_those_that_changed(watch, log, ask):
    tree = await save_live_tree()
    items = watch()

    first = await hear(items)
    await complete_one(log, tree)
    second = await hear(items)

    assert first["state"] == "SNAPSHOT"
    assert list(values(first["report"])) == ["FINISHED", "OPEN", "DUE"]
    assert second["state"] == "CHANGE"
    assert values(second["report"]) == {
        "FINISHED": "1",
        "OPEN": str(int(values(first["report"])["OPEN"]) - 1),
    }
    asked = (await ask(ASK, figures=FIGURES))["kpis"]
    assert second["report"]["figures"] == asked["figures"][:2]
    assert second["report"]["dataUntil"] == asked["dataUntil"] == NOW.isoformat()


async def test_what_changes_no_figure_is_no_item(watch, log):
    tree = await save_live_tree()
    items = watch()
    await hear(items)
    task = await Task.filter(ticket_id=tree.parent.id, status="TODO").order_by("-position").first()

    await editing.update_task(task.id, TaskEdit(notes="Una nota"), actor="test", events=log)
    await asyncio.sleep(0.1)
    await complete_one(log, tree)

    assert set(values((await hear(items))["report"])) == {"FINISHED", "OPEN"}


async def test_silence_is_told_from_death(watch):
    await save_live_tree()
    items = watch(alive=0.05)
    await hear(items)

    alive = await hear(items)

    assert (alive["state"], alive["report"]["figures"]) == ("ALIVE", [])


async def test_at_midnight_everything_comes_again(watch, broadcast):
    await save_live_tree()
    days = [TODAY]
    items = watch(Pulse(broadcast, today=lambda: days[-1], shortest=0.01, alive=0.05))
    first = await hear(items)

    days.append(TODAY + timedelta(days=1))
    later = await hear(items)
    while later["state"] == "ALIVE":
        later = await hear(items)

    assert later["state"] == "SNAPSHOT"
    assert len(later["report"]["figures"]) == 3
    assert (first["report"]["today"], later["report"]["today"]) == (str(TODAY), str(days[-1]))
    assert later["report"]["from"] == str(TODAY - timedelta(days=5))


async def test_a_board_is_read_once_for_all_who_watch_it(watch, log, broadcast, statements):
    tree = await save_live_tree()
    board = Pulse(broadcast, today=lambda: TODAY, shortest=0.01, alive=15.0)
    watchers = [watch(board) for _ in range(5)]
    for items in watchers:
        await hear(items)
    statements.clear()

    await complete_one(log, tree)
    for items in watchers:
        await hear(items)

    assert len([one for one in statements if "UNION ALL" in one]) == 1


@pytest.fixture
async def results(log, broadcast):
    """Watch figures over one board, and yield the results themselves."""
    board = Pulse(broadcast, today=lambda: TODAY, shortest=0.01, alive=15.0)
    async with AsyncExitStack() as held:

        async def watch(figures=FIGURES, role=Role.VIEWER):
            context = context_for(role, board=board, events=log)
            stream = await schema.stream(WATCH, {"figures": figures}, context_value=context)
            await held.enter_async_context(aclosing(stream))
            await hear(stream)
            return stream

        yield watch


async def test_all_who_ask_for_the_same_figures_get_the_very_same_result(results, log):
    tree = await save_live_tree()
    watchers = [await results() for _ in range(10)]

    await complete_one(log, tree)
    first, *others = await asyncio.gather(*map(hear, watchers))

    assert isinstance(first, ReadyResult)
    assert first.data["kpiUpdates"]["state"] == "CHANGE"
    assert all(one is first for one in others)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"figures": [{"key": "OPEN"}, {"key": "FINISHED"}]}, id="figures"),
        pytest.param({"role": Role.ADMIN}, id="role"),
    ],
)
async def test_who_asks_for_something_else_gets_a_result_of_their_own(results, log, other):
    tree = await save_live_tree()
    one, another = await results(), await results(**other)

    await complete_one(log, tree)
    first, second = await asyncio.gather(hear(one), hear(another))

    assert first is not second
    told = [list(values(each.data["kpiUpdates"]["report"])) for each in (first, second)]
    asked = [one["key"] for one in other.get("figures", FIGURES)]
    assert told[1] == [key for key in asked if key in told[0]]
