"""Writes of a transaction that wait until its next statement, so that several become one."""

from collections.abc import Awaitable, Callable
from typing import Any


class SendsHeldWrites:
    """For a transaction: calls `held` before the next statement, so that every statement sees what was written."""

    held: Callable[[], Awaitable[None]] | None = None

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        await self._send_held()
        return await super().execute_query(query, values)  # type: ignore[misc]

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> Any:
        await self._send_held()
        return await super().execute_query_dict(query, values)  # type: ignore[misc]

    async def execute_insert(self, query: str, values: list[Any]) -> Any:
        await self._send_held()
        return await super().execute_insert(query, values)  # type: ignore[misc]

    async def execute_many(self, query: str, values: list[Any]) -> None:
        await self._send_held()
        await super().execute_many(query, values)  # type: ignore[misc]

    async def execute_script(self, query: str) -> None:
        await self._send_held()
        await super().execute_script(query)  # type: ignore[misc]

    async def _send_held(self) -> None:
        held, self.held = self.held, None
        if held is not None:
            await held()
