"""What the tests start ends with them, also where they are killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
POSTGRES = """
import time
from tests.support.postgres_server import running_postgres

with running_postgres() as server:
    print(server.port, flush=True)
    time.sleep(3600)
"""
FORK = """
import json, sys, time
from pathlib import Path
from tests.support.running_hub import ForkedCommand

log = Path(sys.argv[1])
sandbox = ForkedCommand("sandbox", "--store", str(log.with_name("crm.sqlite3")), environment={}, log=log)
print(json.loads(sandbox.stdout.readline())["crm"].rpartition(":")[2], flush=True)
time.sleep(3600)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize(
    "program",
    [pytest.param(POSTGRES, marks=pytest.mark.postgres, id="PostgreSQL"), pytest.param(FORK, id="a fork")],
)
def test_a_server_ends_with_the_tests_that_started_it(tmp_path, program, number):
    tests = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "log")], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert tests.stdout is not None
    port = int(tests.stdout.readline())
    assert listens(port)

    os.kill(tests.pid, number)
    tests.wait()
    tests.stdout.close()

    give_up_at = time.monotonic() + 60
    while listens(port) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert not listens(port)


def listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
