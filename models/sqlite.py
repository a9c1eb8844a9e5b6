"""SQLite for Tortoise. Transactions take the write lock at once and always return the connection.

A deferred transaction reads first and asks for the lock later. Two processes then block each other, and one of them
fails with "database is locked", whatever the busy timeout is.
"""

from typing import Any

from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections

from models.held_writes import SendsHeldWrites
from models.transaction import transaction


class ImmediateTransaction(SendsHeldWrites, SqliteTransactionWrapper):
    async def begin(self) -> None:
        await self._connection.execute("BEGIN IMMEDIATE")

    async def execute_script(self, query: str) -> None:
        """Run one statement after the other; SQLite's own function would commit the transaction first."""
        for statement in filter(None, map(str.strip, query.split(";"))):
            await self.execute_query(statement)


class ReleasingContext(SqliteTransactionContext):
    """Leaves neither a lock nor an open transaction behind when one cannot begin or commit.

    This happens when another process writes for longer than the busy timeout, or the disk is full.
    """

    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            await self._release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        inside: TransactionalDBClient = self.connection
        return inside

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        try:
            if exc_type is None:
                await self.connection.commit()
        finally:
            get_connections().reset(self.token)
            await self._release()

    async def _release(self) -> None:
        """Roll back what is still open, and let the next task in."""
        try:
            if self.connection._connection is not None:
                await self.connection._connection.rollback()
        finally:
            self._trxlock.release()


class ImmediateSqliteClient(SqliteClient):
    def _in_transaction(self) -> TransactionContext:
        return ReleasingContext(ImmediateTransaction(self), self._lock)

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Write all rows or none, also outside a transaction. The ORM's own way there is lost on cancellation."""
        async with transaction() as inside:
            await inside.execute_many(query, values)


client_class = ImmediateSqliteClient
