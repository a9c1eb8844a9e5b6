"""A PostgreSQL server of the tests' own: real, small, and gone with them."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.quick_folder import quick_folder

USER = "hub"
# No test pulls the machine's plug, so nothing has to wait for its disk. Where the product asks for durability, by
# synchronous_commit, it waits for the server all the same.
UNSAFE_BUT_QUICK = {"fsync": "off", "full_page_writes": "off"}
SMALL = {"shared_buffers": "32MB", "max_connections": "200", "max_wal_size": "256MB", "jit": "off"}


@dataclass(frozen=True)
class PostgresServer:
    folder: Path
    port: int

    def url(self, database: str) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        settings = {
            **UNSAFE_BUT_QUICK,
            **SMALL,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = self.folder / "log.txt"
        self._control("start", "--wait", "--log", str(log), "--options", options)

    def stop(self, mode: str = "immediate") -> None:
        """`immediate` is a crash, `fast` what an administrator does: every connection ends at once in both."""
        self._control("stop", "--wait", "--mode", mode)

    def initialise(self) -> None:
        quick = ("--no-sync", "--no-instructions", "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
        self._run("initdb", "--pgdata", str(self.folder / "data"), "--username", USER, *quick)

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "--pgdata", str(self.folder / "data"), "--silent", *words)

    def _run(self, program: str, *words: str) -> None:
        command = [str(_folder_of_programs() / program), *words]
        # The server outlives pg_ctl and would keep a pipe open, so what it says goes to a file.
        with (self.folder / "commands.txt").open("a+") as said:
            run = subprocess.run(
                command, cwd=self.folder, stdout=said, stderr=said, stdin=subprocess.DEVNULL, **_as_nobody()
            )
            said.seek(0)
            assert run.returncode == 0, said.read()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A fresh server; not in pytest's own folder, which another user may not enter."""
    with quick_folder("hub-postgres-") as folder:
        server = PostgresServer(folder, _free_port())
        if owner := _as_nobody():
            os.chown(folder, owner["user"], owner["group"])
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            # A crash would leave its shared memory behind.
            server.stop("fast")


def _folder_of_programs() -> Path:
    """Debian keeps the server's programs out of the path, one folder for each version; the newest serves us."""
    found: Sequence[Path] = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    anywhere = shutil.which("initdb")
    if found:
        return found[-1].parent
    assert anywhere is not None, "PostgreSQL is not installed; `make test WITHOUT=postgres` does without it."
    return Path(anywhere).resolve().parent


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; then it runs as somebody who may do nothing else here."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
