"""How soon a pressed button reaches the CRM, what an idle process costs, and what ten thousand waiting items change.

Everything is real: processes of the hub, a CRM sandbox behind its socket, SQLite's file and a PostgreSQL server.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from tortoise.backends.base.executor import EXECUTOR_CACHE

from models import ActionItem, Operator, Ticket
from server.wiring import Hub, open_hub
from services.operators import create_token
from services.opportunities import generation as opportunities
from services.vocabulary import Role
from tests.benchmarks.processes import cpu_seconds, memory
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.graphql_client import Client
from tests.support.hub import BREMBATE, VALDARNO, add_operator, enlarge, hub_over, sell, settings_for, take_in
from tests.support.many_processes import House
from tests.support.postgres_server import running_postgres
from tests.support.running_hub import AnyCommand, RunningHub
from tests.support.sandbox_process import running_sandbox

PRESSES = 7
QUESTIONS = 60
KITS, LINES = 105, 96
"""Sales of a large kit; every line waits to become an opportunity."""

SETTLE_SECONDS, IDLE_SECONDS = 3.0, 10.0
SHIPPED = {"HUB_SWEEP_SECONDS": "5", "HUB_CRM_CALLS_PER_MINUTE": "600"}
"""As shipped, but for a CRM that allows more calls, so that a run ends in minutes."""

TREE = "query ($id: ID!) { ticket(id: $id) { id code milestones { id title tasks { id title status } } } }"
GENERATE = """mutation ($id: ID!) { generateOpportunities(ticketId: $id, override: "benchmark") {
  action { id } problems { code message } } }"""

Start = Callable[[House], AbstractContextManager[RunningHub | AnyCommand]]


def _serve(house: House) -> AbstractContextManager[RunningHub | AnyCommand]:
    return house.server(**SHIPPED)


def _work(house: House) -> AbstractContextManager[RunningHub | AnyCommand]:
    return house.worker(**SHIPPED)


@dataclass(frozen=True)
class Figures:
    """Milliseconds: from each press to its first call at the CRM, and of one ticket tree over HTTP."""

    first_calls: Sequence[float]
    tree: float


async def measure_work() -> None:
    with TemporaryDirectory() as folder:
        await _measure(SqliteFiles(Path(folder)), Path(folder), {"serve": _serve})
    with TemporaryDirectory() as folder, running_postgres() as server:
        await _measure(PostgresDatabases(server), Path(folder), {"serve": _serve, "work": _work})


async def _measure(databases: Databases, folder: Path, programs: dict[str, Start]) -> None:
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    with running_sandbox(folder / "crm.sqlite3") as sandbox:
        await sandbox.start_over()
        house = House(await databases.create("house"), sandbox, folder / "log.txt")
        async with open_hub(settings_for(house.database_url, sandbox)) as hub:
            secret, tickets = await _prepare(hub, house)
        print(f"\n{type(databases).__name__}: {' and '.join(programs)}")
        with _running(house, programs) as (server, commands):
            await asyncio.sleep(SETTLE_SECONDS)
            await _tell_idle(commands)
            alone = await _figures(house, Client(server, secret), tickets[:PRESSES])
        async with hub_over(house.database_url, sandbox) as hub:
            waiting = await _pile_up(hub, house)
        with _running(house, programs) as (server, _):
            await asyncio.sleep(SETTLE_SECONDS)
            beside = await _figures(house, Client(server, secret), tickets[PRESSES:])
    _compare(
        "a pressed button's first call at the CRM", *map(median, (alone.first_calls, beside.first_calls))
    )
    _compare("  the slowest of them", *map(max, (alone.first_calls, beside.first_calls)))
    _compare("one ticket tree over HTTP", alone.tree, beside.tree)
    print(f"  (at first with no other work, then beside {waiting:,} waiting items)")


async def _prepare(hub: Hub, house: House) -> tuple[str, list[Ticket]]:
    """A token to press buttons with, and parents to press them for."""
    giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
    token = await create_token(giulia.id, Role.OPERATOR, "bench", None, actor=giulia.id, events=hub.events)
    sold = [await sell(house.sandbox, "Start Office Digital") for _ in range(2 * PRESSES)]
    return token.secret, [await take_in(hub, number, actor=giulia.id) for number in sold]


async def _pile_up(hub: Hub, house: House) -> int:
    """Press the button of many large kits of another company; how many items wait."""
    actor = (await Operator.get(name="Giulia")).id
    for _ in range(KITS):
        parent = await take_in(
            hub, await sell(house.sandbox, "Start Office Digital", companyId=VALDARNO), actor=actor
        )
        await enlarge(parent, LINES)
        await opportunities.generate_opportunities(
            parent.id, override_reason="benchmark", actor=actor, events=hub.events
        )
    return await ActionItem.filter(open_key__not_isnull=True).count()


@contextmanager
def _running(house: House, programs: dict[str, Start]) -> Iterator[tuple[str, dict[str, AnyCommand]]]:
    with ExitStack() as stack:
        started = {name: stack.enter_context(start(house)) for name, start in programs.items()}
        server = started["serve"]
        assert isinstance(server, RunningHub)
        commands = {
            name: one.command if isinstance(one, RunningHub) else one for name, one in started.items()
        }
        yield server.address, commands


async def _figures(house: House, client: Client, tickets: Sequence[Ticket]) -> Figures:
    first_calls = [await _first_call(house, client, ticket) for ticket in tickets]
    return Figures(first_calls, median(_milliseconds(client, tickets[0]) for _ in range(QUESTIONS)))


async def _first_call(house: House, client: Client, ticket: Ticket) -> float:
    """Milliseconds from the press to the look-up of the company; what is piled up is another one's."""
    began = time.time()
    client.ask(GENERATE, id=ticket.id)
    while True:
        calls = await house.sandbox.calls("Opportunity/Search")
        ours = [call["at"] for call in calls if str(BREMBATE) in call["query"]]
        if after := [at for at in map(_instant, ours) if at >= began]:
            return (after[0] - began) * 1000
        await asyncio.sleep(0.05)


def _instant(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _milliseconds(client: Client, ticket: Ticket) -> float:
    began = time.perf_counter()
    client.ask(TREE, id=ticket.id)
    return (time.perf_counter() - began) * 1000


async def _tell_idle(commands: dict[str, AnyCommand]) -> None:
    before = {name: cpu_seconds(command.pid) for name, command in commands.items()}
    await asyncio.sleep(IDLE_SECONDS)
    for name, command in commands.items():
        share = (cpu_seconds(command.pid) - before[name]) / IDLE_SECONDS
        print(f"  {name} with nothing to do: {share:6.1%} of one core, {memory(command.pid):.0f} MiB")


def _compare(what: str, alone: float, beside: float) -> None:
    print(f"  {what:<42} {alone:8.1f} ms {beside:10.1f} ms   {beside / alone:6.2f}")
