"""A CRM client over recorded answers, with a clock and a call budget that the test holds in its hand."""

from collections.abc import AsyncIterator, Iterator
from functools import partial
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.abc import AbstractStreamWriter
from aioresponses import aioresponses

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.crm_in_cloud.transport import open_session
from tests.support.hub import SteppedClock
from tests.support.recorded_answers import NOW, SETTINGS, ClientMaker, RecordedBudget, Stopwatch
from tests.support.sandbox_process import SandboxProcess


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
def wall() -> SteppedClock:
    return SteppedClock(NOW)


@pytest.fixture
def client_for(
    session: aiohttp.ClientSession, budget: RecordedBudget, stopwatch: Stopwatch, wall: SteppedClock
) -> ClientMaker:
    def make(settings: CrmSettings) -> CrmInCloudClient:
        return CrmInCloudClient(settings, session=session, budget=budget, clock=wall, monotonic=stopwatch)

    return make


@pytest.fixture
def crm(client_for: ClientMaker) -> CrmInCloudClient:
    """A client that sends a key and never logs in."""
    return client_for(SETTINGS)


@pytest.fixture
async def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    """A CRM behind a real socket, as if started for this test alone."""
    await sandbox_process.start_over()
    return sandbox_process
