"""Whatever happens in a tree, each watcher's rows are those of the tree, and its progress is that of its rows."""

import asyncio
from contextlib import aclosing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from models import Event, Ticket
from schema import schema
from services.vocabulary import Role
from tests.schema.conftest import context_for
from tests.support.hub import SteppedClock, add_operator, hub_over
from tests.support.live_trees import TREE, WATCH, Store, rows_of_tree
from tests.support.random_work import RandomWork

PROGRESS = """subscription($id: ID!, $after: String) { milestoneProgress(ticketId: $id, after: $after) {
  state seq previousSeq cursor
  milestones { milestoneId title status progress } tickets { ticketId title status progress } } }"""


class Watcher:
    """Keeps what it receives of one tree, and goes on after its cursor when it was dropped."""

    def __init__(self, context, tree_id, document):
        self.context, self.tree_id, self.document = context, tree_id, document
        self.task = None

    def start(self):
        self.task = asyncio.create_task(self._follow())

    async def drop(self):
        if self.task is not None:
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
        self.task = None

    async def _follow(self):
        variables = {"id": self.tree_id, "after": self.cursor}
        stream = await schema.stream(self.document, variables, context_value=self.context)
        async with aclosing(stream) as results:
            async for result in results:
                assert result.errors is None, result.errors
                [item] = result.data.values()
                assert item["state"] in ("SNAPSHOT", "CHANGE", "ALIVE"), item
                self.take(item)


class Rows(Watcher):
    def __init__(self, context, tree_id):
        super().__init__(context, tree_id, WATCH)
        self.store = Store()

    @property
    def cursor(self):
        return self.store.cursor

    def take(self, item):
        if item["state"] == "CHANGE":
            assert item["previousSeq"] == self.store.seq
        self.store.take(item)


class Progress(Watcher):
    def __init__(self, context, tree_id):
        super().__init__(context, tree_id, PROGRESS)
        self.cursor, self.progress = None, {}

    def take(self, item):
        self.cursor = item["cursor"]
        shown = {one["milestoneId"]: one for one in item["milestones"]}
        shown |= {one["ticketId"]: one for one in item["tickets"]}
        self.progress |= {row_id: part_of(one) for row_id, one in shown.items()}


def part_of(row):
    return row["title"], row["status"], row["progress"]


def progress_of(rows):
    """The progress that these rows of a tree show."""
    return {row_id: part_of(row) for row_id, row in rows.items() if row_id[:3] in ("tck", "mil")}


def differences(held, fresh):
    """What a store holds otherwise than a fresh read. Lights move at midnight, without an event."""
    ours, theirs = (
        {(row_id, name): row[name] for row_id, row in rows.items() for name in row if name != "sla"}
        for rows in (held, fresh)
    )
    return {
        value: (ours.get(value, "nothing"), theirs.get(value, "nothing"))
        for value in ours.keys() | theirs.keys()
        if value not in ours or value not in theirs or ours[value] != theirs[value]
    }


async def caught_up(watchers):
    """Wait until each watcher has received the last commit of its tree."""
    async with asyncio.timeout(20):
        for watcher in watchers:
            last = await Event.filter(stream_id=watcher.tree_id).order_by("-seq").first()
            while watcher.store.seq < last.seq:
                assert not watcher.task.done(), await watcher.task
                await asyncio.sleep(0.01)


async def shows(watcher, expected):
    """Wait until the watcher shows this progress; it gets no commits without any."""
    async with asyncio.timeout(20):
        while watcher.progress != expected:
            assert not watcher.task.done(), await watcher.task
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("seed", [pytest.param(seed, id=f"seed {seed}") for seed in (11, 12)])
async def test_after_any_work_and_any_drops_each_store_equals_its_tree(hub_url, sandbox, seed):
    clock, random = SteppedClock(datetime(2026, 12, 21, 9, tzinfo=UTC)), Random(seed)
    async with hub_over(hub_url, sandbox, clock=clock, time_limit=0.3) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        work = RandomWork(hub, sandbox, clock, [giulia], seed)
        context = replace(context_for(Role.VIEWER, events=hub.events, watching=hub.watching), clock=hub.clock)
        rows, progress = {}, {}

        for _ in range(12):
            for parent in await Ticket.filter(kind="PARENT"):
                for watchers, kind in ((rows, Rows), (progress, Progress)):
                    watcher = watchers.setdefault(parent.id, kind(context, parent.id))
                    if watcher.task is None:
                        watcher.start()
                    elif random.random() < 0.5:
                        await watcher.drop()
            await work.do(12)

        for watcher in (*rows.values(), *progress.values()):
            if watcher.task is None:
                watcher.start()
        await caught_up(rows.values())
        for tree_id, watcher in rows.items():
            answer = await schema.execute(TREE, {"id": tree_id}, context_value=context)
            fresh = rows_of_tree(answer.data["ticket"])
            assert differences(watcher.store.rows, fresh) == {}
            await shows(progress[tree_id], progress_of(fresh))
        for watcher in (*rows.values(), *progress.values()):
            await watcher.drop()
        assert len(rows) > 1
