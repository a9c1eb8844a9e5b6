"""PostgreSQL for reads: transactions in which all statements see the state that the first of them found."""

from contextlib import suppress

from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.backends.base.client import TransactionContext

from models.postgres import LOST, PostgresClient, ReleasingContext


class ReadTransaction(TransactionWrapper):
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


class PostgresReads(PostgresClient):
    def _in_transaction(self) -> TransactionContext:
        return ReleasingContext(ReadTransaction(self), self._pool_init_lock)


client_class = PostgresReads
