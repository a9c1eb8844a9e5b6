"""A CRM client over recorded answers, with a clock and a call budget that the test holds in its hand."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.abc import AbstractStreamWriter
from aioresponses import aioresponses

from services.crm.client import CrmInCloudClient
from services.crm.protocol import Priority
from services.crm.settings import AuthMode, CrmSettings
from services.crm.transport import open_session
from tests.services.crm.sandbox_process import SandboxProcess, running_sandbox

NOW = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)

SETTINGS = CrmSettings(
    base_url="https://crm.test",
    auth_mode=AuthMode.KEY,
    username="canary-user@example.it",
    password="canary-pass/word",
    api_key="canary-key",
    application="IntelligenceHub",
    intake_sub_type_id=63705,
    shadow_sub_type_id=63688,
    activity_type=7,
    open_state=1,
    completed_state=2,
    opportunity_phase_id=53002,
    opportunity_category_id=25309,
    default_owner_id=901,
    time_limit=2.0,
)


@dataclass
class Stopwatch:
    """Monotonic time that passes only when told to."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class RecordedBudget:
    """Grants every call at once, and remembers for whom and what it was told."""

    taken: list[Priority] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    async def take(self, priority: Priority) -> None:
        self.taken.append(priority)

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


ClientMaker = Callable[[CrmSettings], CrmInCloudClient]


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def budget() -> RecordedBudget:
    return RecordedBudget()


@pytest.fixture
def crm_http(monkeypatch: pytest.MonkeyPatch) -> Iterator[aioresponses]:
    # aioresponses 0.7.9 does not pass the stream_writer that aiohttp 3.14 asks for (aioresponses#289).
    answer = partial(aiohttp.ClientResponse, stream_writer=Mock(AbstractStreamWriter, output_size=0))
    monkeypatch.setattr("aioresponses.core.ClientResponse", answer)
    with aioresponses() as mock:
        yield mock


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session(SETTINGS) as session:
        yield session


@pytest.fixture
def client_for(session: aiohttp.ClientSession, budget: RecordedBudget, stopwatch: Stopwatch) -> ClientMaker:
    def make(settings: CrmSettings) -> CrmInCloudClient:
        return CrmInCloudClient(
            settings, session=session, budget=budget, clock=lambda: NOW, monotonic=stopwatch
        )

    return make


@pytest.fixture
def crm(client_for: ClientMaker) -> CrmInCloudClient:
    """A client that sends a key and never logs in."""
    return client_for(SETTINGS)


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox") / "crm.sqlite3") as process:
        yield process


@pytest.fixture
async def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """A CRM behind a real socket, as if started for this test alone."""
    await sandbox_process.begin_anew()
    return sandbox_process
