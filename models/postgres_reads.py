"""PostgreSQL for reads: transactions in which all statements see the state that the first of them found."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionContext
from tortoise.backends.base_postgres.client import translate_exceptions

from models.postgres import LOST, PostgresClient, ReleasingContext


class ReadTransaction(TransactionWrapper):
    @property
    def origin(self) -> object:
        return self._parent

    async def begin(self) -> None:
        self.transaction = self._connection.transaction(isolation="repeatable_read", readonly=True)
        await self.transaction.start()

    async def rollback(self) -> None:
        # Nothing was written, so nothing is lost with a lost connection.
        with suppress(*LOST):
            await super().rollback()

    async def commit(self) -> None:
        await self.rollback()

    def stop_at(self, monotonic: float) -> None:
        """Let the server end the statement at this time: the driver asks it to."""


class SingleRead:
    """One statement over a connection of the pool. It sees one state by itself, so no transaction is begun for it."""

    def __init__(self, client: "PostgresReads") -> None:
        self._client = self.origin = client
        self.capabilities = client.capabilities

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        rows = await self._client.fetch(query, values or [])
        return len(rows), rows

    def stop_at(self, monotonic: float) -> None:
        """A cancelled statement is ended by the driver."""


class PostgresReads(PostgresClient):
    def single_read(self) -> SingleRead:
        return SingleRead(self)

    @translate_exceptions
    async def fetch(self, query: str, values: list[Any]) -> Sequence[Any]:
        async with self.acquire_connection() as connection:
            rows: Sequence[Any] = await connection.fetch(query, *values)
        return rows

    def _in_transaction(self) -> TransactionContext:
        return ReleasingContext(ReadTransaction(self), self._pool_init_lock)


client_class = PostgresReads
