"""The console in a real browser, in front of real hubs and the sandbox. `console/e2e` holds what the browser does."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.e2e.conftest import ADA, GIULIA, LUCA, Prepared, copied, new_token
from tests.support.browser import CONSOLE, run_in_browser
from tests.support.console_samples import add_tickets, fill_the_inbox
from tests.support.databases import Databases
from tests.support.graphql_client import Client
from tests.support.mortal_hub import mortal_hub, switch_of
from tests.support.one_address import one_address
from tests.support.running_hub import Files, Sandbox, run_command, running_hub, running_sandbox
from tests.support.story import Desk

SPECS = sorted(path.name for path in (CONSOLE / "e2e").glob("*.spec.ts"))

pytestmark = pytest.mark.chromium


@dataclass(frozen=True)
class Worked:
    """Files of a hub and its CRM with people and work in them, and what a browser needs to know of these."""

    files: Files
    there: dict[str, str]


@pytest.fixture(scope="session")
def worked(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Worked:
    """Made once, on SQLite. Copy the files before you use them."""
    files = prepared.files.copy_to(tmp_path_factory.mktemp("worked") / "files")
    for colleague, role in ((ADA, "ADMIN"), (LUCA, "OPERATOR")):
        run_command(files, *colleague, "--role", role)
    there = {
        "HUB_OPERATOR_TOKEN": prepared.operator_token,
        "HUB_VIEWER_TOKEN": prepared.viewer_token,
        "HUB_ADMIN_TOKEN": new_token(files, "ADMIN", ADA),
        "HUB_COLLEAGUE_TOKEN": new_token(files, "OPERATOR", LUCA),
    }
    with running_sandbox(files) as sandbox, running_hub(files, sandbox) as hub:
        desk = Desk(Client(hub.address, prepared.operator_token), Client(sandbox.control))
        there |= add_tickets(desk)
        fill_the_inbox(desk)
    return Worked(files, there)


@pytest.fixture
def files(databases: Databases, prepared: Prepared, worked: Worked, tmp_path: Path) -> Iterator[Files]:
    with copied(replace(prepared, files=worked.files), databases, tmp_path / "files") as files:
        yield files


@pytest.fixture
def sandbox(files: Files) -> Iterator[Sandbox]:
    with running_sandbox(files) as sandbox:
        yield sandbox


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("spec", SPECS)
def test_the_console_works_in_a_browser(
    spec: str, worked: Worked, files: Files, sandbox: Sandbox, tmp_path: Path
) -> None:
    with mortal_hub(files, sandbox) as hub, switch_of(hub) as switch:
        there = worked.there | {
            "HUB_ADDRESS": hub.address,
            "HUB_SWITCH": switch,
            "HUB_SIGN_IN_CODE": _sign_in_code(files),
            "CRM_CONTROL": sandbox.control,
        }
        run_in_browser(spec, there, results=tmp_path / "results")


def _sign_in_code(files: Files) -> str:
    printed = run_command(files, "sign-in-link", GIULIA[3])
    code = re.search(r"code=(\S+)", printed)
    assert code is not None, printed
    return code[1]


@pytest.fixture
def shared_files(databases: Databases, prepared: Prepared, tmp_path: Path) -> Iterator[Files]:
    with copied(prepared, databases, tmp_path / "files") as files:
        yield files


@pytest.mark.only_on("postgres")
async def test_the_story_is_the_same_with_two_hubs_behind_one_address(
    shared_files: Files, prepared: Prepared, tmp_path: Path
) -> None:
    async with one_address() as front:
        address = {"HUB_PUBLIC_URL": front.address}
        with (
            running_sandbox(shared_files) as sandbox,
            running_hub(shared_files, sandbox, **address) as first,
            running_hub(shared_files, sandbox, **address) as second,
        ):
            front.lead_to(first.address, second.address)
            desk = Desk(Client(front.address, prepared.operator_token), Client(sandbox.control))
            await asyncio.to_thread(fill_the_inbox, desk)
            there = {
                "HUB_ADDRESS": front.address,
                "HUB_OPERATOR_TOKEN": prepared.operator_token,
                "CRM_CONTROL": sandbox.control,
            }
            await asyncio.to_thread(run_in_browser, "story.spec.ts", there, results=tmp_path / "results")

    assert min(front.connections[hub.address] for hub in (first, second)) > 5
