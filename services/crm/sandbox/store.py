"""The store: one SQLite file, one table per resource, a log of every call.

What was answered is on disk: every transaction is synchronised before it returns. Lines of the log that are
written outside of one survive a kill of the process, though not a power cut, and so never wait for the disk.

The `body` of a row is the record as `GET X/{id}` answers it with dates in UTC; `indexed_body` is what a
search still shows until `visible_at` (§5).
"""

import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from services.crm.sandbox.resources import RESOURCES, Resource

_CUSTOMER = "customer_id"
_FIRST_CUSTOMER = 100_000

_RECORDS = """
CREATE TABLE IF NOT EXISTS {table} (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    modified_at TEXT NOT NULL,
    visible_at TEXT NOT NULL,
    indexed_body TEXT,
    deleted_at TEXT
)"""

_MACHINERY = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    query TEXT NOT NULL,
    controller TEXT,
    action TEXT,
    paid_by TEXT,
    status INTEGER,
    effect TEXT,
    fault TEXT,
    duration_ms REAL
);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    body TEXT NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0,
    used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS merger (
    resource TEXT NOT NULL,
    id INTEGER NOT NULL,
    survivor_id INTEGER NOT NULL,
    PRIMARY KEY (resource, id)
);
CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, user_id INTEGER NOT NULL, expires_at TEXT NOT NULL);
"""


class UnusableStore(Exception):
    """The file cannot be a store. The message says which one, and what to do."""


@dataclass(frozen=True)
class StoredRecord:
    """One row of a resource's table."""

    id: int
    body: Mapping[str, Any]
    created_at: str
    modified_at: str
    visible_at: str
    indexed_body: Mapping[str, Any] | None
    deleted_at: str | None

    def shown_at(self, now: str) -> Mapping[str, Any] | None:
        """What a search shows of it: nothing or the former state until the index has caught up."""
        if self.deleted_at is not None:
            return None
        return self.body if self.visible_at <= now else self.indexed_body


