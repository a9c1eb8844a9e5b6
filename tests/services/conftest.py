"""A hub of the real parts, for tests of the use cases."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.wiring import Hub
from tests.hub import hub_over
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


@pytest.fixture
async def hub(database_path: Path, sandbox: SandboxProcess) -> AsyncIterator[Hub]:
    async with hub_over(database_path, sandbox) as hub:
        yield hub
