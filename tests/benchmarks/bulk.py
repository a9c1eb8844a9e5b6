"""What a large intake and a large synchronisation take: `python -m tests.benchmarks.bulk 10000 5000`.

The sandbox holds the sales, and the limit of calls is lifted. Everything else is as shipped, as in `work.py`.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
from tortoise.backends.base.executor import EXECUTOR_CACHE

from models import Action, Company, Opportunity, Service, Ticket, TicketLine
from server.wiring import open_hub
from services.opportunities.sync import sync_opportunities
from services.vocabulary import ActionStatus
from tests.benchmarks.processes import cpu_seconds, memory
from tests.support.databases import Databases, PostgresDatabases, SqliteFiles
from tests.support.hub import INTAKE_SUB_TYPE, add_operator, settings_for
from tests.support.many_processes import House
from tests.support.postgres_server import running_postgres
from tests.support.sandbox_process import running_sandbox

SALES, OPPORTUNITIES = 1_000, 500
SALES_OF_A_COMPANY = 5
LIFTED = "1000000"
STEPS = 5
"""How often progress is printed."""


async def measure_bulk(sales: int = SALES, opportunities: int = OPPORTUNITIES) -> None:
    with TemporaryDirectory() as folder:
        await _measure(SqliteFiles(Path(folder)), Path(folder), sales, opportunities)
    with TemporaryDirectory() as folder, running_postgres() as server:
        await _measure(PostgresDatabases(server), Path(folder), sales, opportunities)


async def _measure(databases: Databases, folder: Path, sales: int, opportunities: int) -> None:
    # Tortoise keeps the words of its inserts by table, in the dialect that came first.
    EXECUTOR_CACHE.clear()
    print(f"\n{type(databases).__name__}: {sales:,} sales, {opportunities:,} opportunities")
    with running_sandbox(folder / "crm.sqlite3") as sandbox:
        await sandbox.start_over()
        await sandbox.switch(calls_per_window=int(LIFTED))
        house = House(await databases.create("house"), sandbox, folder / "log.txt")
        async with open_hub(settings_for(house.database_url, sandbox)) as hub:
            giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
            await _sell(house, sales)
            settings = {
                "HUB_SWEEP_SECONDS": "5",
                "HUB_CRM_CALLS_PER_MINUTE": LIFTED,
                "HUB_POLL_SECONDS": "5",
                "HUB_POLL_SINCE": "2020-01-01",
            }
            with house.server(**settings) as server:
                pid = server.command.pid
                await _told("sales taken in", sales, pid, Ticket.filter(kind="PARENT").count)
                lines = await TicketLine.all().order_by("id").limit(opportunities)
                await _offer(house, lines)
                action = await sync_opportunities(actor=giulia.id, events=hub.events)
                await _told("opportunities synchronised", len(lines), pid, Opportunity.all().count)
                while (await Action.get(id=action.id)).status == ActionStatus.RUNNING:
                    await asyncio.sleep(0.2)


async def _sell(house: House, sales: int) -> None:
    """Sales of many companies, as the CRM holds them."""
    async with aiohttp.ClientSession(f"{house.sandbox.control}/control/") as session:

        async def add(resource: str, **values: object) -> int:
            async with session.post(f"records/{resource}", json=values) as answer:
                return int((await answer.json())["id"])

        for number in range(-(-sales // SALES_OF_A_COMPANY)):
            company = await add("Company", companyName=f"Cliente {number:05} S.r.l.")
            for _ in range(min(SALES_OF_A_COMPANY, sales - number * SALES_OF_A_COMPANY)):
                sale = {
                    "subTypeId": INTAKE_SUB_TYPE,
                    "companyId": company,
                    "ownerId": 2002,
                    "description": "",
                }
                await add("Activity", subject="Start Office Digital", **sale)


async def _offer(house: House, lines: list[TicketLine]) -> None:
    """For each line an opportunity that carries its code, as if somebody had made it in the CRM."""
    tickets = {one.id: one for one in await Ticket.filter(kind="PARENT")}
    companies = {one.id: one.crm_id for one in await Company.all()}
    services = {one.id: one.code for one in await Service.all()}
    async with aiohttp.ClientSession(f"{house.sandbox.control}/control/") as session:
        for line in lines:
            ticket = tickets[line.ticket_id]
            code = f"TCK-{services[line.service_id]}-{ticket.serial}-{line.position:02}"
            values = {"title": line.name, "code": code, "crossId": companies[ticket.company_id]}
            async with session.post("records/Opportunity", json=values) as answer:
                assert answer.status < 300, await answer.text()


async def _told(what: str, goal: int, pid: int, count: Callable[[], Awaitable[int]]) -> None:
    began, cpu = time.monotonic(), cpu_seconds(pid)
    for step in range(1, STEPS + 1):
        while await count() < goal * step // STEPS:
            await asyncio.sleep(0.5)
        seconds, used = time.monotonic() - began, cpu_seconds(pid) - cpu
        print(
            f"  {goal * step // STEPS:>7,} {what:<28} {seconds:8.1f} s  CPU {used:7.1f} s  {memory(pid):6.0f} MiB",
            flush=True,
        )


if __name__ == "__main__":
    asyncio.run(measure_bulk(*map(int, sys.argv[1:])))
