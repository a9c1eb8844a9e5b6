"""Queries answered by one compiled statement, beside the same queries executed field by field, turn by turn."""

import gc
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext

from models.database import migrate, tortoise_config
from schema import schema
from schema.compiled import Answered, CompiledReads, Question
from tests.schema.conftest import context_for
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.factories import save_tree
from tests.support.postgres_server import running_postgres

SALES = 25
ROUNDS = 15
SHOWN = "fragment Shown on Ticket { id code title milestones { id title status tasks { id title status } } }"
QUERIES = {
    "one tree": "query ($id: ID!) { ticket(id: $id) { ...Shown children { ...Shown } } } " + SHOWN,
    "50 tickets": """{ tickets(first: 50) { nodes { id code title progress sla milestones { id title progress } }
      pageInfo { hasNextPage endCursor } } }""",
    "20 trees": """{ tickets(first: 20, filter: { kind: { eq: PARENT } }) {
      nodes { ...Shown children { ...Shown } } } } """
    + SHOWN,
}

Answer = Callable[[str, Mapping[str, Any]], Awaitable[bytes]]

COMPILED = CompiledReads(schema)
CALLER = context_for()


async def by_one_statement(query: str, variables: Mapping[str, Any]) -> bytes:
    found = await COMPILED.answer(Question(query, None, variables), CALLER)
    assert isinstance(found, Answered), found
    return found.json


async def field_by_field(query: str, variables: Mapping[str, Any]) -> bytes:
    result = await schema.execute(query, dict(variables), context_value=CALLER)
    return orjson.dumps({"data": result.data, "extensions": result.extensions})


async def compare_executors() -> None:
    with TemporaryDirectory() as folder:
        await _compare(SqliteFiles(Path(folder)))
    with running_postgres() as server:
        await _compare(PostgresDatabases(server))


async def _compare(databases: Databases) -> None:
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(await databases.create("compiled")))
        await migrate()
        trees = [await save_tree(children=5, milestones=4, tasks=5) for _ in range(SALES)]
        # As the server does when it has started.
        gc.collect()
        gc.freeze()
        print(
            f"\n{type(databases).__name__}, {SALES} sales: milliseconds of this process's CPU, and of waiting"
        )
        for name, query in QUERIES.items():
            variables = {"id": trees[0].parent.id} if "$id" in query else {}
            await _tell(name, query, variables)


async def _tell(name: str, query: str, variables: Mapping[str, Any]) -> None:
    ways: dict[Answer, list[tuple[float, float]]] = {by_one_statement: [], field_by_field: []}
    first, second = [orjson.loads(await way(query, variables))["data"] for way in ways]
    assert first == second, "They do not answer alike."
    for _ in range(ROUNDS):
        for way, spent in ways.items():
            spent.append(await _spent(way, query, variables))
    (cpu, waited), (cpu_executed, waited_executed) = (
        [median(one) for one in zip(*spent, strict=True)] for spent in ways.values()
    )
    print(
        f"  {name:<12} compiled {cpu:7.2f} {waited:7.2f}   executed {cpu_executed:7.2f} {waited_executed:7.2f}"
        f"   {cpu / cpu_executed:5.2f} {waited / waited_executed:5.2f}"
    )


async def _spent(way: Answer, query: str, variables: Mapping[str, Any]) -> tuple[float, float]:
    cpu, began = time.process_time(), time.perf_counter()
    await way(query, variables)
    return (time.process_time() - cpu) * 1000, (time.perf_counter() - began) * 1000
