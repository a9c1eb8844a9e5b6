"""The hub beside its peers on one machine and the same data, turn by turn."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

import orjson

from tests.benchmarks.peers.figures import ON_POSTGRES, ON_SQLITE, Goal, Turn, table
from tests.benchmarks.peers.installing import install
from tests.benchmarks.peers.load import Load, put_load
from tests.benchmarks.peers.questions import ABOUT, READS, answered, variables_of
from tests.benchmarks.peers.servers import HUB, STRAWBERRY, Server, kinds, running
from tests.benchmarks.peers.stage import Stage, staged
from tests.benchmarks.processes import cpu_seconds, cpu_seconds_of_family, memory
from tests.support.databases import PostgresDatabases, SqliteFiles
from tests.support.memory_folder import quick_folder
from tests.support.postgres_server import PostgresServer, running_postgres

SALES, ROUNDS, SECONDS = 2_000, 3, 2.0
ALONE_SECONDS, WARM_SECONDS = 0.7, 0.5
POSTGRES = {"shared_buffers": "1GB"}


@contextmanager
def split_cores() -> Iterator[int]:
    """Keep this process, and what it starts, off one core; return that core. The servers get it, one at a time."""
    cores = os.sched_getaffinity(0)
    mine, *others = sorted(cores)
    if not others:
        print("  (This machine has one core: servers, database and clients share it.)")
    os.sched_setaffinity(0, set(others) or cores)
    try:
        yield mine
    finally:
        os.sched_setaffinity(0, cores)


async def compare_peers(sales: int = SALES, rounds: int = ROUNDS) -> None:
    install()
    with (
        split_cores() as core,
        quick_folder("hub-peers-") as folder,
        running_postgres(**POSTGRES) as postgres,
    ):
        async with staged(PostgresDatabases(postgres), sales, folder, core) as stage:
            print(f"\nThe hub beside its peers, {sales:,} sales, PostgreSQL; {len(stage.tokens)} clients")
            await _compare(stage, list(kinds()), ON_POSTGRES, rounds, pid_of(postgres))


async def compare_on_sqlite(sales: int = SALES, rounds: int = ROUNDS) -> None:
    install()
    with split_cores() as core, quick_folder("hub-peers-") as folder:
        async with staged(SqliteFiles(folder), sales, folder, core) as stage:
            print(f"\nThe hub beside {STRAWBERRY}, {sales:,} sales, SQLite; {len(stage.tokens)} clients")
            await _compare(stage, [HUB, STRAWBERRY], ON_SQLITE, rounds, None)


def pid_of(postgres: PostgresServer) -> int:
    return int((postgres.folder / "data" / "postmaster.pid").read_text().split()[0])


@dataclass(frozen=True)
class Asker:
    """Puts the questions to one server; `database` is the process whose family is the database."""

    server: Server
    stage: Stage
    database: int | None
    cursor: str | None = None
    """Where this server's second page begins."""

    async def answer(self, question: str) -> bytes:
        return (await self._load(question, 1, 0)).body

    async def turn(self, question: str, seconds: float = SECONDS) -> Turn:
        await self._load(question, len(self.stage.tokens), WARM_SECONDS)
        alone = await self._load(question, 1, ALONE_SECONDS)
        pid = self.server.pid
        before, before_of_database = cpu_seconds(pid), self._database()
        load = await self._load(question, len(self.stage.tokens), seconds)
        count = len(load.times)
        return Turn(
            throughput=count / load.seconds,
            p50=median(load.times),
            p99=quantiles(load.times, n=100, method="inclusive")[-1],
            alone=median(alone.times),
            server=(cpu_seconds(pid) - before) * 1000 / count,
            database=(self._database() - before_of_database) * 1000 / count,
            memory=memory(pid),
        )

    async def _load(self, question: str, clients: int, seconds: float) -> Load:
        variables = variables_of(question, self.server.name, self.stage.subjects, self.cursor)
        requests = self.server.requests(question, variables, self.stage.tokens[:clients])
        return await put_load(self.server.port, requests, seconds)

    def _database(self) -> float:
        return cpu_seconds_of_family(self.database) if self.database else 0.0


async def asker_of(server: Server, stage: Stage, database: int | None) -> Asker:
    first = Asker(server, stage, database)
    page = orjson.loads(await first.answer("Q2"))["data"]["tickets"]
    return Asker(server, stage, database, page["pageInfo"]["endCursor"])


async def _compare(
    stage: Stage, names: Sequence[str], goals: Mapping[str, Sequence[Goal]], rounds: int, database: int | None
) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(running(name, stage.place)) for name in names]
        askers = [await asker_of(server, stage, database) for server in servers]
        await _refuse_unlike_answers(askers)
        print(
            "  milliseconds; `alone`: p50 with one client; `server` and `database`: processor time of an answer"
        )
        for question, wanted in goals.items():
            turns: dict[str, list[Turn]] = {name: [] for name in names}
            for _ in range(rounds):
                for asker in askers:
                    turns[asker.server.name].append(await asker.turn(question))
            print(f"\n {question}: {ABOUT[question]}")
            print("\n".join(table(turns, wanted)), flush=True)


async def _refuse_unlike_answers(askers: Sequence[Asker]) -> None:
    for question in READS:
        answers = {
            asker.server.name: answered(question, orjson.loads(await asker.answer(question))["data"])
            for asker in askers
        }
        unlike = [name for name, answer in answers.items() if answer != answers[HUB]]
        assert not unlike, f"{question} is answered unlike the hub by {', '.join(unlike)}."
