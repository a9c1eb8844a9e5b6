"""A PgBouncer of the tests' own in front of their PostgreSQL, with its settings as they come."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.leash import LEASH
from tests.support.postgres_server import USER, PostgresServer, as_nobody, free_port

SETTINGS = """
[databases]
* = host=127.0.0.1 port={server} user={user}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
"""


@contextmanager
def running_pgbouncer(server: PostgresServer, mode: str) -> Iterator[int]:
    """The port of a pooler with this `pool_mode`."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    assert program is not None, "PgBouncer is not installed; `make test WITHOUT=pgbouncer` does without it."
    port = free_port()
    settings = Path(server.folder / f"pgbouncer-{port}.ini")
    settings.write_text(SETTINGS.format(server=server.port, user=USER, port=port, mode=mode))
    process = subprocess.Popen(
        ["sh", "-c", LEASH, "sh", program, "--quiet", str(settings)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **as_nobody(),
    )
    try:
        _wait_for(process, port)
        yield port
    finally:
        process.communicate()


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise AssertionError("PgBouncer did not start.")
