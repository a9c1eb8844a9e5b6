import asyncio

import pytest

from models import Stream
from server.wiring import working_in_background
from tests.support.databases import rows_of
from tests.support.factories import save_tickets
from tests.support.hub import hub_over


@pytest.mark.only_on("sqlite")
async def test_a_hub_at_work_counts_again_and_again_what_rows_there_are(
    database_url, sandbox_process, monkeypatch
):
    monkeypatch.setattr("server.wiring.hub.STATISTICS_SECONDS", 0.05)

    async def counted(table):
        """Wait until a table's rows have been counted."""
        async with asyncio.timeout(60):
            while not await rows_of(database_url, "SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'"):
                await asyncio.sleep(0.02)
            while not await rows_of(database_url, f"SELECT 1 FROM sqlite_stat1 WHERE tbl = '{table}'"):
                await asyncio.sleep(0.02)

    async with hub_over(database_url, sandbox_process) as hub:
        await save_tickets({})
        async with working_in_background(hub):
            await counted("ticket")
            await Stream.create(id="later")
            await counted("stream")
