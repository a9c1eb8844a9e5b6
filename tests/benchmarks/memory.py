"""Whether the memory of a running hub stays flat: `python -m tests.benchmarks.memory [minutes]`.

Sales are imported, worked on and delivered, with reads, presses and watchers that come and go, and the memory of the
process is printed twice a minute. Everything is real, as in `work.py`.
"""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from server.wiring import open_hub
from services.operators import create_token
from services.vocabulary import Role
from tests.benchmarks.processes import memory
from tests.support.databases import SqliteFiles
from tests.support.graphql_client import Client
from tests.support.hub import add_operator, settings_for
from tests.support.many_processes import House
from tests.support.sandbox_process import running_sandbox
from tests.support.story import ACTIVITIES, COMPLETE, GENERATE, SYNC, Desk

MINUTES = 5.0
PERIOD = 30.0
CALLS = "100000"

PROGRESS = """subscription ($id: ID!, $after: String) { milestoneProgress(ticketId: $id, after: $after) {
  state cursor milestones { milestoneId progress } } }"""
LISTS = (
    "query { tickets(first: 50) { nodes { id code progress owner { name } company { name } } } }",
    "query { opportunities(first: 50) { nodes { id code amount status } } }",
    "query { actions(first: 20) { nodes { id status remainingCalls estimatedEnd } } }",
    "query { events(first: 100) { nodes { id kind before after } } }",
    "query { crmHealth { callsLeft queueLength } }",
)


async def main(minutes: float) -> None:
    with TemporaryDirectory() as folder, running_sandbox(Path(folder) / "crm.sqlite3") as sandbox:
        await sandbox.start_over()
        await sandbox.switch(calls_per_window=int(CALLS))
        databases = SqliteFiles(Path(folder))
        house = House(await databases.create("house"), sandbox, Path(folder) / "log.txt")
        async with open_hub(settings_for(house.database_url, sandbox)) as hub:
            giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002, role="ADMIN")
            token = await create_token(
                giulia.id, Role.ADMIN, "bench", None, actor=giulia.id, events=hub.events
            )
        with house.server(HUB_SWEEP_SECONDS="5", HUB_CRM_CALLS_PER_MINUTE=CALLS) as server:
            desk = Desk(Client(server.address, token.secret), Client(sandbox.control))
            await asyncio.to_thread(_measure, desk, server.command.pid, minutes * 60)


def _measure(desk: Desk, pid: int, seconds: float) -> None:
    began = printed = time.monotonic()
    sales = 0
    print(f"  {'minute':>6} {'sales':>6} {'MiB':>7}")
    while printed - began < seconds:
        _deliver_sale(desk)
        sales += 1
        if time.monotonic() - printed >= PERIOD:
            printed = time.monotonic()
            print(f"  {(printed - began) / 60:6.1f} {sales:6} {memory(pid):7.1f}", flush=True)


def _deliver_sale(desk: Desk) -> None:
    # A company of its own: the look-ups of a company take longer with each of its sales.
    company = desk.crm.request("POST", "/control/records/Company", {"companyName": "Officine"}).body["id"]
    ticket_id = desk.take_in(desk.record_sale("Start Office Digital", companyId=company))
    with desk.hub.subscribed(PROGRESS, id=ticket_id) as progress:
        cursor = next(progress)["cursor"]
        desk.complete_all(desk.tree(ticket_id))
        next(progress)
    with desk.hub.subscribed(PROGRESS, id=ticket_id, after=cursor) as progress:
        next(progress)
    desk.press(GENERATE, ticket_id)
    desk.press(SYNC, ticket_id)
    tree = desk.tree(ticket_id)
    for opportunity in tree["opportunities"][:2]:
        desk.press(ACTIVITIES, opportunity["id"])
    desk.hub.ask(COMPLETE, id=tree["children"][0]["milestones"][0]["tasks"][0]["id"])
    desk.until_nothing_runs()
    for query in LISTS:
        desk.hub.ask(query)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES))
