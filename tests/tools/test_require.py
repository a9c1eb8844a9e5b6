"""What `make` says when a machine lacks something."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "tools" / "require.py"


@pytest.fixture
def ask(tmp_path):
    """Ask on a machine that has only the given programs; each prints the given text."""

    def ask_with(*arguments: str, **programs: str) -> subprocess.CompletedProcess[str]:
        for name, says in programs.items():
            program = tmp_path / name
            program.write_text(f"#!/bin/sh\necho {says}\n")
            program.chmod(0o755)
        return subprocess.run(
            [sys.executable, str(SCRIPT), *arguments],
            env={"PATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )

    return ask_with


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2", "v22.0.0"])
def test_a_node_that_is_new_enough_is_fine(ask, version):
    assert ask("node", node=version, npm="11").returncode == 0


@pytest.mark.parametrize("programs", [{}, {"node": "v20.18.3", "npm": "10"}, {"node": "v22.1.0"}])
def test_without_a_fit_node_one_sentence_says_which(ask, programs):
    answer = ask("node", **programs)

    assert answer.returncode == 1
    assert "Node 20.19 or later" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_missing_program_stops_with_the_command_to_run(ask):
    answer = ask("chromium")

    assert answer.returncode == 1
    assert "Nothing was tested." in answer.stderr
    assert "apt-get install -y chromium" in answer.stderr
    assert "make test WITHOUT=chromium" in answer.stderr


def test_a_program_may_be_left_out_and_the_end_says_so(ask):
    asked = ask("chromium", "--without", "postgres,chromium")
    report = ask("--report", "--without", "postgres,chromium")

    assert asked.returncode == 0
    assert report.stdout.startswith("Left out")
    assert "postgres and chromium" in report.stdout


def test_leaving_out_nothing_says_nothing(ask):
    assert ask("--report", "--without", "").stdout == ""


def test_leaving_out_an_unknown_program_is_a_mistake(ask):
    answer = ask("chromium", "--without", "chrome")

    assert answer.returncode == 1
    assert "WITHOUT=chrome is unknown" in answer.stderr
