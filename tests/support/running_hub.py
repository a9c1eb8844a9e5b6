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
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait as wait_for
from pathlib import Path
from threading import Thread, current_thread, main_thread
from typing import TextIO

from server.commands import main
from services.crm.protocol import SLOT_LIFETIME
from tests.support.leash import end_with_parent

PROJECT = Path(__file__).parents[2]
PATIENCE = 60.0

# The program, and what it imports as late as when it serves.
PRELOADED = ["server.commands", "server.application", "models.sqlite", "holidays.countries"]

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
    "HUB_POLL_SECONDS": "0",
    "HUB_SETTLE_SECONDS": "0.3",
    "HUB_LAG_BOUND_SECONDS": "0.3",
    "HUB_SECOND_LOOK_SECONDS": "0",
    "HUB_BREAKER_SECONDS": "0.2",
    "HUB_BACKOFF_SECONDS": "0.05",
    "HUB_SWEEP_SECONDS": "0.1",
}

ON_THE_WAY = SLOT_LIFETIME + 0.5
"""Seconds by which a call may come late that goes to the same machine: its connection is there at once."""

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
                # A thread may end before the program that it started is to end.
                preexec_fn=end_with_parent if current_thread() is main_thread() else None,
            )
        assert self._process.stdout is not None
        self.stdout: TextIO = self._process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def ends_within(self, seconds: float) -> bool:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self.exit_code is not None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()


class ForkedCommand:
    """Like `Command`, in a fork of the process that multiprocessing keeps for it. `run` may stand in for `main`."""

    def __init__(
        self, *arguments: str, environment: Environment, log: Path, run: Callable[[], None] = main
    ) -> None:
        self.log = log
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
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

    def ends_within(self, seconds: float) -> bool:
        # Not join(): multiprocessing's own tidying, in another thread, may read the exit code at the same moment.
        return bool(wait_for([self._process.sentinel], seconds))


AnyCommand = Command | ForkedCommand
Start = Callable[..., AnyCommand]


def _be_command(
    run: Callable[[], None], arguments: Sequence[str], environment: Environment, log: str, stdout: Connection
) -> None:
    """Become, inside a fork, what `python -m server` with these arguments would be."""
    Thread(target=_end_with_tests, daemon=True).start()
    errors = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(errors, sys.stderr.fileno())
    os.dup2(stdout.fileno(), sys.stdout.fileno())
    stdout.close()
    # The fork server opened its output as a file; a pipe has no position that could be asked for.
    sys.stdout = open(sys.stdout.fileno(), "w", closefd=False)  # noqa: SIM115
    os.chdir(PROJECT)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["server", *arguments]
    run()


def _end_with_tests() -> None:
    """End as soon as the process of the tests has ended. The fork server, our parent, waits for us until then."""
    tests = multiprocessing.parent_process()
    assert tests is not None
    tests.join()
    os.kill(os.getpid(), signal.SIGKILL)


def _clean(environment: Environment) -> dict[str, str]:
    """Ours, and what the machine needs, but no setting of the person who runs the tests."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HUB_", "CRM_")) and name != "DATABASE_URL"
    }
    return kept | dict(environment)


@dataclass(frozen=True)
class Files:
    """Where a hub and its CRM keep everything that outlives their processes; the hub's database may be elsewhere."""

    folder: Path
    elsewhere: str | None = None

    @property
    def database(self) -> Path:
        return self.folder / "hub.sqlite3"

    @property
    def database_url(self) -> str:
        return self.elsewhere or f"sqlite://{self.database}"

    @property
    def store(self) -> Path:
        return self.folder / "crm.sqlite3"

    @property
    def log(self) -> Path:
        return self.folder / "log.txt"

    def copy_to(self, folder: Path) -> "Files":
        """The same once more, for a test of its own; nothing may be writing."""
        copy = Files(folder)
        folder.mkdir(parents=True)
        for source, target in ((self.database, copy.database), (self.store, copy.store)):
            if source.exists():
                with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(target)) as made:
                    original.backup(made)
        return copy


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: the CRM's address, and the control address that its files are arranged by."""

    command: AnyCommand
    crm: str
    control: str


@dataclass(frozen=True)
class RunningHub:
    command: AnyCommand
    address: str


@contextmanager
def running_sandbox(
    files: Files, *, start: Start = ForkedCommand, at: Sandbox | None = None
) -> Iterator[Sandbox]:
    """A sandbox over the files; `at` the addresses of a former one, where it is to take its place."""
    arguments = [
        "--store",
        str(files.store),
        "--seed",
        "--switches",
        json.dumps({"calls_per_window": 100_000}),
    ]
    if at is not None:
        arguments += ["--port", _port(at.crm), "--control-port", _port(at.control)]
    command = start("sandbox", *arguments, environment={}, log=files.log)
    with _stopped_after(command):
        yield Sandbox(command, **json.loads(_first_line(command)))


@contextmanager
def running_hub(
    files: Files, sandbox: Sandbox, *, start: Start = ForkedCommand, **settings: str
) -> Iterator[RunningHub]:
    command = start("serve", environment=hub_environment(files, sandbox.crm) | settings, log=files.log)
    with _stopped_after(command):
        yield RunningHub(command, _first_line(command).removeprefix("IntelligenceHub listens on ").strip())


def run_command(files: Files, *arguments: str) -> str:
    """What a command prints on the way to its end."""
    command = ForkedCommand(*arguments, environment=hub_environment(files, "http://crm.test"), log=files.log)
    with _stopped_after(command):
        printed = command.stdout.read()
        assert command.ends_within(PATIENCE)
    return printed


def hub_environment(files: Files, crm: str) -> dict[str, str]:
    return {
        **TENANT,
        **TIMING,
        "CRM_BASE_URL": crm,
        "HUB_DATABASE_URL": files.database_url,
        "HUB_PORT": "0",
    }


def kill(command: AnyCommand) -> None:
    """End it as a power cut would."""
    command.send(signal.SIGKILL)
    assert command.ends_within(PATIENCE)


def stop(command: AnyCommand) -> None:
    """Ask it to end, as a service manager does; it must end in good order."""
    command.send(signal.SIGTERM)
    assert command.ends_within(PATIENCE), command.log.read_text()
    if isinstance(command, Command):
        assert command.exit_code == 0


@contextmanager
def _stopped_after(command: AnyCommand) -> Iterator[None]:
    try:
        yield
    finally:
        if not command.ends_within(0):
            stop(command)
        command.stdout.close()


def _first_line(command: AnyCommand) -> str:
    line = command.stdout.readline()
    assert line, f"It ended before it said where it listens: {command.log.read_text()}"
    return line


def _port(address: str) -> str:
    return address.rpartition(":")[2]
