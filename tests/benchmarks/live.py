"""What it costs to watch one tree with many others: `python -m tests.benchmarks.live [watchers]`.

Real sockets of a real `serve` over PostgreSQL, alone on one core, and in the same run the limit: a bare Starlette and
uvicorn that sends ready bytes to as many sockets.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TypeVar

import aiohttp
from tortoise.backends.base.executor import EXECUTOR_CACHE

from models import Task
from server.limits import Limits
from server.wiring import open_hub
from services.operators import create_token
from services.vocabulary import Role
from tests.benchmarks.processes import cpu_seconds, memory
from tests.benchmarks.sockets import Watcher, open_watcher
from tests.support.databases import Databases, PostgresDatabases
from tests.support.hub import add_operator, settings_for
from tests.support.live_trees import save_live_tree
from tests.support.many_processes import House
from tests.support.postgres_server import running_postgres
from tests.support.sandbox_process import running_sandbox

T = TypeVar("T")

WATCHERS = 500
AT_ONCE = 20
"""How many sockets open at the same time."""

CHANGES, WARM_UP = 60, 10
IDLE_SECONDS, SETTLE_SECONDS = 20.0, 1.0
SERVER_CORE = 0

GOALS = {"item": 1.25, "idle": 1.0, "open": 2.5, "kept": 40.0, "waiting": 2.0}
"""Percent of a core and kilobytes; else multiples: of the limit, and of a completion without watchers."""

WATCH = """subscription Tree($id: ID!, $after: String) { ticketEvents(ticketId: $id, after: $after) {
  state seq previousSeq cursor today more removedIds rows { tickets { id status progress }
  milestones { id status blocked } tasks { id status ready dueOn yellowOn redOn } } } }"""
COMPLETE = "mutation ($id: ID!) { completeTask(taskId: $id) { treeSeq problems { code } } }"


@dataclass
class Costs:
    """CPU of the server: milliseconds to open one, microseconds an item, percent of a core while nothing happens.

    `kept` and `growth`: kilobytes of a watcher, and how many more after `CHANGES` further items. `waits` are
    milliseconds of a completion.
    """

    open: float = 0.0
    item: float = 0.0
    idle: float = 0.0
    kept: float = 0.0
    growth: float = 0.0
    size: float = 0.0
    waits: list[float] = field(default_factory=list)


@dataclass
class Crowd:
    """Sockets that watch the server of a process."""

    pid: int
    port: int
    messages: Callable[[int], Sequence[object]]
    keep: bool = False
    watchers: list[Watcher] = field(default_factory=list)

    async def open(self, number: int) -> None:
        first, end = len(self.watchers), len(self.watchers) + number
        for start in range(first, end, AT_ONCE):
            some = range(start, min(start + AT_ONCE, end))
            self.watchers += await asyncio.gather(*map(self._open, some))

    async def _open(self, number: int) -> Watcher:
        address = f"127.0.0.{2 + number // Limits().sockets_per_address}"
        return await open_watcher(self.port, Watcher(*self.messages(number), keep=self.keep), address=address)

    async def have(self, items: int) -> None:
        """Wait until each has received so many items."""
        async with asyncio.timeout(600):
            while min(one.received for one in self.watchers) < items:
                await asyncio.sleep(0.005)

    def hang_up(self) -> None:
        for one in self.watchers:
            one.hang_up()


async def measure_live(watchers: int = WATCHERS) -> None:
    print(f"\nLive: one tree, {watchers:,} watchers, PostgreSQL; CPU is the server's")
    with TemporaryDirectory() as folder, running_postgres() as server:
        house_of_tree = live_house(PostgresDatabases(server), Path(folder), _save_tree)
        async with house_of_tree as (house, secrets, (tree_id, tasks)):
            with house.server(HUB_SWEEP_SECONDS="5", HUB_REQUESTS_PER_MINUTE="1000000") as hub:
                pin(hub.command.pid)
                port = int(hub.address.rpartition(":")[2])
                crowd = Crowd(hub.command.pid, port, lambda number: hello(secrets, number, tree_id))
                ours, alone = await _measure_ours(crowd, watchers, Presses(hub.address, secrets[0], tasks))
    with _bare() as (pid, port):
        bare = await _measure_bare(Crowd(pid, port, lambda _: ()), watchers, round(ours.size))
    _tell(ours, alone, bare)


def hello(secrets: Sequence[str], number: int, tree_id: str) -> Sequence[object]:
    secret = secrets[number // Limits().sockets_per_token]
    return (
        {"type": "connection_init", "payload": {"Authorization": f"Bearer {secret}"}},
        {"type": "subscribe", "id": "1", "payload": {"query": WATCH, "variables": {"id": tree_id}}},
    )


@dataclass
class Presses:
    """Completes one task after the other, and knows how long each answer took."""

    address: str
    secret: str
    tasks: Iterator[str]

    async def complete(self, number: int) -> list[float]:
        waits = []
        headers = {"Authorization": f"Bearer {self.secret}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            for _ in range(number):
                body = {"query": COMPLETE, "variables": {"id": next(self.tasks)}}
                began = time.perf_counter()
                async with session.post(f"{self.address}/graphql", json=body) as response:
                    answer = await response.json()
                waits.append((time.perf_counter() - began) * 1000)
                assert answer["data"]["completeTask"]["problems"] == [], answer
        return waits


async def _measure_ours(crowd: Crowd, number: int, presses: Presses) -> tuple[Costs, Costs]:
    """Return what it costs with watchers, and what completions cost without any."""
    await presses.complete(WARM_UP)
    alone = Costs()
    cpu = cpu_seconds(crowd.pid)
    alone.waits = await presses.complete(CHANGES)
    of_presses = cpu_seconds(crowd.pid) - cpu
    await _settled()
    alone.idle = await _idle(crowd.pid)
    await crowd.open(1)
    costs = await _opened(crowd, number)
    async with _counting(crowd, costs, CHANGES, of_presses):
        costs.waits = await presses.complete(CHANGES)
    await _settled()
    before = memory(crowd.pid)
    await presses.complete(CHANGES)
    await crowd.have(1 + 2 * CHANGES)
    await _settled()
    costs.growth = (memory(crowd.pid) - before) * 1024 / number
    crowd.hang_up()
    return costs, alone


async def _measure_bare(crowd: Crowd, number: int, size: int) -> Costs:
    costs = await _opened(crowd, number)
    async with aiohttp.ClientSession() as session, _counting(crowd, costs, CHANGES, 0.0):
        for _ in range(CHANGES):
            async with session.post(f"http://127.0.0.1:{crowd.port}/send", data=b"x" * size):
                pass
    crowd.hang_up()
    return costs


async def _opened(crowd: Crowd, number: int) -> Costs:
    """Open the sockets, wait until nothing happens, and look how much that costs."""
    costs = Costs()
    before, cpu = memory(crowd.pid), cpu_seconds(crowd.pid)
    await crowd.open(number)
    costs.open = (cpu_seconds(crowd.pid) - cpu) * 1000 / number
    await _settled()
    costs.kept = (memory(crowd.pid) - before) * 1024 / number
    costs.idle = await _idle(crowd.pid)
    return costs


async def _idle(pid: int) -> float:
    cpu = cpu_seconds(pid)
    await asyncio.sleep(IDLE_SECONDS)
    return (cpu_seconds(pid) - cpu) / IDLE_SECONDS * 100


@asynccontextmanager
async def _counting(crowd: Crowd, costs: Costs, items: int, besides: float) -> AsyncIterator[None]:
    """Divide what happens inside by the items that arrive of it, without what else it costs."""
    had = max(one.received for one in crowd.watchers)
    sizes, cpu = crowd.watchers[-1].bytes, cpu_seconds(crowd.pid)
    yield
    await crowd.have(had + items)
    spent = cpu_seconds(crowd.pid) - cpu - besides
    costs.item = spent * 1e6 / (items * len(crowd.watchers))
    costs.size = (crowd.watchers[-1].bytes - sizes) / items


async def _settled() -> None:
    await asyncio.sleep(SETTLE_SECONDS)


async def _save_tree() -> tuple[str, Iterator[str]]:
    """Save a tree, and return it with its tasks."""
    tree = await save_live_tree(children=8, milestones=6, tasks=6)
    tasks = await Task.filter(tree_id=tree.parent.id).order_by("id").values_list("id", flat=True)
    return tree.parent.id, iter([str(one) for one in tasks])


@asynccontextmanager
async def live_house(
    databases: Databases, folder: Path, save: Callable[[], Awaitable[T]]
) -> AsyncIterator[tuple[House, list[str], T]]:
    """Yield a house with tokens for many sockets, and what was saved in it."""
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    with running_sandbox(folder / "crm.sqlite3") as sandbox:
        await sandbox.start_over()
        house = House(await databases.create("house"), sandbox, folder / "log.txt")
        async with open_hub(settings_for(house.database_url, sandbox)) as hub:
            giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
            tokens = [
                await create_token(
                    giulia.id, Role.OPERATOR, f"bench {number}", None, actor=giulia.id, events=hub.events
                )
                for number in range(100)
            ]
            saved = await save()
        yield house, [one.secret for one in tokens], saved


@contextmanager
def _bare() -> Iterator[tuple[int, int]]:
    words = [sys.executable, "-m", "tests.benchmarks.sockets"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            pin(process.pid)
            yield process.pid, int(process.stdout.readline())
        finally:
            process.terminate()


def pin(pid: int) -> None:
    """Give the server a core of its own, and the other ones to everything else that this process starts."""
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(pid, {SERVER_CORE})
        os.sched_setaffinity(0, cores - {SERVER_CORE})


def _tell(ours: Costs, alone: Costs, bare: Costs) -> None:
    waits, waits_alone = median(ours.waits), median(alone.waits)
    print(f"  {'':<42} {'ours':>9} {'limit':>9} {'goal':>9}")
    for words, key, unit, of_limit in (
        ("each item delivered", "item", "us", True),
        ("while nothing happens, of a core", "idle", "%", False),
        ("to open one", "open", "ms", True),
        ("memory of one", "kept", "kB", False),
    ):
        mine, limit = getattr(ours, key), getattr(bare, key)
        goal = GOALS[key] * (limit if of_limit else 1)
        print(f"  {words:<42} {mine:9.2f} {limit:9.2f} {goal:9.2f} {unit:<3} {_mark(mine <= goal)}")
    print(f"  {'  the same without watchers':<42} {alone.idle:9.2f}       %")
    print(f"  {f'more memory of one after {CHANGES} items':<42} {ours.growth:9.2f}       kB")
    times = waits / waits_alone
    print(
        f"  a completion: {waits_alone:.1f} ms without watchers, {waits:.1f} with them: {times:.1f} times"
        f" (goal: at most {GOALS['waiting']:.0f}) {_mark(times <= GOALS['waiting'])}"
    )
    print(f"  (an item has {ours.size:.0f} bytes)", flush=True)


def _mark(met: bool) -> str:
    return "" if met else "MISSED"


if __name__ == "__main__":
    asyncio.run(measure_live(int(sys.argv[1]) if len(sys.argv) > 1 else WATCHERS))
