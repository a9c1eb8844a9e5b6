"""A listening sandbox for every test, empty or with the sample data."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.sandbox_client import Driver, SteeredClock, listening_sandbox


@pytest.fixture
def clock() -> SteeredClock:
    return SteeredClock()


@pytest.fixture
async def crm(tmp_path: Path, clock: SteeredClock) -> AsyncIterator[Driver]:
    """An empty sandbox."""
    async with listening_sandbox(tmp_path / "crm.sqlite3", clock) as driver:
        yield driver


@pytest.fixture
async def sampled_crm(tmp_path: Path, clock: SteeredClock) -> AsyncIterator[Driver]:
    """A sandbox with the sample data."""
    async with listening_sandbox(tmp_path / "crm.sqlite3", clock, seed=True) as driver:
        yield driver
