"""A database that the hub cannot work with is one sentence, for every command, and never a traceback."""

import asyncio
import gzip
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from models.database import migrate, open_database
from server import commands
from server.application import log_open_folder
from tests.support.databases import PostgresDatabases, tamper
from tests.support.described_crm import CRM
from tests.support.postgres_server import WITH_PASSWORD
from tests.support.repository import ROOT

COMMANDS = [("migrate",), ("serve",), ("operator", "list")]


@pytest.fixture
def refusal(monkeypatch, capsys):
    """What a command says about a database that it cannot work with."""
    for name, value in CRM.items():
        monkeypatch.setenv(f"CRM_{name}", value)
    monkeypatch.setenv("HUB_PORT", "0")

    def run_command(url: str, *words: str) -> str:
        monkeypatch.setenv("HUB_DATABASE_URL", url)
        monkeypatch.setattr(sys, "argv", ["python -m server", *(words or ("migrate",))])
        with pytest.raises(SystemExit) as left:
            commands.main()
        said = capsys.readouterr()
        assert (left.value.code, said.out) == (2, ""), said.err
        sentence = said.err.removeprefix("Bringing the database and its catalog up to date.\n")
        assert sentence.count("\n") == 1, said.err
        return sentence

    return run_command


def make_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(os.urandom(20_000)))


def make_dump(path: Path) -> None:
    path.write_text("BEGIN TRANSACTION;\nCREATE TABLE ticket (id TEXT);\nCOMMIT;\n" * 100)


def make_half(path: Path) -> None:
    make_whole(path)
    os.truncate(path, path.stat().st_size // 2)


def make_overwritten(path: Path) -> None:
    make_whole(path)
    with path.open("r+b") as file:
        file.seek(3 * 4096)
        file.write(b"x" * 8 * 4096)


def make_whole(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE tortoise_migrations (id INTEGER PRIMARY KEY, name TEXT)")
        connection.executemany(
            "INSERT INTO tortoise_migrations (name) VALUES (?)", [("x" * 500,) for _ in range(200)]
        )
        connection.commit()


def make_somebody_elses(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE ticket (seat TEXT)")


FILES = [
    pytest.param(make_gzip, "file is not a database", id="gzip"),
    pytest.param(make_dump, "file is not a database", id="dump"),
    pytest.param(make_half, "malformed", id="half"),
    pytest.param(make_overwritten, "damaged", id="overwritten pages"),
    pytest.param(make_somebody_elses, "it holds the tables of another program", id="another program's"),
    pytest.param(Path.mkdir, "it is a folder", id="a folder"),
    pytest.param(os.mkfifo, "it is not a file", id="no file"),
]


@pytest.mark.parametrize(("make", "reason"), FILES)
def test_a_file_that_is_no_database_of_ours_is_named(refusal, tmp_path, make, reason):
    path = tmp_path / "hub.sqlite3"
    make(path)

    said = refusal(f"sqlite://{path}")

    assert f"The file {path} cannot be used as the hub's database: " in said
    assert reason in said


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_names_the_file(refusal, tmp_path, words):
    make_gzip(tmp_path / "hub.sqlite3")

    assert "file is not a database" in refusal(f"sqlite://{tmp_path / 'hub.sqlite3'}", *words)


def test_a_folder_that_cannot_be_made_is_one_sentence(refusal):
    assert "cannot be used" in refusal("sqlite:///proc/hub/hub.sqlite3")


def test_a_damaged_file_ends_the_process_at_once(tmp_path):
    make_gzip(tmp_path / "hub.sqlite3")

    run = subprocess.run(
        [sys.executable, "-m", "server", "migrate"],
        cwd=ROOT,
        env=os.environ | {"HUB_DATABASE_URL": f"sqlite://{tmp_path / 'hub.sqlite3'}"},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert run.returncode == 2
    assert "Traceback" not in run.stderr


async def test_the_file_and_its_folder_belong_to_their_user_alone(tmp_path):
    path = tmp_path / "var" / "hub.sqlite3"
    path.parent.parent.chmod(0o755)
    context = await open_database(f"sqlite://{path}")
    await migrate()

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (path.parent, *path.parent.iterdir())}

    await context.close_connections()
    assert modes.pop("var") == 0o700
    assert "hub.sqlite3-wal" in modes
    assert set(modes.values()) == {0o600}


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "hub.sqlite3"
    path.touch(mode=0o644)

    context = await open_database(f"sqlite://{path}")

    await context.close_connections()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("mode", "reported"), [(0o755, 1), (0o700, 0)], ids=["open to others", "private"])
def test_a_folder_that_others_may_look_into_is_reported(tmp_path, mode, reported):
    tmp_path.chmod(mode)

    with capture_logs() as logs:
        log_open_folder(f"sqlite://{tmp_path / 'hub.sqlite3'}")

    assert [log["advice"] for log in logs] == [f"chmod 700 {tmp_path}"] * reported


def test_first_migrations_at_once_do_it_once(tmp_path):
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "server", "migrate"],
            cwd=ROOT,
            env=os.environ | {"HUB_DATABASE_URL": f"sqlite://{tmp_path / 'hub.sqlite3'}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(3)
    ]

    said = sorted(process.communicate()[0] for process in processes)

    assert said == ["The database was new: its tables were made.\n"] + 2 * ["The database was up to date.\n"]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_database_of_a_newer_version_is_left_alone(refusal, database_url, words):
    tamper(
        database_url,
        "INSERT INTO tortoise_migrations (app, name, applied_at)"
        " VALUES ('models', '9999_from_the_future', '2099-01-01 00:00:00+00:00')",
    )

    said = refusal(database_url, *words)

    assert "was made by a newer version of the program" in said
    assert "9999_from_the_future" in said


def address(databases: PostgresDatabases, name: str, user: str = "hub") -> str:
    return databases.url(name).replace("//hub@", f"//{user}@")


@contextmanager
def altered(databases: PostgresDatabases, create: str, *, role: str = "") -> Iterator[str]:
    """A database made in some way, and perhaps a role for it."""
    name = uuid4().hex
    tamper(databases.url("postgres"), create.format(name=name))
    if role:
        tamper(databases.url("postgres"), role)
    yield name
    tamper(databases.url("postgres"), f'DROP DATABASE "{name}" WITH (FORCE)')


PLAIN = 'CREATE DATABASE "{name}" TEMPLATE template0'
on_postgres = pytest.mark.only_on("postgres")


@on_postgres
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_server_that_does_not_run_is_one_sentence(refusal, databases, words):
    said = refusal("postgres://hub:canary@127.0.0.1:9/hub", *words)

    assert (
        said
        == "The database postgres://127.0.0.1:9/hub (HUB_DATABASE_URL) cannot be used: nothing listens there.\n"
    )


@on_postgres
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        pytest.param("postgres://hub@nowhere.invalid/hub", "no address is known for this host", id="host"),
        pytest.param("{url}/nothing", 'database "nothing" does not exist', id="database"),
        pytest.param("{url}/postgres?sslmode=require", "it offers no TLS", id="TLS"),
        pytest.param(
            "{url}/postgres?sslmode=verify-full&sslrootcert=/nowhere.pem",
            "cannot be read",
            id="no certificate",
        ),
        pytest.param("{url}/postgres?options=-c%20nonsense%3D1", "nonsense", id="an unknown option"),
        pytest.param(
            "{url}/postgres?options=-c%20default_transaction_read_only%3Don",
            "its sessions are read-only",
            id="read-only",
        ),
    ],
)
def test_a_server_that_does_not_let_us_work_is_one_sentence(refusal, databases, url, reason):
    said = refusal(url.format(url=databases.url("")[:-1]))

    assert reason in said
    assert "(HUB_DATABASE_URL) cannot be used: " in said


