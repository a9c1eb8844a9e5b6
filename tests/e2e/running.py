"""Real processes: hubs and CRM sandboxes as their users start them, met only over their sockets and files.

`Command` starts `python -m server ...`. `ForkedCommand` runs the same `main` in a fork of a process that has imported
everything already: a process of its own like any other, only there sooner, for tests that start and kill many.
"""

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TextIO

from server.__main__ import main

PROJECT = Path(__file__).parents[2]
PATIENCE = 60.0

# The sandbox's own account and the numbers of its sample tenant.
TENANT = {
    "CRM_USERNAME": "integrazione@sandbox.example",
    "CRM_PASSWORD": "sandbox-password",
    "CRM_API_KEY": "sandbox-key",
    "CRM_INTAKE_SUB_TYPE_ID": "63705",
    "CRM_SHADOW_SUB_TYPE_ID": "63706",
    "CRM_ACTIVITY_TYPE": "7",
    "CRM_OPEN_STATE": "1",
    "CRM_COMPLETED_STATE": "2",
    "CRM_OPPORTUNITY_PHASE_ID": "53001",
}

# Windows and pauses that fit a test; no code is skipped.
TIMING = {
    "CRM_TIME_LIMIT": "2",
    "HUB_CRM_CALLS_PER_MINUTE": "100000",
    "HUB_SETTLE_SECONDS": "0.3",
    "HUB_LAG_BOUND_SECONDS": "0.3",
    "HUB_BACKOFF_SECONDS": "0.05",
    "HUB_SWEEP_SECONDS": "0.1",
}

Environment = Mapping[str, str]


class Command:
    """A process that runs one command of the house; what it says on standard error goes to `log`."""

    def __init__(self, *arguments: str, environment: Environment, log: Path, folder: Path = PROJECT) -> None:
        self.log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server", *arguments],
                env=_clean(environment) | {"PYTHONPATH": str(PROJECT)},
                cwd=folder,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        self.stdout: TextIO = self._process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        """The exit code, once it has ended."""
        code = self._process.wait(PATIENCE)
        self.stdout.close()
        return code


class ForkedCommand:
    """Like `Command`, in a fork of the process that multiprocessing keeps for it. `run` may stand in for `main`."""

    def __init__(
        self, *arguments: str, environment: Environment, log: Path, run: Callable[[], None] = main
    ) -> None:
        self.log = log
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["server.__main__"])
        reader, writer = context.Pipe(duplex=False)
        self._process = context.Process(
            target=_be_command, args=(run, arguments, _clean(environment), str(log), writer), daemon=True
        )
        self._process.start()
        writer.close()
        self.stdout: TextIO = os.fdopen(os.dup(reader.fileno()), encoding="utf-8")
        reader.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def wait(self) -> int:
        self._process.join(PATIENCE)
        assert self._process.exitcode is not None, "The process did not end."
        self.stdout.close()
        return self._process.exitcode


AnyCommand = Command | ForkedCommand


def _be_command(
    run: Callable[[], None], arguments: Sequence[str], environment: Environment, log: str, stdout: Connection
) -> None:
    """Become, inside a fork, what `python -m server` with these arguments would be."""
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(errors, sys.stderr.fileno())
    os.dup2(stdout.fileno(), sys.stdout.fileno())
    stdout.close()
    os.chdir(PROJECT)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["server", *arguments]
    run()


def _clean(environment: Environment) -> dict[str, str]:
    """Ours, and what the machine needs, but no setting of whoever runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUB_", "CRM_")) and name != "DATABASE_URL"
    }
    return kept | dict(environment)
