"""Whether the hub can work with this database: checked before it is opened, with a one-sentence answer if not."""

import asyncio
import fcntl
import os
import socket
import sqlite3
import ssl
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]
from tortoise.exceptions import OperationalError

from models.postgres import PostgresClient, connected

RECORD = "tortoise_migrations"
"""The table that records which migrations were applied to a database."""

_PRIVATE_FILE, _PRIVATE_FOLDER = 0o600, 0o700
_FAULTS_OF_FILES = (
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_CORRUPT",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_NOTADB",
    "SQLITE_READONLY",
)
_EXPECTED = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError)


class UnfitDatabase(Exception):
    """The hub cannot work with the database. The message says which one, why, and what to do."""


def prepare_file(path: Path) -> None:
    """Create the file and its folder for this user alone, and check that SQLite can use it."""
    try:
        path.parent.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        if path.exists() and not path.is_file():
            raise _unfit_file(path, "it is a folder" if path.is_dir() else "it is not a file")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE))
        if not os.access(path.parent, os.W_OK):
            raise _unfit_file(path, "SQLite keeps files beside it, and this user may not write its folder")
        _make_private(path)
    except OSError as error:
        raise _unfit_file(path, (error.strerror or str(error)).lower()) from None
    _examine_file(path)


def _make_private(path: Path) -> None:
    """Remove other users' access to the file and those beside it, if they are ours."""
    for each in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        if each.exists() and each.stat().st_uid == os.geteuid():
            each.chmod(_PRIVATE_FILE)


def is_open_to_others(folder: Path) -> bool:
    """Whether other users of the machine may look into the folder."""
    return bool(stat.S_IMODE(folder.stat().st_mode) & 0o077)


def _examine_file(path: Path) -> None:
    with explained_file(path), closing(sqlite3.connect(path)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
    if verdict != "ok":
        raise _unfit_file(path, f"it is damaged; restore a backup: {' '.join(str(verdict).split())}")
    if tables and RECORD not in tables:
        raise _unfit_file(path, "it holds the tables of another program")


def _unfit_file(path: Path, reason: str) -> UnfitDatabase:
    return UnfitDatabase(f"The file {path} cannot be used as the hub's database: {reason}.")


@asynccontextmanager
async def alone_with(path: Path) -> AsyncIterator[None]:
    """Let in one process at a time among all that use this folder's files. A killed process is out at once.

    The folder is locked and not the file: SQLite's own locks on a file end when the file is closed anywhere else in
    the same process.
    """
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        await asyncio.to_thread(fcntl.flock, folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


async def examine_server(client: PostgresClient, tables: list[str]) -> None:
    """Check that the server lets us in and that the database suits us: it is ours, or has no such tables."""
    with explained_server(client):
        async with connected(client) as connection, connected(client) as another:
            if await _server_process(connection) == await _server_process(another):
                raise _unfit(client, _NEEDS_SESSIONS)
            for reason in await _reasons(connection, tables):
                raise _unfit(client, reason)


_NEEDS_SESSIONS = (
    "the pooler hands connections from transaction to transaction; LISTEN needs pool_mode=session"
)


async def _server_process(connection: asyncpg.Connection) -> int:
    async with connection.transaction():
        process: int = await connection.fetchval("SELECT pg_backend_pid()")
        return process


async def _reasons(connection: asyncpg.Connection, tables: list[str]) -> list[str]:
    row = await connection.fetchrow(
        "SELECT current_setting('server_encoding') AS encoding, current_setting('transaction_read_only') AS read_only,"
        " current_user AS role, current_schema() AS schema,"
        " coalesce(has_schema_privilege(current_schema(), 'CREATE'), FALSE) AS may_create,"
        " to_regclass($1) IS NULL AND EXISTS (SELECT FROM pg_tables WHERE schemaname = current_schema()"
        " AND tablename = ANY($2)) AS of_another_program",
        RECORD,
        tables,
    )
    schema, role = row["schema"] or "public", row["role"]
    checks = {
        f"its encoding is {row['encoding']} and must be UTF8": row["encoding"] != "UTF8",
        "its sessions are read-only": row["read_only"] == "on",
        f"its schema {schema} holds the tables of another program": row["of_another_program"],
        f"the role {role} may not create tables in its schema {schema}; its owner allows it with"
        f" GRANT CREATE ON SCHEMA {schema} TO {role}": not row["may_create"],
    }
    return [reason for reason, holds in checks.items() if holds]


@contextmanager
def explained_server(client: PostgresClient) -> Iterator[None]:
    """Turn the expected failures of a server into `UnfitDatabase`."""
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.__cause__, asyncpg.InsufficientPrivilegeError):
            raise
        raise _unfit(client, _one_line(error)) from error
    except _EXPECTED as error:
        raise _unfit(client, _reason(error, client)) from error


@contextmanager
def explained_file(path: Path) -> Iterator[None]:
    """Turn the expected failures of SQLite and its file into `UnfitDatabase`."""
    try:
        yield
    except (sqlite3.DatabaseError, OperationalError) as error:
        cause = error if isinstance(error, sqlite3.Error) else error.args[0]
        if getattr(cause, "sqlite_errorname", "").startswith(_FAULTS_OF_FILES):
            raise _unfit_file(path, str(cause)) from error
        raise


def _unfit(client: PostgresClient, reason: str) -> UnfitDatabase:
    return UnfitDatabase(f"The database {client.address.shown} (HUB_DATABASE_URL) cannot be used: {reason}.")


def _reason(error: BaseException, client: PostgresClient) -> str:
    match error:
        case asyncpg.DuplicatePreparedStatementError() | asyncpg.InvalidSQLStatementNameError():
            return _NEEDS_SESSIONS
        case asyncpg.InvalidCatalogNameError():
            return f"{_one_line(error)}; create it with createdb --encoding UTF8"
        case ConnectionRefusedError():
            return "nothing listens there"
        case socket.gaierror():
            return "no address is known for this host"
        case ssl.SSLCertVerificationError():
            return f"the server's certificate is not trusted ({error.verify_message})"
        case FileNotFoundError() | PermissionError():
            return f"a file that it names, or its socket, cannot be read ({error.strerror})"
        case TimeoutError():
            return f"it does not answer within {client.address.connect_seconds:g} seconds"
        case ConnectionError() if "rejected SSL upgrade" in str(error):
            return "it offers no TLS, and sslmode demands it"
        case _:
            return _one_line(error)


def _one_line(error: BaseException) -> str:
    """Return the message of the server or the system in one line."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
