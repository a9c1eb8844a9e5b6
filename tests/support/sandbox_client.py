"""A sandbox that listens, the hands to work it with, and a clock that tests move."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from services.crm.sandbox import Account, Addresses, create_sandbox

KEY = {"ApiKey": "test-key"}
ACCOUNT = Account(user_name="tester", password="test-password", api_key="test-key")
LOGIN = {"grant_type": "password", "username": "tester", "password": "test-password"}


class SteeredClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Reply:
    """What came back over the socket."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Driver:
    """Call the CRM's address as a client and the control address as a test."""

    def __init__(self, addresses: Addresses, session: aiohttp.ClientSession, store_path: Path) -> None:
        self.addresses = addresses
        self.store_path = store_path
        self._session = session

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] = KEY,
        content: bytes | None = None,
        timeout: float = 5.0,
        **query: Any,
    ) -> Reply:
        """One call under /api/v1; `filter`, `top` and the like go out as they are named."""
        sent = json.dumps(body).encode() if body is not None else content
        return await self._ask(
            method,
            f"{self.addresses.crm}/api/v1/{path}",
            data=sent,
            headers=headers,
            params=query,
            timeout=aiohttp.ClientTimeout(total=timeout),
        )

    async def get(self, path: str, **query: Any) -> Any:
        """The payload of a GET that must succeed."""
        reply = await self.call("GET", path, **query)
        assert reply.status == 200, reply.text
        return reply.json

    async def save(self, controller: str, **body: Any) -> Any:
        """The payload of a CreateOrUpdate that must succeed."""
        reply = await self.call("POST", f"{controller}/CreateOrUpdate", body)
        assert reply.status == 200, reply.text
        return reply.json

    async def search(self, controller: str, filter_text: str, **query: Any) -> list[int]:
        """The ids that a search finds."""
        return [
            record["id"] for record in await self.get(f"{controller}/Search", filter=filter_text, **query)
        ]

    async def log_in(self) -> str:
        reply = await self.call("POST", "Auth/Login", LOGIN, headers={})
        assert reply.status == 200, reply.text
        token: str = reply.json["access_token"]
        return token

    async def control(
        self, method: str, path: str, body: Any = None, *, content: bytes | None = None
    ) -> Reply:
        sent = json.dumps(body).encode() if body is not None else content
        return await self._ask(method, f"{self.addresses.control}/control/{path}", data=sent)

    async def switch(self, **switches: Any) -> None:
        reply = await self.control("PATCH", "switches", switches)
        assert reply.status == 200, reply.text

    async def plan(self, fault: str, **details: Any) -> None:
        reply = await self.control("POST", "faults", {"fault": fault, **details})
        assert reply.status == 201, reply.text

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table, read from the store's file and not through the sandbox."""
        with sqlite3.connect(f"file:{self.store_path}?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1")]

    async def _ask(self, method: str, url: str, **options: Any) -> Reply:
        async with self._session.request(method, url, **options) as response:
            return Reply(response.status, await response.text(), dict(response.headers))


@asynccontextmanager
async def listening_sandbox(
    store_path: Path, clock: SteeredClock, *, seed: bool = False, **switches: Any
) -> AsyncIterator[Driver]:
    """A sandbox on free ports, with room for as many calls as a test makes."""
    sandbox = create_sandbox(store_path, clock=clock, account=ACCOUNT, seed=seed)
    sandbox.board.change({"calls_per_window": 10_000, **switches})
    async with sandbox, aiohttp.ClientSession() as session:
        yield Driver(await sandbox.start(), session, store_path)
