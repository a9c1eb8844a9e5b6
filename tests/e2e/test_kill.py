"""`kill -9` in the middle of each of the three actions, then a restart: nothing is lost and nothing is there twice.

Each action is first carried out undisturbed, and then killed at twenty instants of its life, each time beginning with
copies of the same files. The CRM is slow to answer, now after it has written and now before, so that kills meet
requests on their way there, written but unanswered, and answered but not yet noted.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path

import pytest

from server.__main__ import main
from tests.e2e.client import Client
from tests.e2e.conftest import Prepared
from tests.e2e.endings import SHOWN, Ending, Phase, action_ids, read_ending, read_phase, rows
from tests.e2e.hub_without_look_up import main_without_look_up
from tests.e2e.running import Files, ForkedCommand, RunningHub, Sandbox, kill, running_hub, running_sandbox
from tests.e2e.story import ACTIVITIES, GENERATE, SYNC, Desk

SEED = 24_000
KILLS = 20
AT_ONCE = 4
SALE = "Incarico 24 mesi - Officine Brembate"

# Every second create is written at once and answered late; every other one is written late.
FAULTS = [
    {
        "match": {"action": "create", "nth": number},
        "fault": ("commit_then_delay", "delay_then_commit")[number % 2],
        "args": {"seconds": 0.04},
    }
    for number in range(1, 20)
]

# What is pressed, and what it is pressed on.
BUTTONS = {
    "generateOpportunities": (GENERATE, "SELECT id FROM ticket WHERE kind = 'PARENT'"),
    "syncOpportunities": (SYNC, "SELECT id FROM ticket WHERE kind = 'PARENT'"),
    "generateActivities": (ACTIVITIES, "SELECT id FROM opportunity WHERE code LIKE 'TCK-BND-%'"),
}
# Synchronising only reads the CRM, so there is nothing to send.
AT_THE_CRM = {
    "generateOpportunities": Phase.SENDING,
    "syncOpportunities": Phase.TALKING,
    "generateActivities": Phase.SENDING,
}


@dataclass(frozen=True)
class Stage:
    """Files in which a button is about to be pressed, and the token of whoever presses it."""

    button: str
    files: Files
    token: str

    @property
    def mutation(self) -> str:
        return BUTTONS[self.button][0]

    @property
    def target(self) -> str:
        ((target,),) = rows(self.files, BUTTONS[self.button][1])
        return str(target)

    def desk(self, hub: RunningHub, sandbox: Sandbox) -> Desk:
        return Desk(Client(hub.address, self.token), Client(sandbox.control))

    def press(self, desk: Desk) -> None:
        """Press the button, and wait until all is done."""
        desk.press(self.mutation, self.target)
        desk.until_nothing_runs()


@dataclass(frozen=True)
class Killed:
    """A run that was killed: after how many seconds, in the midst of what, and how it ended all the same."""

    instant: float
    phase: Phase
    ending: Ending


@pytest.fixture(scope="module")
def stages(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    """The story of one sale, stopped before each of its three actions."""
    folder = tmp_path_factory.mktemp("stages")
    files, made, step = prepared.files, {}, take_in_and_close
    for button in BUTTONS:
        files = files.copy_to(folder / button)
        stage = Stage(button, files, prepared.operator_token)
        with running_sandbox(files) as sandbox, running_hub(files, sandbox) as hub:
            step(stage.desk(hub, sandbox))
        made[button], step = stage, stage.press
    return made


def take_in_and_close(desk: Desk) -> None:
    desk.complete_all(desk.tree(desk.take_in(desk.record_sale(SALE))))


@pytest.mark.parametrize("button", BUTTONS)
def test_a_hub_killed_at_any_instant_of_an_action_ends_where_an_undisturbed_one_does(
    stages: dict[str, Stage], button: str, tmp_path: Path
):
    stage = stages[button]
    undisturbed, instants = run_undisturbed(stage, tmp_path)

    runs = kill_at_each(instants, stage, tmp_path, run=main)

    phases = Counter(run.phase for run in runs)
    # The chance and its outcome, for whoever has to repeat a failure.
    print(f"\n{button}: seed {SEED}, killed after {[run.instant for run in runs]} s: {dict(phases)}")  # noqa: T201
    for run in runs:
        assert run.ending.crm == undisturbed.crm, run
        for table in SHOWN:
            assert run.ending.hub[table] == undisturbed.hub[table], (table, run.instant, run.phase)
        assert not run.ending.mismatched
    assert phases[AT_THE_CRM[button]] >= 3
    assert phases[Phase.UNNOTED] <= KILLS / 2


@pytest.mark.parametrize("button", ["generateOpportunities", "generateActivities"])
def test_the_same_kills_leave_doubles_where_nothing_looks_before_it_sends(
    stages: dict[str, Stage], button: str, tmp_path: Path
):
    stage = stages[button]
    undisturbed, instants = run_undisturbed(stage, tmp_path)

    batches = (
        kill_at_each(instants[first : first + AT_ONCE], stage, tmp_path, run=main_without_look_up)
        for first in range(0, KILLS, AT_ONCE)
    )
    doubles = (run.ending.record_count > undisturbed.record_count for batch in batches for run in batch)

    assert any(doubles), "No kill led to a double: these instants prove nothing."


def run_undisturbed(stage: Stage, folder: Path) -> tuple[Ending, list[float]]:
    """How the action ends, and twenty instants of its life, which lasts longer where several run at once."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        folders = [folder / f"undisturbed {number}" for number in range(AT_ONCE)]
        runs = list(pool.map(partial(carry_out, stage), folders))
    endings = [ending for ending, _ in runs]
    assert endings == [endings[0]] * AT_ONCE
    return endings[0], draw_instants(max(seconds for _, seconds in runs))


