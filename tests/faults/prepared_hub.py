"""One database, one CRM and the processes of the hub that work on them, and how a strike hits them."""

import asyncio
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from tests.faults.hooks import HOOKS
from tests.faults.plan import Blow, Plan, Strike
from tests.faults.stage import NAME, Stage
from tests.faults.timing import SETTINGS
from tests.support.databases import PostgresDatabases, SqliteFiles, copy_sqlite
from tests.support.graphql_client import Client
from tests.support.running_hub import (
    TENANT,
    AnyCommand,
    Files,
    ForkedCommand,
    Sandbox,
    kill,
    running_sandbox,
    stop,
)

WHO = {
    Blow.KILL: None,
    Blow.FREEZE: None,
    Blow.STALL: "CRM",
    Blow.CRM_AWAY: "CRM",
    Blow.DATABASE_AWAY: "database",
}
"""Who is struck by a blow; None for the process that the strike names."""


@dataclass
class HubProcess:
    """One process of the hub. Its address is empty where it has none, or none yet."""

    command: AnyCommand
    address: str


@dataclass
class PreparedHub:
    plan: Plan
    stage: Stage
    files: Files
    database_url: str
    sandbox: Sandbox
    _stack: ExitStack
    processes: list[HubProcess] = field(default_factory=list)
    _struck: defaultdict[object, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def open(self) -> None:
        for number in range(self.plan.processes):
            self.processes.append(self._start(number))

    def close(self) -> None:
        for process in self.processes:
            if not process.command.ends_within(0):
                stop(process.command)
            process.command.stdout.close()

    def address(self, number: int) -> str:
        """Of the first process that serves, counted from this one."""
        order = self.processes[number % len(self.processes) :] + self.processes
        return next((process.address for process in order if process.address), "http://127.0.0.1:9")

    def undergo(self, strike: Strike) -> tuple[float, float]:
        """Carry out a strike and recover from it. Return when it began and ended. Strikes on one target take turns."""
        with self._struck[strike.target if WHO[strike.blow] is None else WHO[strike.blow]]:
            began = time.time()
            match strike.blow:
                case Blow.KILL:
                    self._kill(strike)
                case Blow.FREEZE:
                    self._freeze(self.processes[strike.target].command, strike.seconds)
                case Blow.STALL:
                    self._freeze(self.sandbox.command, strike.seconds)
                case Blow.CRM_AWAY:
                    self._replace_crm(strike.seconds)
                case Blow.DATABASE_AWAY:
                    self._restart_database(strike.seconds)
            return began, time.time()

    def _start(self, number: int) -> HubProcess:
        # The first one serves; of the others every second is a worker without the API.
        name = "work" if number % 2 else "serve"
        command = ForkedCommand(
            name, environment=self._environment(), log=self.files.log, run=HOOKS[self.plan.hook]
        )
        said = command.stdout.readline()
        assert said, self.files.log.read_text()[-2000:]
        return HubProcess(command, said.rpartition(" ")[2].strip() if name == "serve" else "")

    def _environment(self) -> dict[str, str]:
        return {
            **TENANT,
            **SETTINGS,
            "CRM_BASE_URL": self.sandbox.crm,
            "HUB_DATABASE_URL": self.database_url,
            "HUB_CRM_CALLS_PER_MINUTE": str(self.plan.calls_per_minute),
            **self.plan.settings,
        }

    def _kill(self, strike: Strike) -> None:
        process = self.processes[strike.target]
        kill(process.command)
        process.command.stdout.close()
        time.sleep(strike.seconds)
        self.processes[strike.target] = self._start(strike.target)

    def _freeze(self, command: AnyCommand, seconds: float) -> None:
        command.send(signal.SIGSTOP)
        time.sleep(seconds)
        command.send(signal.SIGCONT)

    def _replace_crm(self, seconds: float) -> None:
        """Whatever connects meanwhile is refused; what was answered is on disk."""
        kill(self.sandbox.command)
        time.sleep(seconds)
        self.sandbox = self._stack.enter_context(running_sandbox(self.files, at=self.sandbox))

    def _restart_database(self, seconds: float) -> None:
        assert isinstance(self.stage.databases, PostgresDatabases)
        self.stage.databases.server.stop("immediate")
        time.sleep(seconds)
        self.stage.databases.server.start()


@contextmanager
def prepared_hub(plan: Plan, stage: Stage, folder: Path) -> Iterator[PreparedHub]:
    """Start a hub over copies of the stage, with the faults of the plan prepared."""
    folder.mkdir(parents=True)
    files = Files(folder)
    copy_sqlite(stage.store, files.store)
    with ExitStack() as stack:
        url = stack.enter_context(_copied_database(stage, files))
        sandbox = stack.enter_context(running_sandbox(files))
        _prepare(Client(sandbox.control), plan)
        hub = PreparedHub(plan, stage, files, url, sandbox, stack)
        stack.callback(hub.close)
        hub.open()
        yield hub


@contextmanager
def _copied_database(stage: Stage, files: Files) -> Iterator[str]:
    """Keep the file with the others of its run, to find out later what went wrong."""
    if isinstance(stage.databases, SqliteFiles):
        copy_sqlite(Path(stage.databases.url(NAME).removeprefix("sqlite://")), files.database)
        yield f"sqlite://{files.database}"
    else:
        name = f"run_{uuid4().hex}"
        yield asyncio.run(stage.databases.create(name, like=NAME))
        asyncio.run(stage.databases.drop(name))


def _prepare(control: Client, plan: Plan) -> None:
    switches = {"calls_per_window": 100_000, **plan.switches}
    assert control.request("PATCH", "/control/switches", switches).status == 200
    answer = control.request("POST", "/control/faults", list(plan.faults))
    assert answer.status == 201, answer
