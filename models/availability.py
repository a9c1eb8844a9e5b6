"""Whether an error means that the database is away, full or read-only, or that our request was wrong."""

import sqlite3

import asyncpg  # type: ignore[import-untyped]
from tortoise.exceptions import DBConnectionError

_SQLITE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}
_POSTGRES = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InternalClientError,
)


def is_unavailable(error: BaseException | None) -> bool:
    """Look for the database's own error inside the errors that the ORM wraps around it.

    >>> is_unavailable(ConnectionRefusedError()), is_unavailable(ValueError())
    (True, False)
    """
    if error is None:
        return False
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in _SQLITE
    if isinstance(error, asyncpg.InterfaceError):
        # Its subclass for values that do not fit a column is a mistake of ours.
        return not isinstance(error, ValueError)
    if isinstance(error, (*_POSTGRES, DBConnectionError, ConnectionError)):
        return True
    return is_unavailable(error.__cause__)
