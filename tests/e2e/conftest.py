"""Fixtures for tests that meet the hub only from outside."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.databases import Databases, PostgresDatabases, Rows, dump
from tests.support.graphql_client import Client
from tests.support.many_processes import House
from tests.support.running_hub import Files, ForkedCommand, run_command, running_hub, running_sandbox
from tests.support.sandbox_process import SandboxProcess
from tests.support.story import Desk

GIULIA = ("operator", "create", "Giulia Moretti", "giulia@consulenza.example")
LUCA = ("operator", "create", "Luca Ferrero", "luca@consulenza.example")
ADA = ("operator", "create", "Ada Riva", "ada@consulenza.example")

# Everything of the hub but its own book-keeping of runs, calls and events.
WORK = ("ticket", "ticket_line", "milestone", "task", "opportunity", "crm_activity", "company", "intake_item")


@dataclass(frozen=True)
class Prepared:
    """Files with an operator in the database, and the tokens that the command line printed for her."""

    files: Files
    operator_token: str
    viewer_token: str


@pytest.fixture(scope="session")
def prepared(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Copy the files, and the database, before you use them."""
    return databases.once("prepared", lambda: _prepare(databases, tmp_path_factory.mktemp("prepared")))


def _prepare(databases: Databases, folder: Path) -> Prepared:
    shared = isinstance(databases, PostgresDatabases)
    files = Files(folder, asyncio.run(databases.create("prepared")) if shared else None)
    run_command(files, *GIULIA, "--role", "OPERATOR", "--crm-user-id", "2002")
    return Prepared(files, new_token(files, "OPERATOR"), new_token(files, "VIEWER"))


def new_token(files: Files, role: str, operator: tuple[str, ...] = GIULIA) -> str:
    printed = run_command(files, "token", "create", operator[3], f"tests as {role}", "--role", role)
    assert re.fullmatch(r"ihub_\S+\n", printed), printed
    return printed.strip()


@contextmanager
def copied(prepared: Prepared, databases: Databases, folder: Path) -> Iterator[Files]:
    """The prepared files, and the database where it is elsewhere, once more; no process may break down over them."""
    files = prepared.files.copy_to(folder)
    if isinstance(databases, PostgresDatabases):
        name = uuid4().hex
        yield replace(files, elsewhere=asyncio.run(databases.create(name, like="prepared")))
        asyncio.run(databases.drop(name))
    else:
        yield files
    assert "Traceback" not in files.log.read_text()


@dataclass(frozen=True)
class Office:
    """A desk, a second one that may only look on, the files behind it all, and where the CRM is."""

    files: Files
    crm: str
    desk: Desk
    onlooker: Client

    def work(self) -> Rows:
        rows = dump(self.files.database_url)
        return {name: rows[name] for name in WORK}


@pytest.fixture(params=[pytest.param(ForkedCommand, id="forked")])
def office(
    request: pytest.FixtureRequest, databases: Databases, prepared: Prepared, tmp_path: Path
) -> Iterator[Office]:
    start = request.param
    with (
        copied(prepared, databases, tmp_path / "office") as files,
        running_sandbox(files, start=start) as sandbox,
        running_hub(files, sandbox, start=start) as hub,
    ):
        desk = Desk(Client(hub.address, prepared.operator_token), Client(sandbox.control))
        yield Office(files, sandbox.crm, desk, Client(hub.address, prepared.viewer_token))


@pytest.fixture
async def house(
    databases: Databases, stocked_database: str, sandbox_process: SandboxProcess, tmp_path: Path
) -> AsyncIterator[House]:
    """A database and a CRM, at which no process works yet."""
    await sandbox_process.start_over()
    yield House(await databases.create("house", like=stocked_database), sandbox_process, tmp_path / "log.txt")
    await databases.drop("house")
