"""What a program sends to its database, as the database gets it: BEGIN, COMMIT and every row of a batch, too."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest


@contextmanager
def sent_statements() -> Iterator[list[str]]:
    """Yield a list of what is sent over every connection that is opened within the block."""
    sent: list[str] = []
    connect, begin, many = sqlite3.connect, asyncpg.Connection.__init__, asyncpg.Connection._executemany

    def watched(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.set_trace_callback(sent.append)
        return connection

    def begin_watched(connection: Any, *args: Any, **options: Any) -> None:
        begin(connection, *args, **options)
        connection.add_query_logger(lambda query: sent.append(query.query))

    async def many_watched(connection: Any, query: str, rows: Any, *rest: Any, **options: Any) -> Any:
        rows = list(rows)
        # asyncpg reports a batch as one.
        sent.extend([query] * (len(rows) - 1))
        return await many(connection, query, rows, *rest, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite3, "connect", watched)
        patch.setattr(asyncpg.Connection, "__init__", begin_watched)
        patch.setattr(asyncpg.Connection, "_executemany", many_watched)
        yield sent
