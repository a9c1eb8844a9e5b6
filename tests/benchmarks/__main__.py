"""`make bench`: what the hub costs, each figure beside another one of the same run.

No pytest tests: at some depths of Python 3.11's stack every call costs several times more.
"""

import asyncio
import logging

import structlog

from tests.benchmarks.board import measure_board
from tests.benchmarks.compiled import compare_executors
from tests.benchmarks.live import measure_live
from tests.benchmarks.trees import compare_trees
from tests.benchmarks.work import measure_work


async def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    await compare_trees()
    await compare_executors()
    await measure_work()
    await measure_board()
    await measure_live()


if __name__ == "__main__":
    asyncio.run(main())
