"""Two thousand watchers of twenty trees, and two hundred changes of tasks a second: what they wait for, what is lost.

`python -m tests.benchmarks.crowd [watchers] [seconds] [tasks of a request]`. Sockets and server are as in `live.py`.
"""

import asyncio
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import aiohttp
import orjson

from models import Task
from tests.benchmarks.live import Crowd, hello, live_house, pin
from tests.benchmarks.processes import cpu_seconds, memory
from tests.benchmarks.sockets import Watcher
from tests.support.databases import PostgresDatabases
from tests.support.live_trees import save_live_tree
from tests.support.postgres_server import running_postgres

WATCHERS, TREES, SECONDS = 2_000, 20, 20.0
CHANGES_A_SECOND, AT_ONCE = 200, 20
"""Tasks, and how many of them one request changes."""

CHANGE = """mutation ($tasks: [TaskTargetInput!]!, $change: TaskChangeInput!) {
  changeTasks(tasks: $tasks, change: $change) { results { changed } trees { treeId treeSeq } problems { code } } }"""
TURNS = ({"start": True}, {"complete": True}, {"reopen": {"reason": "benchmark"}})


async def measure_crowd(watchers: int = WATCHERS, seconds: float = SECONDS, at_once: int = AT_ONCE) -> None:
    print(f"\nLive: {TREES} trees, {watchers:,} watchers, {CHANGES_A_SECOND} changes a second, PostgreSQL")
    with TemporaryDirectory() as folder, running_postgres() as server:
        async with live_house(PostgresDatabases(server), Path(folder), _save_trees) as (
            house,
            secrets,
            trees,
        ):
            with house.server(HUB_SWEEP_SECONDS="5", HUB_REQUESTS_PER_MINUTE="1000000") as hub:
                pid, address = hub.command.pid, hub.address
                pin(pid)

                def messages(number: int) -> Sequence[object]:
                    return hello(secrets, number, list(trees)[number % TREES])

                crowd = Crowd(pid, int(address.rpartition(":")[2]), messages, keep=True)
                await crowd.open(watchers)
                await _measure(crowd, Pace(address, secrets[0], seconds, at_once), trees)


async def _save_trees() -> dict[str, list[str]]:
    """Save the trees, and return their tasks."""
    trees = {}
    for _ in range(TREES):
        tree = await save_live_tree(children=4, milestones=3, tasks=4)
        tasks = await Task.filter(tree_id=tree.parent.id).order_by("id").values_list("id", flat=True)
        trees[tree.parent.id] = [str(one) for one in tasks]
    return trees


@dataclass(frozen=True)
class Pace:
    """Who changes tasks where, for how long, and how many in one request."""

    address: str
    secret: str
    seconds: float
    at_once: int


async def _measure(crowd: Crowd, pace: Pace, trees: dict[str, list[str]]) -> None:
    held, cpu, began = memory(crowd.pid), cpu_seconds(crowd.pid), time.perf_counter()
    waits, seqs, changed = await _press(pace, trees)
    pressed = time.perf_counter()
    async with asyncio.timeout(120):
        while any(_seq_of(one) < seqs[tree] for tree, one in _watched(crowd, trees)):
            await asyncio.sleep(0.02)
    behind, spent = time.perf_counter() - pressed, cpu_seconds(crowd.pid) - cpu
    items = sum(len(one.kept) - 1 for one in crowd.watchers)
    print(
        f"  {changed / (pressed - began):.0f} changes a second, {items / (pressed - began):,.0f} items a second"
    )
    print(
        f"  a request of {pace.at_once} changes: p50 {median(waits):.0f} ms, p99 {quantiles(waits, n=100)[-1]:.0f} ms"
    )
    print(f"  the last watcher had the last change {behind * 1000:.0f} ms after the last answer")
    print(
        f"  of a core {spent / (pressed - began + behind):.0%}, memory {held:.0f} to {memory(crowd.pid):.0f} MiB"
    )
    for tree, one in _watched(crowd, trees):
        _refuse_gaps(one, seqs[tree])
    print("  every watcher had every change", flush=True)
    crowd.hang_up()


async def _press(pace: Pace, trees: dict[str, list[str]]) -> tuple[list[float], dict[str, int], int]:
    """Change tasks. Return how long the answers took, how far the trees came, and how many tasks changed."""
    waits, seqs, changed = [], {}, 0
    rounds = cycle((tasks[: pace.at_once], change) for change in TURNS for tasks in trees.values())
    pause = pace.at_once / CHANGES_A_SECOND
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {pace.secret}"}) as session:
        began = time.perf_counter()
        for number in range(int(pace.seconds / pause)):
            await asyncio.sleep(max(0.0, began + number * pause - time.perf_counter()))
            tasks, change = next(rounds)
            body = {"query": CHANGE, "variables": {"tasks": [{"id": one} for one in tasks], "change": change}}
            asked = time.perf_counter()
            async with session.post(f"{pace.address}/graphql", json=body) as response:
                answer = (await response.json())["data"]["changeTasks"]
            waits.append((time.perf_counter() - asked) * 1000)
            assert all(one["changed"] for one in answer["results"]), answer
            changed += len(answer["results"])
            seqs |= {one["treeId"]: one["treeSeq"] for one in answer["trees"]}
    return waits, seqs, changed


def _watched(crowd: Crowd, trees: dict[str, list[str]]) -> list[tuple[str, Watcher]]:
    return list(zip(cycle(trees), crowd.watchers, strict=False))


def _item(text: bytes) -> dict[str, int]:
    found: dict[str, int] = orjson.loads(text)["payload"]["data"]["ticketEvents"]
    return found


def _seq_of(watcher: Watcher) -> int:
    return _item(watcher.kept[-1])["seq"]


def _refuse_gaps(watcher: Watcher, last: int) -> None:
    """Each item says behind which one it stands: none is missing, and the last one is the last of the tree."""
    items = [_item(one) for one in watcher.kept]
    assert all(after["previousSeq"] == before["seq"] for before, after in pairwise(items)), (
        "an item is missing"
    )
    assert items[-1]["seq"] == last, "the last item is missing"


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(measure_crowd(*[kind(one) for kind, one in zip((int, float, int), given, strict=False)]))
