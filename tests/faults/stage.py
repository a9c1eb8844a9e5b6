"""Where every run of the suite begins: a database and a CRM in which each button waits to be pressed.

It is made once for each kind of database; runs work on copies.
"""

import asyncio
import json
import sqlite3
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from models import Milestone, Operator, Opportunity, Service, Task, Ticket, TicketLine
from server.wiring import Hub, open_hub
from services.operators import create_token
from services.vocabulary import Role
from tests.faults.plan import COMPANIES, Button
from tests.support.databases import Databases
from tests.support.hub import (
    add_operator,
    complete_all,
    generate,
    sell,
    settings_for,
    show_milestones,
    synchronise,
    take_in,
)
from tests.support.running_hub import PATIENCE, ForkedCommand
from tests.support.sandbox_process import SandboxProcess, running_sandbox

NAME = "stage"
SALE_OF = "a sale to {}"
"""The reference of a ticket by hand, known by its buyer: what the hub calls it is only known afterwards."""


@dataclass(frozen=True)
class Place:
    """One button: the ids that it is pressed on, and the references of the records that it is pressed for.

    Synchronising makes no records, but child tickets: of those, the codes.
    """

    targets: tuple[str, ...]
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    databases: Databases
    store: Path
    token: str
    places: Mapping[tuple[Button, int], Place]


async def build_stage(databases: Databases, folder: Path) -> Stage:
    url = await databases.create(NAME)
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "crm.sqlite3"
    with running_sandbox(store) as sandbox:
        # In a process of its own, because our ORM may be connected to another kind of database.
        arranging = ForkedCommand(
            url, sandbox.crm, sandbox.control, str(store), environment={}, log=folder / "log.txt", run=arrange
        )
        said = await asyncio.to_thread(arranging.stdout.read)
        assert said, arranging.log.read_text()
        assert arranging.ends_within(PATIENCE)
    arranged = json.loads(said)
    places = {
        (Button(button), company): Place(tuple(targets), tuple(wanted))
        for button, company, targets, wanted in arranged["places"]
    }
    _forget_calls(store)
    _gather(url)
    return Stage(databases, store, arranged["token"], places)


def _forget_calls(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("DELETE FROM calls")


def _gather(url: str) -> None:
    """Bring a file of SQLite's together with its log: copies are made of the file alone."""
    if url.startswith("sqlite://"):
        with closing(sqlite3.connect(url.removeprefix("sqlite://"))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def arrange() -> None:
    """Build what the stage consists of, and print it; the arguments are the addresses of database and CRM."""
    # Its answer travels over the standard output, so the log of the hub must not.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    url, crm, control, store = sys.argv[1:]
    print(json.dumps(asyncio.run(_arrange(url, SandboxProcess(crm, control, store=Path(store))))))


async def _arrange(url: str, sandbox: SandboxProcess) -> dict[str, Any]:
    await sandbox.switch(calls_per_window=100_000)
    async with open_hub(settings_for(url, sandbox)) as hub:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        token = await create_token(giulia.id, Role.OPERATOR, "faults", None, actor="test", events=hub.events)
        places: list[tuple[Any, ...]] = []
        for company, kit in COMPANIES.items():
            places += await _arrange_company(hub, sandbox, giulia, company, kit)
        return {"token": token.secret, "places": places}


async def _arrange_company(
    hub: Hub, sandbox: SandboxProcess, giulia: Operator, company: int, kit: str
) -> list[tuple[Any, ...]]:
    """Three closed parents: nothing generated yet; generated; synchronised.

    Of the last one, the CRM shows one opportunity's milestones, and has lost another opportunity.
    """
    untouched, generated, delivered = [
        await _closed_parent(hub, sandbox, giulia, company, kit) for _ in range(3)
    ]
    for parent in (generated, delivered):
        await generate(hub, parent.id, actor=giulia.id)
    await synchronise(hub, actor=giulia.id, ticket_id=delivered.id)
    shown, waiting, gone, *_ = await Opportunity.filter(ticket_id=delivered.id).order_by("code")
    await show_milestones(hub, shown, actor=giulia.id)
    first, *_ = await _milestones(shown)
    tasks = await Task.filter(milestone_id=first.id).order_by("position")
    await sandbox.delete("Opportunity", gone.crm_id)
    await synchronise(hub, actor=giulia.id, ticket_id=delivered.id)
    return [
        (Button.GENERATE, company, [untouched.id], await _codes(untouched)),
        (Button.SYNC, company, [generated.id], await _codes(generated)),
        (
            Button.ACTIVITIES,
            company,
            [waiting.id],
            [_shadow(waiting, one) for one in await _milestones(waiting)],
        ),
        (Button.SALE, company, [str(company), kit], [SALE_OF.format(company)]),
        (Button.DELIVER, company, [task.id for task in tasks], [_shadow(shown, first)]),
        (Button.REPAIR, company, [gone.id], [f"{gone.code}.2"]),
    ]


async def _closed_parent(
    hub: Hub, sandbox: SandboxProcess, giulia: Operator, company: int, kit: str
) -> Ticket:
    parent = await take_in(
        hub, await sell(sandbox, f"Venduto il kit {kit}", companyId=company), actor=giulia.id
    )
    await complete_all(hub, parent.id, actor=giulia.id)
    return parent


async def _codes(parent: Ticket) -> list[str]:
    """The codes that the lines' opportunities have to get, reckoned from what the operator sees of the parent."""
    _, _, serial, _ = parent.code.split("-")
    lines = await TicketLine.filter(ticket_id=parent.id).order_by("position")
    services = {service.id: service.code for service in await Service.all()}
    return [f"TCK-{services[line.service_id]}-{serial}-{line.position:02}" for line in lines]


async def _milestones(opportunity: Opportunity) -> list[Milestone]:
    return await Milestone.filter(ticket_id=opportunity.child_ticket_id).order_by("position")


def _shadow(opportunity: Opportunity, milestone: Milestone) -> str:
    return f"{opportunity.code}:{milestone.position}"
