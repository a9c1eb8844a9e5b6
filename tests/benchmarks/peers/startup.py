"""How soon `serve` listens over a database that exists, and what a process holds that has answered everything once."""

import time

from tests.benchmarks.peers.compare import asker_of, split_cores
from tests.benchmarks.peers.figures import mark
from tests.benchmarks.peers.questions import DOCUMENTS
from tests.benchmarks.peers.servers import HUB, running
from tests.benchmarks.peers.stage import staged
from tests.benchmarks.processes import cpu_seconds, memory
from tests.support.databases import PostgresDatabases
from tests.support.memory_folder import quick_folder
from tests.support.postgres_server import running_postgres

SALES, STARTS = 200, 7
SECONDS, MIB = 1.5, 60.0


async def measure_startup() -> None:
    with split_cores() as core, quick_folder("hub-startup-") as folder, running_postgres() as postgres:
        async with staged(PostgresDatabases(postgres), SALES, folder, core) as stage:
            waited, spent, held = [], [], []
            for _ in range(STARTS):
                began = time.perf_counter()
                with running(HUB, stage.place) as server:
                    waited.append(time.perf_counter() - began)
                    spent.append(cpu_seconds(server.pid))
                    asker = await asker_of(server, stage, None)
                    for question in DOCUMENTS:
                        await asker.answer(question)
                    held.append(memory(server.pid))
    quickest = min(waited)
    print(f"\nserve over a database of {SALES} sales, PostgreSQL, {STARTS} starts")
    print(
        f"  until it listens {quickest:.2f} s at best, of processor time {min(spent):.2f} s"
        f"   (goal: at most {SECONDS} s) {mark(quickest <= SECONDS)}"
    )
    print(f"  memory of its own {min(held):.0f} MiB   (goal: at most {MIB:.0f}) {mark(min(held) <= MIB)}")
