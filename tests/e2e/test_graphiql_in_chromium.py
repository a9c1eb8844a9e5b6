"""What a newcomer does first: start the demo, follow its link, run a query. In a real browser."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parent.parent.parent
DRIVER = Path(__file__).parent / "graphiql.mjs"
LINK = re.compile(r"http://127\.0\.0\.1:\d+/accedi\?code=\S+")
PATIENCE = 90.0


pytestmark = pytest.mark.chromium


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The link that a demo prints, running in a folder of its own."""
    folder = tmp_path_factory.mktemp("demo")
    said = folder / "said.txt"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HUB_PORT": "0"}
    with said.open("w") as output:
        demo = subprocess.Popen(
            [sys.executable, "-m", "server", "demo"],
            cwd=folder,
            env=environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield _wait_for_link(demo, said)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(PATIENCE)


def _wait_for_link(demo: "subprocess.Popen[bytes]", said: Path) -> str:
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at and demo.poll() is None:
        if found := LINK.search(said.read_text()):
            return found.group()
        time.sleep(0.1)
    pytest.fail(f"The demo printed no link: {said.read_text()}")


@pytest.fixture(scope="module")
def seen(link: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the browser saw from following the link to signing out."""
    names = ("chromium", "chromium-browser", "google-chrome")
    chromium = next(filter(None, map(shutil.which, names)))
    screenshot = tmp_path_factory.mktemp("screenshots") / "graphiql.png"
    run = subprocess.run(
        ["node", str(DRIVER), link, chromium, str(screenshot)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert run.returncode == 0, run.stderr
    report: dict[str, Any] = json.loads(run.stdout)
    assert "failure" not in report, f"{report}; what it looked like: {screenshot}"
    return report


def test_a_newcomer_signs_in_by_link_and_runs_a_saved_operation(seen):
    assert seen["operations"] >= 8
    assert seen["result"]["data"] == {"viewer": {"name": "Giulia Moretti", "role": "ADMIN"}}


def test_an_operation_runs_beside_the_subscription_of_another_tab(seen):
    assert seen["afterSubscription"]["data"] == {"viewer": {"name": "Giulia Moretti", "role": "ADMIN"}}


def test_the_page_says_who_is_in_and_lets_them_out(seen):
    assert seen["viewer"] == "Giulia Moretti amministratore"
    assert seen["afterwards"].startswith("Sessione chiusa")


def test_the_browser_asks_no_other_server_for_anything(seen, link):
    assert seen["hosts"] == [urlsplit(link).netloc]


def test_the_browser_complains_of_nothing(seen):
    assert seen["errors"] == []


def test_scripts_do_not_see_the_session(seen):
    assert seen["cookies"] == ""
