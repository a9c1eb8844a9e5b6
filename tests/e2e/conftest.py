"""Fixtures for tests that meet the hub only from outside."""

import re
from dataclasses import dataclass

import pytest

from tests.e2e.running import Files, run_command

GIULIA = ("operator", "create", "Giulia Moretti", "giulia@consulenza.example")


@dataclass(frozen=True)
class Prepared:
    """Files with an operator in the database, and the tokens that the command line printed for her."""

    files: Files
    operator_token: str
    viewer_token: str


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Copy the files before you use them."""
    files = Files(tmp_path_factory.mktemp("prepared"))
    run_command(files, *GIULIA, "--role", "OPERATOR", "--crm-user-id", "2002")
    return Prepared(files, _new_token(files, "OPERATOR"), _new_token(files, "VIEWER"))


def _new_token(files: Files, role: str) -> str:
    printed = run_command(files, "token", "create", GIULIA[3], f"tests as {role}", "--role", role)
    assert re.fullmatch(r"ihub_\S+\n", printed), printed
    return printed.strip()
