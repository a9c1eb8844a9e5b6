"""The house's commands, as a person types them."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from server import __main__ as commands, people
from server.database import make_room
from services.catalog.loader import SHIPPED
from tests.e2e.running import TENANT

ROOT = Path(__file__).parent.parent.parent

# A CRM described whole, at an address where nobody is.
CRM = {
    "BASE_URL": "http://127.0.0.1:9",
    "AUTH_MODE": "KEY",
    "API_KEY": "key",
    "INTAKE_SUB_TYPE_ID": "1",
    "SHADOW_SUB_TYPE_ID": "2",
    "ACTIVITY_TYPE": "7",
    "OPEN_STATE": "1",
    "COMPLETED_STATE": "2",
}


@pytest.fixture
def run(monkeypatch, database_url, capsys):
    """Run a command over this test's own database."""
    monkeypatch.setenv("HUB_DATABASE_URL", database_url)

    def run_command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["python -m server", *words])
        with pytest.raises(SystemExit) as left:
            commands.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run_command


@pytest.fixture
def giulia(run) -> str:
    return run("operator", "create", "Giulia Ferri", "giulia@studio.example", "--role", "ADMIN")[1]


def test_operators_are_made_and_listed(run, giulia):
    code, listed, _ = run("operator", "list")

    assert code == 0
    assert giulia.split()[0] in listed
    assert "giulia@studio.example" in listed


def test_of_an_operator_changes_what_is_named_and_nothing_else(run, giulia):
    run("operator", "change", "giulia@studio.example", "--crm-user-id", "2002", "--fills", "analista")
    run("operator", "change", "giulia@studio.example", "--name", "Giulia F.")

    _, listed, _ = run("operator", "list")

    assert "ADMIN     giulia@studio.example" in listed
    assert "Giulia F.  (CRM user 2002, analista)" in listed


def test_what_an_operator_was_given_can_be_taken_away(run, giulia):
    run("operator", "change", "giulia@studio.example", "--crm-user-id", "2002", "--fills", "analista")

    _, said, _ = run("operator", "change", "giulia@studio.example", "--crm-user-id", "0", "--fills", "")

    assert said.endswith("Giulia Ferri\n")


def test_who_is_made_inactive_is_out_and_their_tokens_with_them(run, giulia):
    run("operator", "create", "Ada Neri", "ada@studio.example", "--role", "ADMIN")
    run("token", "create", "giulia@studio.example", "cruscotto")

    code, said, _ = run("operator", "change", "giulia@studio.example", "--inactive")

    assert code == 0
    assert "(inactive)" in said
    assert "revoked" in run("token", "list")[1]
    assert "is not active" in run("sign-in-link", "giulia@studio.example")[2]


def test_a_service_gets_a_responsible_and_loses_them_again(run, giulia):
    run("service", "responsible", "T50", "giulia@studio.example")
    _, listed, _ = run("service", "list")
    run("service", "responsible", "T50", "--nobody")
    _, listed_again, _ = run("service", "list")

    assert [line.split()[0] for line in listed.splitlines() if "giulia@studio.example" in line] == ["T50"]
    assert "giulia@studio.example" not in listed_again


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(("T50",), id="neither somebody nor nobody"),
        pytest.param(("T50", "giulia@studio.example", "--nobody"), id="somebody and nobody"),
    ],
)
def test_nobody_becomes_responsible_by_omission(run, giulia, words):
    code, _, err = run("service", "responsible", *words)

    assert code == 2
    assert "Name either an operator or --nobody." in err


def test_a_token_is_shown_once_and_listed_without_its_secret(run, giulia):
    _, secret, _ = run("token", "create", "giulia@studio.example", "cruscotto", "--days", "3")
    _, listed, _ = run("token", "list")

    assert secret.startswith("ihub_")
    assert "cruscotto" in listed
    assert "until" in listed
    assert secret.strip() not in listed


def test_a_revoked_token_says_so(run, giulia):
    run("token", "create", "giulia@studio.example", "cruscotto")
    token_id = run("token", "list")[1].split()[0]

    code, _, _ = run("token", "revoke", token_id)

    assert code == 0
    assert "revoked" in run("token", "list")[1]


def test_a_link_is_for_the_first_administrator_unless_it_names_somebody(run, giulia):
    _, link, _ = run("sign-in-link")
    _, named, _ = run("sign-in-link", "giulia@studio.example")

    assert link.startswith("http://127.0.0.1:8000/sign-in?code=")
    assert named != link


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        pytest.param(
            ("token", "create", "nobody@x.example", "t"), 1, "There is no operator", id="a token for nobody"
        ),
        pytest.param(("token", "revoke", "tok_x"), 1, "There is no token", id="no such token"),
        pytest.param(("sign-in-link",), 2, "no administrator yet", id="a link before anybody is there"),
        pytest.param(("operator", "create", "G", "nowhere"), 1, "name@domain", id="no address"),
        pytest.param(
            ("operator", "create", "G", "g@x.example", "--fills", "analyst"),
            1,
            "No workflow has a role 'analyst'; those there are: amministrazione, analista",
            id="a role that nothing asks for",
        ),
        pytest.param(
            ("operator", "change", "nobody@x.example"), 1, "There is no operator", id="a change of nobody"
        ),
        pytest.param(
            ("service", "responsible", "T51", "--nobody"), 1, "no service 'T51'", id="no such service"
        ),
    ],
)
def test_what_cannot_be_is_one_sentence(run, words, code, sentence):
    left, out, err = run(*words)

    assert (left, out) == (code, "")
    assert sentence in err
    assert "Traceback" not in err
    assert err.count("\n") == 1


