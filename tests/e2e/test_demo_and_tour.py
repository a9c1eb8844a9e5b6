"""What a newcomer runs: the demo in one terminal, the tour in another, both as the README says."""

import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.databases import Rows, dump
from tests.e2e.records import read_store
from tests.e2e.running import PATIENCE, Command, Files

ANY_PORT = {"HUB_PORT": "0"}
DEMO = Path("var/demo")
NOTE = DEMO / "tour.json"
NO_DEMO = "No demo is running here: start `make demo`, then the tour in a second terminal.\n"


@contextmanager
def demo_in(folder: Path, *, stopped_by: signal.Signals = signal.SIGINT) -> Iterator[Command]:
    """A demo that says that it is running, stopped as by somebody at the keyboard; it must go by itself."""
    demo = Command("demo", environment=ANY_PORT, log=folder / "demo.log", folder=folder)
    try:
        said = [demo.stdout.readline()]
        while said[-1] and "The CRM sandbox" not in said[-1]:
            said.append(demo.stdout.readline())
        assert said[-1], f"The demo did not start: {said} {demo.log.read_text()}"
        yield demo
        assert not demo.ends_within(0), "It has ended by itself."
        demo.send(stopped_by)
        assert demo.ends_within(10), "It is still running."
    except AssertionError as error:
        error.add_note(demo.log.read_text())
        error.add_note((folder / DEMO / "hub.log").read_text())
        raise
    finally:
        demo.send(signal.SIGKILL)
        demo.stdout.close()
    assert "Traceback" not in demo.log.read_text()


def tour_in(folder: Path) -> tuple[int | None, str, str]:
    """The tour's exit code, its story, and what it complained of."""
    tour = Command("tour", environment={}, log=folder / "tour.log", folder=folder)
    story = tour.stdout.read()
    assert tour.ends_within(PATIENCE)
    tour.stdout.close()
    return tour.exit_code, story, tour.log.read_text()


def assert_told_to_the_end(code: int | None, said: str, complaint: str) -> None:
    assert (code, complaint) == (0, ""), said
    assert "Taken in twice, it is the same ticket." in said
    assert said.count("Pressed again: 0 made, the rest was there.") == 6
    assert said.count("CREATED") == 4 + 4 + sum(made for made, _ in activities_in(said))
    assert len(re.findall(r"live: ● TCK-\w+-\w+-\d\d is closed", said)) == 5
    assert len(activities_in(said)) == 4
    assert all(made == completed >= 3 for made, completed in activities_in(said)), said


def activities_in(said: str) -> list[tuple[int, int]]:
    """What the CRM's own users see of each opportunity: how many activities, and how many of them completed."""
    lines = re.findall(r"(\d+) activities, (\d+) of them completed", said)
    return [(int(made), int(completed)) for made, completed in lines]


def test_the_tour_tells_the_story_to_its_end_as_often_as_one_likes_and_a_restart_keeps_it(tmp_path: Path):
    files = Files(tmp_path / DEMO)
    with demo_in(tmp_path):
        assert_told_to_the_end(*tour_in(tmp_path))
        assert_told_to_the_end(*tour_in(tmp_path))
    work = work_in(files)
    store = read_store(files.store)
    assert len(work["ticket"]) >= 2 * 5

    with demo_in(tmp_path):
        pass

    # The demo takes in what else was sold, whenever it looks; what was there stays as it was.
    kept = work_in(files)
    assert all(set(rows) <= set(kept[table]) for table, rows in work.items())
    assert read_store(files.store) == store


def work_in(files: Files) -> Rows:
    rows = dump(files.database_url)
    return {name: rows[name] for name in ("ticket", "milestone", "task", "opportunity", "crm_activity")}


@pytest.mark.parametrize(
    ("number", "complaint"),
    [
        pytest.param(signal.SIGINT, NO_DEMO, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, NO_DEMO, id="SIGTERM"),
        pytest.param(signal.SIGKILL, "The demo does not answer: is `make demo` still running?\n", id="crash"),
    ],
)
def test_a_demo_that_ends_takes_its_sandbox_along_and_a_tour_then_says_so(
    tmp_path: Path, number: signal.Signals, complaint: str
):
    with demo_in(tmp_path, stopped_by=number):
        note = json.loads((tmp_path / NOTE).read_text())
        addresses = [note["crm"], note["control"], note["url"]]
        assert [answers(address) for address in addresses] == [True] * 3

    assert none_answers_soon(addresses)
    code, _, complained = tour_in(tmp_path)
    assert (code, complained) == (2, complaint)


def test_a_tour_without_a_demo_says_so_in_one_sentence(tmp_path: Path):
    assert tour_in(tmp_path) == (2, "", NO_DEMO)


def none_answers_soon(addresses: list[str]) -> bool:
    """Whether all go silent within ten seconds; a sandbox notices a moment later that it is alone."""
    give_up_at = time.monotonic() + 10
    while any(answers(address) for address in addresses):
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


def answers(address: str) -> bool:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status > 0
    except (ConnectionError, RemoteDisconnected):
        return False
    finally:
        connection.close()
