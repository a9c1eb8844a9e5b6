"""A PostgreSQL server of the tests' own: real, small, and gone with them."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.leash import LEASH
from tests.support.memory_folder import quick_folder

USER = "hub"
# No test pulls the machine's plug, so nothing has to wait for its disk. Where the product asks for durability, by
# synchronous_commit, it waits for the server all the same.
UNSAFE_BUT_QUICK = {"fsync": "off", "full_page_writes": "off"}
SMALL = {"shared_buffers": "32MB", "max_connections": "200", "max_wal_size": "256MB", "jit": "off"}


WITH_PASSWORD = "with_password"
"""The one role that must show a password."""


@dataclass
class PostgresServer:
    folder: Path
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    _leash: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def url(self, database: str) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        settings = {
            **UNSAFE_BUT_QUICK,
            **SMALL,
            **self.settings,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self.folder),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = [str(_folder_of_programs() / "postgres"), "-D", str(self.folder / "data"), *options]
        with (self.folder / "log.txt").open("a") as log:
            self._leash = subprocess.Popen(
                ["sh", "-c", LEASH, "sh", *server],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **as_nobody(),
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        """As `pg_ctl` does: the server writes into this file how far it is."""
        state = self.folder / "data" / "postmaster.pid"
        while not state.exists() or "ready" not in state.read_text():
            assert self._leash is not None
            assert self._leash.poll() is None, (self.folder / "log.txt").read_text()
            time.sleep(0.02)

    def stop(self, mode: str = "immediate") -> None:
        """`immediate` is a crash, `fast` what an administrator does: every connection ends at once in both."""
        self._run(
            "pg_ctl", "--pgdata", str(self.folder / "data"), "--silent", "stop", "--wait", "--mode", mode
        )
        assert self._leash is not None
        self._leash.communicate()

    def initialise(self) -> None:
        quick = ("--no-sync", "--no-instructions", "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
        self._run("initdb", "--pgdata", str(self.folder / "data"), "--username", USER, *quick)
        rules = self.folder / "data" / "pg_hba.conf"
        rules.write_text(f"host all {WITH_PASSWORD} all scram-sha-256\n{rules.read_text()}")

    def _run(self, program: str, *words: str) -> None:
        command = [str(_folder_of_programs() / program), *words]
        with (self.folder / "commands.txt").open("a+") as said:
            run = subprocess.run(
                command, cwd=self.folder, stdout=said, stderr=said, stdin=subprocess.DEVNULL, **as_nobody()
            )
            said.seek(0)
            assert run.returncode == 0, said.read()

    def output_of(self, program: str, *words: str) -> str:
        """Run one of PostgreSQL's programs and return what it prints."""
        command = [str(_folder_of_programs() / program), *words]
        run = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, **as_nobody())
        assert run.returncode == 0, run.stderr
        return run.stdout


@contextmanager
def running_postgres(**settings: str) -> Iterator[PostgresServer]:
    """A fresh server; not in pytest's own folder, which another user may not enter."""
    with quick_folder("hub-postgres-") as folder:
        server = PostgresServer(folder, free_port(), settings)
        if owner := as_nobody():
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


def as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; then it runs as somebody who may do nothing else here."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