def test_the_last_administrator_is_not_made_inactive(run, giulia):
    code, _, err = run("operator", "change", "giulia@studio.example", "--inactive")

    assert (code, err) == (1, "This is the last active administrator.\n")


def test_a_bad_variable_is_one_sentence(run, monkeypatch):
    monkeypatch.setenv("HUB_PORT", "canary")

    code, _, err = run("token", "list")

    assert code == 2
    assert err.startswith("HUB_PORT cannot be used")
    assert "canary" not in err


def test_a_broken_catalog_stops_the_hub_with_file_and_key(run, monkeypatch, tmp_path):
    folder = tmp_path / "catalog"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    kits = folder / "kits.yaml"
    kits.write_text(kits.read_text().replace("main_service: SOF", "main_service: ZZZ"))
    monkeypatch.setenv("HUB_CATALOG_FOLDER", str(folder))
    for name, value in CRM.items():
        monkeypatch.setenv(f"CRM_{name}", value)

    code, _, err = run("serve")

    assert code == 2
    assert "kits.yaml: kits[0].main_service: There is no service 'ZZZ'." in err
    assert "Traceback" not in err


NUMBERS = [name for name in TENANT if name.endswith(("SUB_TYPE_ID", "ACTIVITY_TYPE", "STATE"))]


@pytest.fixture
def examine(run, monkeypatch, sandbox_process):
    """Let the doctor look at the sandbox, with these variables changed and these switches set."""
    asyncio.run(sandbox_process.begin_anew())
    tenant = TENANT | {"CRM_BASE_URL": sandbox_process.crm, "HUB_CRM_CALLS_PER_MINUTE": "100000"}

    def examine_tenant(*options: str, switches=None, **variables: str | None) -> tuple[int, str, str]:
        for name, value in (tenant | variables).items():
            if value is not None:
                monkeypatch.setenv(name, value)
        asyncio.run(sandbox_process.switch(**(switches or {})))
        return run("doctor", *options)

    return examine_tenant


def test_the_doctor_finds_a_healthy_tenant_and_stores_its_profile(examine):
    code, said, _ = examine()

    assert code == 0
    assert "we are user 2001" in said
    assert "63705  Intelligence" in said
    assert "The hub can work with it. The profile is stored" in said
    assert "sandbox-key" not in said


def test_the_doctor_tells_programs_the_same(examine):
    code, said, _ = examine("--json", CRM_INTAKE_SUB_TYPE_ID="9", CRM_ZONE="UTC")

    report = json.loads(said)
    assert (code, report["healthy"], report["stored"]) == (1, False, True)
    assert report["findings"][0]["code"] == "SUB_TYPE_UNKNOWN"
    assert report["profile"]["filters"]["Activity.subTypeId"] == "SEARCHABLE"


def test_the_doctor_helps_to_find_the_numbers_that_are_not_set_yet(examine):
    code, said, _ = examine(**dict.fromkeys(NUMBERS))

    assert code == 1
    assert "NUMBERS_UNSET" in said
    assert "63705  Intelligence" in said


@pytest.mark.parametrize(
    ("variables", "code", "finding"),
    [
        pytest.param({"CRM_BASE_URL": "http://127.0.0.1:9"}, 2, "UNREACHABLE", id="nobody is there"),
        pytest.param({"CRM_VERSION": "v0"}, 2, "NOT_THE_CRM", id="a wrong address"),
        pytest.param({"CRM_PASSWORD": "canary"}, 1, "CREDENTIALS_REFUSED", id="a wrong password"),
        pytest.param({"CRM_SHADOW_SUB_TYPE_ID": "63705"}, 1, "SUB_TYPES_EQUAL", id="two sub-types in one"),
    ],
)
def test_what_keeps_the_doctor_from_being_content_is_in_its_report(examine, variables, code, finding):
    left, said, err = examine(**variables)

    assert left == code
    assert f"PROBLEM  {finding}" in said
    assert "canary" not in said + err
    assert "Traceback" not in err


def test_a_page_in_html_is_not_the_crm(examine, sandbox_process):
    asyncio.run(sandbox_process.plan("html_200", times=None))

    code, said, _ = examine()

    assert code == 2
    assert "NOT_THE_CRM" in said
    assert "No profile was stored." in said


def test_a_key_without_rights_is_told_and_no_profile_is_stored(examine):
    code, said, _ = examine(switches={"key_scope": ["create"]}, CRM_AUTH_MODE="KEY")

    assert code == 1
    assert "FORBIDDEN" in said
    assert "No profile was stored." in said


def test_the_doctor_needs_an_address(run, monkeypatch):
    code, out, err = run("doctor")

    assert (code, out) == (2, "")
    assert "set CRM_BASE_URL" in err


def test_a_bug_is_not_hidden(monkeypatch):
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(people, "with_database", break_down)
    result: Result = CliRunner().invoke(commands.cli, ["token", "list"])

    assert isinstance(result.exception, ZeroDivisionError)


def test_the_folder_of_a_new_database_is_made(tmp_path):
    make_room(f"sqlite://{tmp_path / 'var' / 'deep' / 'hub.sqlite3'}?journal_mode=WAL")
    make_room("postgres://hub@db/hub")

    assert (tmp_path / "var" / "deep").is_dir()


def test_the_committed_schema_is_todays():
    run = subprocess.run(
        [sys.executable, "-m", "server", "schema", "export", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stderr
