"""A hub of the real parts, for tests of the use cases."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from tortoise.context import TortoiseContext

from models import Operator, Opportunity, Ticket
from models.database import tortoise_config
from server.wiring import Hub, utc_now
from services.catalog.loader import load_catalog
from services.catalog_store import store_catalog
from services.events import Broadcast, EventLog
from tests.databases import Databases
from tests.hub import add_operator, complete_all, generate, hub_over, synchronise, take_in
from tests.rivals import Rivals, running_rivals
from tests.services.crm.sandbox_process import SandboxProcess, running_sandbox


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox") / "crm.sqlite3") as process:
        yield process


@pytest.fixture
async def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """A CRM behind a real socket, as if started for this test alone."""
    await sandbox_process.begin_anew()
    return sandbox_process


@pytest.fixture(scope="session")
def stocked_database(databases: Databases, migrated_database: str) -> str:
    """The empty database with the shipped catalog in it; storing that costs a second."""

    async def stock() -> str:
        async with TortoiseContext() as context:
            await context.init(
                config=tortoise_config(await databases.create("stocked", like=migrated_database))
            )
            await store_catalog(load_catalog(), events=EventLog(clock=utc_now, broadcast=Broadcast()))
        return "stocked"

    return asyncio.run(stock())


@pytest.fixture
async def hub_path(databases: Databases, stocked_database: str) -> AsyncIterator[str]:
    """The address of the database of this test's hub."""
    name = uuid4().hex
    yield await databases.create(name, like=stocked_database)
    await databases.drop(name)


@pytest.fixture
def time_limit() -> float:
    """Seconds that a CRM call may take. Tests of lost answers, which wait for it, parametrise a short one."""
    return 2.0


@pytest.fixture
async def hub(hub_path: str, sandbox: SandboxProcess, time_limit: float) -> AsyncIterator[Hub]:
    async with hub_over(hub_path, sandbox, time_limit=time_limit) as hub:
        yield hub


@pytest.fixture(scope="session")
def rivals(databases: Databases) -> Iterator[Rivals]:
    """Two more processes that work on the database of whoever asks; they know one kind of database."""
    with running_rivals(2) as rivals:
        yield rivals


@pytest.fixture
async def giulia(hub: Hub) -> Operator:
    """The operator behind the CRM user who made the sale of the story."""
    return await add_operator(hub.events, "Giulia", crm_user_id=2002)


@pytest.fixture
async def parent(hub: Hub, giulia: Operator) -> Ticket:
    """A parent ticket with four lines, just taken in."""
    return await take_in(hub, actor=giulia.id)


@pytest.fixture
async def closed_parent(hub: Hub, giulia: Operator, parent: Ticket) -> Ticket:
    await complete_all(hub, parent.id, actor=giulia.id)
    return await Ticket.get(id=parent.id)


@pytest.fixture
async def children(hub: Hub, giulia: Operator, closed_parent: Ticket) -> list[Ticket]:
    """The four child tickets of a parent whose opportunities were generated and synchronised."""
    await generate(hub, closed_parent.id, actor=giulia.id)
    await synchronise(hub, ticket_id=closed_parent.id, actor=giulia.id)
    return await Ticket.filter(parent_id=closed_parent.id).order_by("position")


@pytest.fixture
async def opportunity(children: list[Ticket]) -> Opportunity:
    """The opportunity of the first line, with its child ticket."""
    return await Opportunity.get(child_ticket_id=children[0].id)
