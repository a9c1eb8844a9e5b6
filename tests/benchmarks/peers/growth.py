"""What the hub's answers cost as the history grows: `python -m tests.benchmarks.peers.growth [sales...]`."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.peers.compare import POSTGRES, asker_of, pid_of, split_cores
from tests.benchmarks.peers.figures import mark
from tests.benchmarks.peers.questions import DOCUMENTS
from tests.benchmarks.peers.servers import HUB, running
from tests.benchmarks.peers.stage import staged
from tests.support.databases import PostgresDatabases
from tests.support.memory_folder import quick_folder
from tests.support.postgres_server import running_postgres

SALES = (200, 2_000)
ROUNDS = 3
GOAL = 1.3


class Cost(NamedTuple):
    """Milliseconds: p50 with one client, and processor time of server and database together."""

    alone: float
    cpu: float


async def measure_growth(numbers_of_sales: Sequence[int] = SALES) -> None:
    with (
        split_cores() as core,
        quick_folder("hub-growth-") as folder,
        running_postgres(**POSTGRES) as postgres,
    ):
        costs = {
            sales: await _costs(sales, PostgresDatabases(postgres), pid_of(postgres), folder, core)
            for sales in numbers_of_sales
        }
    print("\nThe hub as the history grows, PostgreSQL: milliseconds with one client, and of processor time")
    print(f"  {'sales':<12}" + "".join(f"{sales:>18,}" for sales in costs) + "     last / first")
    first, last = costs[numbers_of_sales[0]], costs[numbers_of_sales[-1]]
    for question in DOCUMENTS:
        shown = "".join(f"{one[question].alone:>10.2f}{one[question].cpu:>8.2f}" for one in costs.values())
        grown = last[question].cpu / first[question].cpu
        print(f"  {question:<12}{shown}{grown:>10.2f}   (goal: at most {GOAL}) {mark(grown <= GOAL)}")


async def _costs(
    sales: int, databases: PostgresDatabases, database: int, folder: Path, core: int
) -> dict[str, Cost]:
    """The least of some turns: what else the machine does only adds to it."""
    async with staged(databases, sales, folder, core) as stage:
        with running(HUB, stage.place) as server:
            asker = await asker_of(server, stage, database)
            found = {}
            for question in DOCUMENTS:
                turns = [await asker.turn(question) for _ in range(ROUNDS)]
                found[question] = Cost(
                    min(one.alone for one in turns), min(one.server + one.database for one in turns)
                )
            return found


if __name__ == "__main__":
    asyncio.run(measure_growth([int(word) for word in sys.argv[1:]] or SALES))
