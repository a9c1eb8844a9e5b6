"""Reads without the precaution that the tests are about."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tortoise.connection import get_connection

from models.database import READS
from services.reads import Meter, Reads


class _EachAlone:
    """A connection whose statements each see a state of their own."""

    def __init__(self) -> None:
        self._connection = get_connection(READS)
        self.capabilities = self._connection.capabilities

    async def execute_query(self, query: str, values: list[Any] | None = None) -> Any:
        return await self._connection.execute_query(query, values)

    def stop_at(self, _: float) -> None:
        """There is no transaction to end."""


@asynccontextmanager
async def reading_without_a_transaction(
    meter: Meter | None = None, *, ends_at: float | None = None
) -> AsyncIterator[Reads]:
    yield Reads(_EachAlone(), meter or Meter())
