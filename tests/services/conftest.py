"""A hub of the real parts, for tests of the use cases."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from uuid import uuid4

import pytest

from models import Operator, Opportunity, Ticket
from server.wiring import Hub
from services.vocabulary import ItemOutcome, TicketKind
from tests.support.databases import Databases
from tests.support.hub import add_operator, complete_all, generate, hub_over, synchronise, take_in
from tests.support.sandbox_process import SandboxProcess
from tests.support.tree_readers import Rivals, running_rivals

Chapter = Callable[[Hub], Awaitable[None]]


@dataclass(frozen=True)
class Beginning:
    """Where a test comes in: a database, and what the CRM held then; the sample data where nothing is said."""

    database: str
    crm: Path | None = None


@pytest.fixture(scope="session")
def stocked(stocked_database: str) -> Beginning:
    return Beginning(stocked_database)


@pytest.fixture(scope="session")
def play(
    databases: Databases, sandbox_process: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Beginning, str, Chapter], Beginning]:
    """Carry a story on, for every test that comes in after it."""

    async def replay(beginning: Beginning, name: str, chapter: Chapter) -> Beginning:
        await _arrange(sandbox_process, beginning)
        database = await databases.create(name, like=beginning.database)
        async with hub_over(database, sandbox_process) as hub:
            await chapter(hub)
        store = tmp_path_factory.mktemp(name) / "crm.sqlite3"
        sandbox_process.keep(store)
        return Beginning(name, store)

    def once(beginning: Beginning, name: str, chapter: Chapter) -> Beginning:
        return databases.once(name, lambda: asyncio.run(replay(beginning, name, chapter)))

    return once


@pytest.fixture(scope="session")
def sold(play: Callable[..., Beginning], stocked: Beginning) -> Beginning:
    """A parent ticket whose Onboarding is completed by Giulia."""

    async def sell(hub: Hub) -> None:
        giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
        parent = await take_in(hub, actor=giulia.id)
        await complete_all(hub, parent.id, actor=giulia.id)

    return play(stocked, "sold", sell)


@pytest.fixture(scope="session")
def delivered(play: Callable[..., Beginning], sold: Beginning) -> Beginning:
    """Its four child tickets, whose opportunities were generated and synchronised."""

    async def deliver(hub: Hub) -> None:
        parent, giulia = await Ticket.get(kind=TicketKind.PARENT), await Operator.get(name="Giulia")
        generated = await generate(hub, parent.id, actor=giulia.id)
        found = await synchronise(hub, ticket_id=parent.id, actor=giulia.id)
        assert {item.outcome for item in (*generated, *found)} == {ItemOutcome.CREATED}

    return play(sold, "delivered", deliver)


@pytest.fixture
def beginning(request: pytest.FixtureRequest) -> Beginning:
    """As late in the story as the test's other fixtures allow."""
    for fixture, chapter in (("children", "delivered"), ("closed_parent", "sold")):
        if fixture in request.fixturenames:
            return cast(Beginning, request.getfixturevalue(chapter))
    return cast(Beginning, request.getfixturevalue("stocked"))


@pytest.fixture
async def sandbox(sandbox_process: SandboxProcess, beginning: Beginning) -> SandboxProcess:
    """A CRM behind a real socket, as if started for this test alone."""
    await _arrange(sandbox_process, beginning)
    return sandbox_process


async def _arrange(sandbox: SandboxProcess, beginning: Beginning) -> None:
    await sandbox.start_over()
    if beginning.crm is not None:
        sandbox.go_back_to(beginning.crm)


@pytest.fixture
async def hub_url(databases: Databases, beginning: Beginning) -> AsyncIterator[str]:
    """The address of the database of this test's hub."""
    name = uuid4().hex
    yield await databases.create(name, like=beginning.database)
    await databases.drop(name)


@pytest.fixture
def time_limit() -> float:
    """Seconds that a CRM call may take. Tests of lost answers, which wait for it, parametrise a short one."""
    return 6.0


@pytest.fixture
async def hub(hub_url: str, sandbox: SandboxProcess, time_limit: float) -> AsyncIterator[Hub]:
    async with hub_over(hub_url, sandbox, time_limit=time_limit) as hub:
        yield hub


@pytest.fixture(scope="session")
def rivals() -> Iterator[Rivals]:
    """Two more processes that work on the database of the test that asks."""
    with running_rivals(2) as rivals:
        yield rivals


@pytest.fixture
async def giulia(hub: Hub) -> Operator:
    """The operator behind the CRM user who made the sale of the story."""
    if known := await Operator.get_or_none(name="Giulia"):
        return known
    return await add_operator(hub.events, "Giulia", crm_user_id=2002)


@pytest.fixture
async def parent(hub: Hub, giulia: Operator) -> Ticket:
    """A parent ticket with four lines, just taken in."""
    return await take_in(hub, actor=giulia.id)


@pytest.fixture
async def closed_parent(hub: Hub) -> Ticket:
    """A parent ticket with four lines whose Onboarding is completed."""
    return await Ticket.get(kind=TicketKind.PARENT)


@pytest.fixture
async def children(hub: Hub, closed_parent: Ticket) -> list[Ticket]:
    """The four child tickets of a parent whose opportunities were generated and synchronised."""
    return await Ticket.filter(parent_id=closed_parent.id).order_by("position")


@pytest.fixture
async def opportunity(children: list[Ticket]) -> Opportunity:
    """The opportunity of the first line, with its child ticket."""
    return await Opportunity.get(child_ticket_id=children[0].id)
