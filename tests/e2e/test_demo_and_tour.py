"""What a newcomer runs: the demo in one terminal, the tour in another, both as the README says."""

import json
import re
import signal
import socket
import sqlite3
import time
from contextlib import closing
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.browser import run_in_browser
from tests.support.crm_store import read_store
from tests.support.databases import Rows, dump
from tests.support.demo import ANY_PORT, DEMO, NOTE, demo_in
from tests.support.graphql_client import Client
from tests.support.running_hub import PATIENCE, Command, Files

NO_DEMO = "No demo is running here: start `make demo`, then the tour in a second terminal.\n"

LISTS = """{
    delivered: tickets(first: 50, filter: {kind: {eq: CHILD}, status: {eq: CLOSED}}) { nodes { id } }
    inDelivery: tickets(first: 50, filter: {kind: {eq: CHILD}, status: {eq: IN_PROGRESS}}) { nodes { id } }
    onboarded: tickets(first: 50, filter: {kind: {eq: PARENT}, status: {eq: CLOSED}}) { nodes { id } }
    inOnboarding: tickets(first: 50, filter: {kind: {eq: PARENT}, status: {eq: IN_PROGRESS}}) { nodes { id } }
    fresh: tickets(first: 50, filter: {kind: {eq: PARENT}, status: {eq: OPEN}}) { nodes { id } }
    lateMilestones: milestones(first: 50, filter: {late: {eq: true}}) { nodes { id } }
    lateTasks: tasks(first: 50, filter: {late: {eq: true}}) { nodes { id } }
    inbox: intakeItems(first: 50, filter: {status: {eq: WAITING}}) { nodes { id } }
    failed: actions(first: 50, filter: {status: {eq: WAITING}}) { nodes { items(first: 9) { nodes { crmWords } } } }
    made: actions(first: 50, filter: {kind: {eq: GENERATE_OPPORTUNITIES}, status: {eq: COMPLETED}}) { nodes { id } }
}"""


def tour_in(folder: Path) -> tuple[int | None, str, str]:
    """The tour's exit code, its story, and what it complained of."""
    tour = Command("tour", environment={}, log=folder / "tour.log", folder=folder)
    story = tour.stdout.read()
    assert tour.ends_within(PATIENCE)
    tour.stdout.close()
    return tour.exit_code, story, tour.log.read_text()


def assert_told_to_the_end(code: int | None, said: str, complaint: str) -> None:
    assert (code, complaint) == (0, ""), said
    assert "Imported twice, it is the same ticket." in said
    assert said.count("Pressed again: 0 created, the rest already existed.") == 6
    assert said.count("CREATED") == 4 + 4 + sum(made for made, _ in activities_in(said))
    assert len(re.findall(r"live: ● TCK-\w+-\w+-\d\d is closed", said)) == 5
    assert len(activities_in(said)) == 4
    assert all(made == completed >= 3 for made, completed in activities_in(said)), said


def activities_in(said: str) -> list[tuple[int, int]]:
    """What the CRM's own users see of each opportunity: how many activities, and how many of them completed."""
    lines = re.findall(r"(\d+) activities, (\d+) of them completed", said)
    return [(int(made), int(completed)) for made, completed in lines]


def test_the_tour_plays_the_story_to_its_end_any_number_of_times_and_a_restart_keeps_it(tmp_path: Path):
    files = Files(tmp_path / DEMO)
    with demo_in(tmp_path):
        assert_told_to_the_end(*tour_in(tmp_path))
        assert_told_to_the_end(*tour_in(tmp_path))
        wait_until_all_is_recorded(files)
    work = work_in(files)
    store = read_store(files.store)
    assert len(work["ticket"]) >= 2 * 5

    with demo_in(tmp_path):
        pass

    # The demo takes in what else was sold, whenever it looks, and reads the sales that it knows again.
    kept = work_in(files)
    changed = {table: set(rows) - set(kept[table]) for table, rows in work.items()}
    assert not any(changed.values()), changed
    assert read_store(files.store) == store


