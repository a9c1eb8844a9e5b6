"""The control address of the CRM sandbox, as the demo uses it. It stands for the CRM's own users and for bad days."""

from dataclasses import dataclass
from typing import Any

import aiohttp


@dataclass(frozen=True)
class SandboxControl:
    address: str

    async def get(self, path: str) -> Any:
        return await self._order("GET", path)

    async def post(self, path: str, body: object) -> Any:
        return await self._order("POST", path, body)

    async def patch(self, path: str, body: object) -> Any:
        return await self._order("PATCH", path, body)

    async def delete(self, path: str) -> None:
        await self._order("DELETE", path)

    async def _order(self, method: str, path: str, body: object = None) -> Any:
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.request(method, f"{self.address}/control/{path}", json=body) as answer,
        ):
            return None if method == "DELETE" else await answer.json()
