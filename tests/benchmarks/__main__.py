"""`make bench`: what the hub costs, each figure beside another one of the same run.

`make bench ONLY="peers startup"` measures these parts alone. No pytest tests: at some depths of Python 3.11's stack
every call costs several times more.
"""

import argparse
import asyncio
import logging
from collections.abc import Awaitable, Callable

import structlog

from tests.benchmarks.board import measure_board
from tests.benchmarks.bulk import measure_bulk
from tests.benchmarks.compiled import compare_executors
from tests.benchmarks.crowd import measure_crowd
from tests.benchmarks.live import measure_live
from tests.benchmarks.peers.compare import compare_on_sqlite, compare_peers
from tests.benchmarks.peers.growth import measure_growth
from tests.benchmarks.peers.startup import measure_startup
from tests.benchmarks.trees import compare_trees
from tests.benchmarks.work import measure_work

PARTS: dict[str, Callable[[], Awaitable[None]]] = {
    "trees": compare_trees,
    "compiled": compare_executors,
    "work": measure_work,
    "bulk": measure_bulk,
    "board": measure_board,
    "live": measure_live,
    "crowd": measure_crowd,
    "peers": compare_peers,
    "sqlite": compare_on_sqlite,
    "startup": measure_startup,
    "growth": measure_growth,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"Which parts, all by default: {', '.join(PARTS)}."
    )
    wanted = parser.parse_args().parts or list(PARTS)
    if unknown := [one for one in wanted if one not in PARTS]:
        parser.error(f"There is no part {unknown[0]!r}; there are {', '.join(PARTS)}.")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for part in wanted:
        asyncio.run(PARTS[part]())


if __name__ == "__main__":
    main()