def wait_until_all_is_recorded(files: Files) -> None:
    """The tour ends when the CRM shows its last change. The hub may still have to record the answer."""
    until = time.monotonic() + PATIENCE
    with closing(sqlite3.connect(f"file:{files.database}?mode=ro", uri=True)) as database:
        behind = "SELECT count(*) FROM crm_activity WHERE applied_revision < desired_revision"
        while database.execute(behind).fetchone()[0]:
            assert time.monotonic() < until, "The hub never recorded what the CRM took."
            time.sleep(0.1)


def work_in(files: Files) -> Rows:
    rows = dump(files.database_url)
    return {name: rows[name] for name in ("ticket", "milestone", "task", "opportunity")}


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
    with demo_in(tmp_path, "--empty", stopped_by=number):
        note = json.loads((tmp_path / NOTE).read_text())
        addresses = [note["crm"], note["control"], note["url"]]
        assert [answers(address) for address in addresses] == [True] * 3

    assert none_answers_soon(addresses)
    code, _, complained = tour_in(tmp_path)
    assert (code, complained) == (2, complaint)


def test_a_new_demo_has_something_in_every_list(tmp_path: Path):
    with demo_in(tmp_path):
        note = json.loads((tmp_path / NOTE).read_text())
        lists = Client(note["url"], note["token"]).graphql(LISTS).body["data"]

    assert {kind: len(found["nodes"]) for kind, found in lists.items()} == {
        "delivered": 4,
        "inDelivery": 8,
        "onboarded": 5,
        "inOnboarding": 2,
        "fresh": 3,
        "inbox": 2,
        "failed": 1,
        "made": 4,
    } | {late: pytest.approx(5, abs=4) for late in ("lateMilestones", "lateTasks")}
    assert [
        item["crmWords"] for item in lists["failed"]["nodes"][0]["items"]["nodes"] if item["crmWords"]
    ] == ["Il campo Fase non è ammesso per questa azienda."]


def test_an_empty_demo_waits_for_its_first_sale(tmp_path: Path):
    with demo_in(tmp_path, "--empty"):
        note = json.loads((tmp_path / NOTE).read_text())
        assert Client(note["url"], note["token"]).ask("{ tickets(first: 1) { nodes { id } } }") == {
            "nodes": []
        }


@pytest.mark.chromium
def test_the_bar_of_a_demo_makes_a_sale_appear_and_the_crm_fail(tmp_path: Path):
    with demo_in(tmp_path):
        note = json.loads((tmp_path / NOTE).read_text())
        there = {"HUB_ADDRESS": note["url"], "HUB_OPERATOR_TOKEN": note["token"]}

        run_in_browser("demo/bar.spec.ts", there, results=tmp_path / "results")

        assert Client(note["url"]).request("POST", "/demo/sales", {}).status == 401


def test_a_second_demo_leaves_the_first_one_s_note_alone(tmp_path: Path):
    with demo_in(tmp_path, "--empty"):
        note = (tmp_path / NOTE).read_text()
        second = Command("demo", environment=ANY_PORT, log=tmp_path / "second.log", folder=tmp_path)
        said = second.stdout.read()
        assert second.ends_within(PATIENCE)
        second.stdout.close()

        assert (second.exit_code, said) == (2, "")
        assert (tmp_path / "second.log").read_text() == (
            "A demo is running in var/demo already: stop it with Ctrl-C first.\n"
        )
        assert (tmp_path / NOTE).read_text() == note


def test_a_demo_whose_port_is_taken_says_so_before_it_begins(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        demo = Command("demo", environment={"HUB_PORT": str(port)}, log=tmp_path / "log", folder=tmp_path)
        said = demo.stdout.read()
        assert demo.ends_within(PATIENCE)
        demo.stdout.close()

    assert (demo.exit_code, said) == (2, "")
    assert (tmp_path / "log").read_text() == (
        f"HUB_PORT={port} cannot be used: another program listens on 127.0.0.1:{port}.\n"
    )


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
