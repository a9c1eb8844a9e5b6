"""The sandbox as a process of its own: started once, prepared for each test, and called only over its sockets."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from services.crm.crm_in_cloud.settings import AuthMode, CrmSettings
from tests.support.databases import copy_sqlite

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class SandboxProcess:
    """Where a running sandbox listens, and what a test may do to it behind the client's back."""

    crm: str
    control: str
    store: Path

    @property
    def settings(self) -> CrmSettings:
        """What a client needs to know of the sample tenant."""
        return CrmSettings(
            base_url=self.crm,
            auth_mode=AuthMode.LOGIN_AND_KEY,
            username="integrazione@sandbox.example",
            password="sandbox-password",
            api_key="sandbox-key",
            application="IntelligenceHub",
            intake_sub_type_id=63705,
            shadow_sub_type_id=63706,
            activity_type=7,
            open_state=1,
            completed_state=2,
            opportunity_phase_id=53001,
            time_limit=10.0,
            # A busy machine may hold up this process for longer than the two seconds that a hub waits by itself.
            connect_limit=10.0,
        )

    async def start_over(self) -> None:
        """The sample data, no faults, the ordinary switches, and room for many calls."""
        await self._order("POST", "reset", {"seed": True})
        await self.switch(calls_per_window=10_000)

    def keep(self, copy: Path) -> None:
        """Write down all that the CRM holds."""
        copy_sqlite(self.store, copy)

    def go_back_to(self, copy: Path) -> None:
        """Hold what was written down, and nothing else."""
        copy_sqlite(copy, self.store)

    async def empty(self) -> None:
        """A tenant that holds nothing at all."""
        await self._order("POST", "reset", {"seed": False})
        await self.switch(calls_per_window=10_000)

    async def switch(self, **switches: object) -> None:
        await self._order("PATCH", "switches", switches)

    async def plan(self, fault: str, **details: object) -> None:
        await self._order("POST", "faults", {"fault": fault, **details})

    async def add(self, resource: str, **values: object) -> int:
        """A record that somebody else wrote into the CRM; returns its id."""
        record = await self._order("POST", f"records/{resource}", values)
        return int(record["id"])

    async def delete(self, resource: str, record_id: int) -> None:
        await self._order("DELETE", f"records/{resource}/{record_id}")

    async def merge(self, resource: str, record_id: int, *, into: int) -> None:
        """Somebody merges a record into another one."""
        await self._order("POST", f"records/{resource}/{record_id}/merge", {"into": into})

    async def records(self, resource: str) -> list[dict[str, Any]]:
        """What the CRM holds, whatever its search shows."""
        records: list[dict[str, Any]] = await self._order("GET", f"records/{resource}")
        return records

    async def calls(self, path_part: str) -> list[dict[str, Any]]:
        """The calls whose path contains the part, in order."""
        return [call for call in await self._order("GET", "calls") if path_part in call["path"]]

    async def revoke_tokens(self) -> None:
        await self._order("DELETE", "tokens")

    async def _order(self, method: str, path: str, body: object = None) -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.control}/control/{path}", json=body) as response,
        ):
            text = await response.text()
            assert response.status < 300, text
            return json.loads(text) if text else None


@contextmanager
def running_sandbox(store: Path) -> Iterator[SandboxProcess]:
    command = [sys.executable, "-m", "services.crm.sandbox", "--store", str(store), "--seed", "--leashed"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            yield SandboxProcess(**json.loads(process.stdout.readline()), store=store)
        finally:
            process.terminate()
