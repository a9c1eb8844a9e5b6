"""Ticket trees side by side in one run: the hub, the usual way, and the least work that could be done."""

import gc
import time
from collections.abc import Awaitable, Callable
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from models.database import READS, migrate, tortoise_config
from schema import schema
from tests.benchmarks import rival
from tests.schema.conftest import context_for
from tests.support.factories import Tree, save_tree

TREE = """query Tree($id: ID!) { ticket(id: $id) { ...Shown children { ...Shown } } }
fragment Shown on Ticket { id code title milestones { id title status tasks { id title status } } }"""

Answer = Callable[[str], Awaitable[bytes]]


async def by_the_hub(ticket_id: str) -> bytes:
    result = await schema.execute(TREE, {"id": ticket_id}, context_value=context_for())
    return orjson.dumps(result.data)


async def by_the_usual_way(ticket_id: str) -> bytes:
    result = await rival.schema.execute(TREE, {"id": ticket_id}, context_value=rival.loaders())
    return orjson.dumps(result.data)


async def by_hand(ticket_id: str) -> bytes:
    """Four statements and a few dictionaries: no GraphQL at all."""

    async def rows(columns: str, table: str, where: str, order: str) -> list[dict[str, Any]]:
        sql = f"SELECT {columns} FROM {table} WHERE {where} ORDER BY {order}"
        return await get_connection(READS).execute_query_dict(sql, [ticket_id])

    tickets = await rows("id, code, title", "ticket", "tree_id = ?", "parent_id IS NOT NULL, position")
    milestones = await rows("id, title, status, ticket_id", "milestone", "tree_id = ?", "position")
    tasks = await rows("id, title, status, milestone_id", "task", "tree_id = ?", "position")
    shown = {one["id"]: {**one, "milestones": []} for one in tickets}
    stages = {}
    for one in milestones:
        owner = one.pop("ticket_id")
        stages[one["id"]] = {**one, "tasks": []}
        shown[owner]["milestones"].append(stages[one["id"]])
    for one in tasks:
        stages[one.pop("milestone_id")]["tasks"].append(one)
    parent, *children = shown.values()
    return orjson.dumps({"ticket": {**parent, "children": children}})


async def cpu_of(answer: Answer, ticket_id: str, rounds: int) -> float:
    """Milliseconds of this process's CPU for one answer, threads included: the median of the rounds."""
    spent = []
    for _ in range(rounds):
        started = time.process_time()
        await answer(ticket_id)
        spent.append((time.process_time() - started) * 1000)
    return median(spent)


async def compare(tree: Tree, rounds: int) -> None:
    """Print what one answer costs each way, and against the usual way; all answers must be the same."""
    answers = {"by hand, no GraphQL": by_hand, "the hub": by_the_hub, "DataLoader + models": by_the_usual_way}
    first, *others = [orjson.loads(await answer(tree.parent.id)) for answer in answers.values()]
    assert others == [first, first], "They do not answer alike."
    spent = {name: await cpu_of(answer, tree.parent.id, rounds) for name, answer in answers.items()}
    print(
        f"\nOne ticket tree of {tree.node_count} nodes, SQLite: CPU of one answer, and against the usual way"
    )
    for name, milliseconds in spent.items():
        print(f"  {name:<22} {milliseconds:8.1f} ms   {milliseconds / spent['DataLoader + models']:5.2f}")


async def compare_trees() -> None:
    with TemporaryDirectory() as folder:
        async with TortoiseContext() as context:
            await context.init(config=tortoise_config(f"sqlite://{folder}/hub.sqlite3"))
            await migrate()
            small = await save_tree(children=5, milestones=4, tasks=5)
            large = await save_tree(children=40, milestones=6, tasks=11)
            # As the server does when it has started.
            gc.collect()
            gc.freeze()
            await compare(small, rounds=60)
            await compare(large, rounds=9)