class Store:
    """The file behind the sandbox; every method is synchronous and durable once its transaction ends."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None)
            self._open()
        except (OSError, sqlite3.Error) as error:
            raise UnusableStore(
                f"The sandbox cannot use its file {path}: {error}. Move it away, and a new one is made."
            ) from error

    def _open(self) -> None:
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA busy_timeout = 5000")
        (verdict,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(" ".join(verdict.split()))
        with self.transaction():
            self._create_tables()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write all of it or none of it; on the way out it is on disk."""
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        finally:
            self._connection.execute("PRAGMA synchronous = NORMAL")

    def _create_tables(self) -> None:
        for statement in _MACHINERY.split(";"):
            self._connection.execute(statement)
        for resource in RESOURCES.values():
            self._connection.execute(_RECORDS.format(table=resource.table))
            self._start_ids(resource)
        # Each store is a tenant of its own, and stays the same one for as long as its file lives.
        self._connection.execute(
            "INSERT OR IGNORE INTO setting (name, value) VALUES (?, ?)",
            (_CUSTOMER, str(_FIRST_CUSTOMER + secrets.randbelow(_FIRST_CUSTOMER * 9))),
        )

    @property
    def customer_id(self) -> int:
        """The number of the tenant whose records these are."""
        return int(self.find_setting(_CUSTOMER) or 0)

    def _start_ids(self, resource: Resource) -> None:
        # SQLite's own sequence never gives an id twice, not even after the row with the highest is deleted.
        self._connection.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ?"
            " WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)",
            (resource.table, resource.first_id - 1, resource.table),
        )

    # Records

    def insert_record(
        self, table: str, body: Mapping[str, Any], *, at: str, visible_at: str, record_id: int | None = None
    ) -> int:
        cursor = self._connection.execute(
            f"INSERT INTO {table} (id, body, created_at, modified_at, visible_at) VALUES (?, ?, ?, ?, ?)",  # noqa: S608
            (record_id, _to_json(body), at, at, visible_at),
        )
        new_id = cursor.lastrowid
        assert new_id is not None
        return new_id

    def rewrite_record(
        self, table: str, record: StoredRecord, body: Mapping[str, Any], *, at: str, visible_at: str
    ) -> None:
        indexed = record.shown_at(at)
        self._connection.execute(
            f"UPDATE {table} SET body = ?, modified_at = ?, visible_at = ?, indexed_body = ? WHERE id = ?",  # noqa: S608
            (_to_json(body), at, visible_at, None if indexed is None else _to_json(indexed), record.id),
        )

    def erase_record(self, table: str, record_id: int) -> None:
        self._connection.execute(f"DELETE FROM {table} WHERE id = ?", (record_id,))  # noqa: S608

    def mark_deleted(self, table: str, record_id: int, *, at: str) -> None:
        self._connection.execute(f"UPDATE {table} SET deleted_at = ? WHERE id = ?", (at, record_id))  # noqa: S608

    def save_merger(self, table: str, record_id: int, survivor_id: int) -> None:
        self._connection.execute("INSERT INTO merger VALUES (?, ?, ?)", (table, record_id, survivor_id))

    def find_survivor(self, table: str, record_id: int) -> int | None:
        row = self._connection.execute(
            "SELECT survivor_id FROM merger WHERE resource = ? AND id = ?", (table, record_id)
        ).fetchone()
        return None if row is None else row["survivor_id"]

    def find_record(self, table: str, record_id: int) -> StoredRecord | None:
        row = self._connection.execute(f"SELECT * FROM {table} WHERE id = ?", (record_id,)).fetchone()  # noqa: S608
        return None if row is None else _record(row)

    def list_records(self, table: str) -> list[StoredRecord]:
        return [_record(row) for row in self._connection.execute(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608

    def is_taken(self, table: str, name: str, value: str, *, except_id: int | None) -> bool:
        """Return whether a record that was not deleted has this value of a property."""
        (taken,) = self._connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM {table}"  # noqa: S608
            " WHERE deleted_at IS NULL AND id IS NOT ? AND json_extract(body, ?) = ?)",
            (except_id, f"$.{name}", value),
        ).fetchone()
        return bool(taken)

    # Calls

    def log_call(self, *, at: str, method: str, path: str, query: str) -> int:
        cursor = self._connection.execute(
            "INSERT INTO calls (at, method, path, query) VALUES (?, ?, ?, ?)", (at, method, path, query)
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def amend_call(self, call_id: int, **columns: str | int | float | None) -> None:
        assignments = ", ".join(f"{column} = ?" for column in columns)
        self._connection.execute(
            f"UPDATE calls SET {assignments} WHERE id = ?",  # noqa: S608
            (*columns.values(), call_id),
        )

    def list_calls(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute("SELECT * FROM calls ORDER BY id")]

    # Settings, faults, tokens

    def find_setting(self, name: str) -> str | None:
        row = self._connection.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return None if row is None else row["value"]

    def save_setting(self, name: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, value))

    def add_fault(self, body: str) -> int:
        cursor = self._connection.execute("INSERT INTO fault (body) VALUES (?)", (body,))
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def list_faults(self) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute("SELECT * FROM fault ORDER BY id")]

    def count_fault(self, fault_id: int, *, seen: int, used: int) -> None:
        self._connection.execute("UPDATE fault SET seen = ?, used = ? WHERE id = ?", (seen, used, fault_id))

    def save_token(self, digest: str, *, user_id: int, expires_at: str) -> None:
        self._connection.execute("INSERT INTO token VALUES (?, ?, ?)", (digest, user_id, expires_at))

    def find_token_owner(self, digest: str, *, now: str) -> int | None:
        row = self._connection.execute(
            "SELECT user_id FROM token WHERE digest = ? AND expires_at > ?", (digest, now)
        ).fetchone()
        return None if row is None else row["user_id"]

    def empty(self, tables: Iterable[str]) -> None:
        for table in tables:
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608


def _to_json(body: Mapping[str, Any]) -> str:
    return orjson.dumps(body).decode()


def _record(row: sqlite3.Row) -> StoredRecord:
    columns = dict(row)
    columns["body"] = {"id": columns["id"], **orjson.loads(columns["body"])}
    indexed = columns["indexed_body"]
    columns["indexed_body"] = None if indexed is None else {"id": columns["id"], **orjson.loads(indexed)}
    return StoredRecord(**columns)
