"""The board of figures over more and more history, on both databases: `python -m tests.benchmarks.board [sales...]`.

Sales come in evenly, so more sales are a longer history: the period holds as much work each time.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext

from models.database import migrate, tortoise_config
from schema import schema
from services.kpis import KeptCells
from tests.benchmarks.long_history import lengthen, write_weeks
from tests.schema.conftest import context_for
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.memory_folder import quick_folder
from tests.support.postgres_server import running_postgres

SALES = (200, 2_000, 20_000)
GOAL = 3
ROUNDS = 12

BOARD = """{
  kpis(lastDays: 30) {
    dataUntil
    figures {
      definition { key }
      measure { value count numerator }
      previous { value }
      trend
      series { from measure { value } }
      exclusions { reason measure { value } }
    }
  }
  load: kpis(lastDays: 30, figures: [{ key: OPEN }, { key: LATE }, { key: FINISHED }]) {
    figures { groups(by: OPERATOR) { key label measure { value } } }
  }
}"""


async def measure_board(numbers_of_sales: Sequence[int] = SALES) -> None:
    with quick_folder("hub-board-") as folder:
        await _measure("SQLite", SqliteFiles(folder), numbers_of_sales)
    with running_postgres() as server:
        await _measure("PostgreSQL", PostgresDatabases(server), numbers_of_sales)


async def _measure(kind: str, databases: Databases, numbers_of_sales: Sequence[int]) -> None:
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    print(f"\nThe board of figures, 30 days with series and operators, {kind}: milliseconds of one answer")
    print(
        "  (of a sale's events only one for each task is there: figures ask the log for its last instant alone)"
    )
    async with _database(await databases.create("board_weeks")):
        await migrate()
        await write_weeks()
    times = []
    for sales in numbers_of_sales:
        async with _database(await databases.create(f"board_{sales}", like="board_weeks")):
            await lengthen(sales)
            times.append(await _time_of_an_answer(KeptCells))
            kept = KeptCells()
            again = await _time_of_an_answer(lambda kept=kept: kept)
        print(
            f"  {sales:>6,} sales {times[-1]:10.1f} ms {again:10.1f} ms once past days are remembered",
            flush=True,
        )
        await databases.drop(f"board_{sales}")
    print(f"  from the first to the last {times[-1] / times[0]:5.1f} times (goal: at most {GOAL})")


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[None]:
    async with TortoiseContext() as context:
        await context.init(config=tortoise_config(url))
        yield


async def _time_of_an_answer(kept: Callable[[], KeptCells]) -> float:
    """Of the quickest of some answers: what else the machine does only adds to it."""
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        result = await schema.execute(BOARD, context_value=context_for(kept_cells=kept()))
        spent.append((time.perf_counter() - started) * 1000)
        assert result.errors is None, result.errors
    return min(spent)


if __name__ == "__main__":
    asyncio.run(measure_board([int(word) for word in sys.argv[1:]] or SALES))
