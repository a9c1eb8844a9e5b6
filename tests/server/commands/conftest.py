import sys

import pytest

from server import commands


@pytest.fixture
def run(monkeypatch, database_url, capsys):
    """Run a command over this test's own database."""
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)

    def run_command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["python -m server", *words])
        capsys.readouterr()  # What the test itself printed before.
        with pytest.raises(SystemExit) as left:
            commands.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run_command


@pytest.fixture
def giulia(run) -> str:
    return run("operator", "create", "Giulia Ferri", "giulia@studio.example", "--role", "ADMIN")[1]