@on_postgres
def test_a_wrong_password_is_not_repeated(refusal, databases):
    role = f"CREATE ROLE {WITH_PASSWORD} LOGIN PASSWORD 'right'"
    with altered(databases, PLAIN, role=role) as name:
        said = refusal(address(databases, name, f"{WITH_PASSWORD}:canary"))

    assert "password authentication failed" in said
    assert "canary" not in said


@on_postgres
def test_a_role_that_may_not_make_tables_learns_what_to_ask_for(refusal, databases):
    with altered(databases, PLAIN, role="CREATE ROLE guest LOGIN") as name:
        said = refusal(address(databases, name, "guest"))

    assert "GRANT CREATE ON SCHEMA public TO guest" in said


@on_postgres
def test_a_database_of_another_encoding_is_refused(refusal, databases):
    with altered(databases, PLAIN + " ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'") as name:
        said = refusal(databases.url(name))

    assert "its encoding is LATIN1 and must be UTF8" in said


@on_postgres
def test_a_schema_of_another_program_is_left_alone(refusal, databases):
    with altered(databases, PLAIN) as name:
        tamper(databases.url(name), "CREATE TABLE ticket (seat TEXT)")

        said = refusal(databases.url(name))

    assert "its schema public holds the tables of another program" in said


@on_postgres
def test_every_part_of_an_address_is_decoded(databases):
    name, role = "f2%20a", 'CREATE ROLE "hub@server" LOGIN SUPERUSER'
    tamper(databases.url("postgres"), f'CREATE DATABASE "{name}" TEMPLATE template0; ')
    tamper(databases.url("postgres"), role)
    url = address(databases, "f2%2520a", "hub%40server:a%5Bb")

    async def who() -> tuple[str, str]:
        context = await open_database(url)
        (row,) = await context.db().execute_query_dict("SELECT current_user AS u, current_database() AS d")
        await context.close_connections()
        return row["u"], row["d"]

    assert asyncio.run(who()) == ("hub@server", "f2%20a")
    tamper(databases.url("postgres"), f'DROP DATABASE "{name}"')
