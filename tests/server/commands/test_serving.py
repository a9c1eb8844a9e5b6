"""What keeps the hub from starting is one sentence."""

import os
import shutil
import signal
import socket
import subprocess
import sys

import pytest

from services.planning.catalog.loader import SHIPPED
from tests.support.described_crm import CRM
from tests.support.repository import ROOT


def test_ctrl_c_during_the_imports_is_no_traceback(tmp_path):
    (tmp_path / "uvloop.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)")

    run = subprocess.run(
        [sys.executable, "-m", "server", "serve"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        # A shell has its background jobs ignore it, and what they start with them.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )

    assert (run.returncode, run.stdout, run.stderr) == (130, "", "")


def test_a_bad_variable_is_one_sentence(run, monkeypatch):
    monkeypatch.setenv("HUB_PORT", "canary")

    code, _, err = run("token", "list")

    assert code == 2
    assert err.startswith("HUB_PORT='canary' cannot be used: ")
    assert err.count("\n") == 1


@pytest.fixture
def described_crm(monkeypatch):
    """A CRM described whole, which is not called."""
    for name, value in CRM.items():
        monkeypatch.setenv(f"CRM_{name}", value)


STARTING = "Bringing the database and its catalog up to date.\n"


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        pytest.param("nowhere.invalid", "no address is known for this name", id="an unknown name"),
        pytest.param("192.0.2.7", "it is no address of this machine", id="another machine"),
    ],
)
def test_a_host_that_cannot_be_listened_on_is_one_sentence(run, monkeypatch, described_crm, host, reason):
    monkeypatch.setenv("HUB_HOST", host)

    code, out, err = run("serve")

    assert (code, out, err) == (2, "", f"{STARTING}HUB_HOST={host!r} cannot be used: {reason}.\n")


def test_a_port_that_another_program_holds_is_one_sentence(run, monkeypatch, described_crm):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("HUB_PORT", str(port))

        code, out, err = run("serve")

    assert (code, out) == (2, "")
    assert err == f"{STARTING}HUB_PORT={port} cannot be used: another program listens on 127.0.0.1:{port}.\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_a_letter_shows_a_replacement(run, database_url, encoding):
    run("operator", "create", "Łukasz Nowak", "lukasz@studio.example")

    listed = python("operator", "list", HUB_DATABASE_URL=database_url, PYTHONIOENCODING=encoding)

    assert (listed.returncode, listed.stderr) == (0, "")
    assert "lukasz@studio.example" in listed.stdout
    assert "?ukasz Nowak" in listed.stdout


def test_time_zones_come_with_the_program(database_url):
    listed = python("operator", "list", HUB_DATABASE_URL=database_url, PYTHONTZPATH="")

    assert (listed.returncode, listed.stderr) == (0, "")


def python(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "server", *words],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
    )


def test_a_broken_catalog_stops_the_hub_with_file_and_key(run, monkeypatch, described_crm, tmp_path):
    folder = tmp_path / "catalog"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    kits = folder / "kits.yaml"
    kits.write_text(kits.read_text().replace("main_service: SOF", "main_service: ZZZ"))
    monkeypatch.setenv("HUB_CATALOG_FOLDER", str(folder))

    code, _, err = run("serve")

    assert code == 2
    assert "kits.yaml: kits[0].main_service: There is no service 'ZZZ'." in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("option", "variables"),
    [
        pytest.param("--empty", {}, id="an empty demo"),
        pytest.param(None, {"HUB_CATALOG_FOLDER": str(SHIPPED)}, id="another catalog"),
    ],
)
def test_a_history_that_cannot_be_is_one_sentence(run, monkeypatch, tmp_path, option, variables):
    monkeypatch.chdir(tmp_path)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    code, said, err = run("demo", "--history", *filter(None, [option]))

    assert (code, said, err.count("\n")) == (2, "", 1)
    assert list(tmp_path.iterdir()) == []