def carry_out(stage: Stage, folder: Path) -> tuple[Ending, float]:
    """How it ended, and how many seconds it took."""
    files = stage.files.copy_to(folder)
    with slow_crm(files) as sandbox, running_hub(files, sandbox) as hub:
        began = datetime.now(UTC)
        stage.press(stage.desk(hub, sandbox))
    ((ended,),) = rows(files, "SELECT max(finished_at) FROM action")
    return read_ending(stage.files, files), (datetime.fromisoformat(ended) - began).total_seconds()


def draw_instants(seconds: float) -> list[float]:
    """One at random from each twentieth of a life, in random order."""
    chance = random.Random(SEED)
    instants = [(part + chance.random()) / KILLS * seconds for part in range(KILLS)]
    chance.shuffle(instants)
    return [round(instant, 3) for instant in instants]


def kill_at_each(
    instants: Sequence[float], stage: Stage, folder: Path, *, run: Callable[[], None]
) -> list[Killed]:
    def strike(instant: float) -> Killed:
        return run_killed(stage, folder / f"killed after {instant} s", instant, run)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(strike, instants))


def run_killed(stage: Stage, folder: Path, instant: float, run: Callable[[], None]) -> Killed:
    """Press, kill, start again. A kill that came too late, because this run was a quick one, is made once more."""
    files = stage.files.copy_to(folder)
    start = partial(ForkedCommand, run=run)
    with slow_crm(files) as sandbox:
        with running_hub(files, sandbox, start=start) as hub:
            strike = threading.Timer(instant, kill, [hub.command])
            strike.start()
            with suppress(OSError, HTTPException):
                Client(hub.address, stage.token).graphql(stage.mutation, id=stage.target)
            strike.join()
        phase = read_phase(files, action_ids(files) - action_ids(stage.files))
        if phase is Phase.ENDED:
            return run_killed(stage, folder / "earlier", round(instant * 0.6, 3), run)
        with running_hub(files, sandbox, start=start) as hub:
            desk = stage.desk(hub, sandbox)
            if phase is Phase.UNNOTED:
                stage.press(desk)
            desk.until_nothing_runs()
    assert "Traceback" not in files.log.read_text()
    return Killed(instant, phase, read_ending(stage.files, files))


@contextmanager
def slow_crm(files: Files) -> Iterator[Sandbox]:
    with running_sandbox(files) as sandbox:
        control = Client(sandbox.control)
        assert control.request("PATCH", "/control/switches", {"latency_seconds": 0.03}).status == 200
        assert control.request("POST", "/control/faults", FAULTS).status == 201
        yield sandbox
