"""What was answered is on disk: across restarts, and across kill -9 of a real process."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from services.crm.sandbox import Addresses, create_sandbox
from services.crm.sandbox.__main__ import application
from services.crm.sandbox.store import Store
from tests.support.sandbox_client import Driver, SteeredClock, listening_sandbox

KEY = {"ApiKey": "sandbox-key"}


@asynccontextmanager
async def sandbox_process(
    store_path: Path, *options: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, Driver]]:
    """The sandbox as `python -m services.crm.sandbox`, found by the line that it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.crm.sandbox", "--store", str(store_path), *options,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        addresses = Addresses(**json.loads(await asyncio.wait_for(process.stdout.readline(), 60)))
        async with aiohttp.ClientSession() as session:
            yield process, Driver(addresses, session, store_path)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "crm.sqlite3"


async def test_everything_is_as_it_was_after_a_restart(store_path: Path, clock: SteeredClock) -> None:
    async with listening_sandbox(store_path, clock) as crm:
        company_id = await crm.save("Company", companyName="Alfa")
        token = await crm.log_in()
        await crm.plan("status", match={"action": "create", "nth": 3})
        await crm.save("Company", companyName="Beta")
        await crm.switch(retry_after_seconds=7)

    async with listening_sandbox(store_path, clock) as crm:
        name = (
            await crm.call("GET", f"Company/{company_id}", headers={"Authorization": f"Bearer {token}"})
        ).json
        statuses = [(await crm.call("POST", "Company", {"companyName": "x"})).status for _ in range(3)]
        switches = (await crm.control("GET", "switches")).json

    assert name["companyName"] == "Alfa"
    assert statuses == [200, 500, 200]
    assert switches["retry_after_seconds"] == 7


async def test_an_id_is_not_given_again_after_a_restart(store_path: Path, clock: SteeredClock) -> None:
    async with listening_sandbox(store_path, clock) as crm:
        first = await crm.save("Company", companyName="Alfa")
        await crm.call("DELETE", f"Company/{first}")

    async with listening_sandbox(store_path, clock) as crm:
        assert await crm.save("Company", companyName="Beta") == first + 1


async def test_what_a_killed_process_has_answered_is_in_its_store(store_path: Path) -> None:
    answered: list[int] = []

    async def keep_creating(crm: Driver) -> None:
        while True:
            reply = await crm.call("POST", "Opportunity", {"title": "a"}, headers=KEY)
            answered.append(reply.json)

    options = ("--switches", json.dumps({"calls_per_window": 10_000}))
    async with sandbox_process(store_path, *options) as (process, crm):
        creating = asyncio.gather(*(keep_creating(crm) for _ in range(4)), return_exceptions=True)
        while len(answered) < 50:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await creating
        held = [row["id"] for row in crm.rows("opportunity")]

    assert set(answered) <= set(held)
    assert len(answered) == len(set(answered))
    assert len(held) - len(answered) <= 4


async def test_a_process_seeds_its_store_and_ends_cleanly_when_stopped(store_path: Path) -> None:
    async with sandbox_process(store_path, "--seed", "--port", "0", "--control-port", "0") as (process, crm):
        companies = await crm.call("GET", "Company", headers=KEY)
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 60)

    assert len(companies.json) == 12
    assert code == 0


@pytest.mark.parametrize("switches", ["[", "[]", '{"deletes": "maybe"}', '{"gravity": 9.81}'])
def test_a_process_refuses_wrong_switches_before_it_listens(store_path: Path, switches: str) -> None:
    result = CliRunner().invoke(application, ["--store", str(store_path), "--switches", switches])

    assert result.exit_code == 2
    assert not store_path.exists()


@pytest.mark.parametrize(
    "content", [pytest.param(b"x" * 4096, id="no database"), pytest.param(None, id="half of one")]
)
def test_a_damaged_store_is_one_sentence(store_path: Path, content: bytes | None) -> None:
    if content is None:
        Store(store_path).close()
        content = store_path.read_bytes()[: store_path.stat().st_size // 2]
    store_path.write_bytes(content)

    result = CliRunner().invoke(application, ["--store", str(store_path)])

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert f"The sandbox cannot use its file {store_path}: " in result.stderr


async def test_the_sandbox_does_not_listen_beyond_the_loopback(store_path: Path, clock: SteeredClock) -> None:
    async with create_sandbox(store_path, clock=clock) as sandbox:
        with pytest.raises(ValueError, match="loopback"):
            await sandbox.start(host="0.0.0.0")
