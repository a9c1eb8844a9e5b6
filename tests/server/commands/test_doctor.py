"""The doctor reports what it found, for people and for programs."""

import asyncio
import json

import pytest

from tests.support.running_hub import TENANT

NUMBERS = [name for name in TENANT if name.endswith(("SUB_TYPE_ID", "ACTIVITY_TYPE", "STATE"))]


@pytest.fixture
def examine(run, monkeypatch, sandbox_process):
    """Let the doctor look at the sandbox, with these variables changed and these switches set."""
    asyncio.run(sandbox_process.start_over())
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


def test_the_doctor_s_advice_stays_readable_where_a_secret_is_an_ordinary_word(examine):
    _, said, err = examine(CRM_PASSWORD="password")

    assert "Check CRM_AUTH_MODE, and the user name, password and key that this mode needs." in " ".join(
        said.split()
    )
    assert "answered so far: 1" in err


def test_the_doctor_names_the_proxy_and_not_its_password(examine):
    _, said, err = examine(CRM_BASE_URL="http://crm.test", HTTP_PROXY="http://hub:canary@127.0.0.1:9")

    assert "The CRM at http://crm.test through the proxy http://127.0.0.1:9." in said
    assert "HTTPS_PROXY must name it" in " ".join(said.split())
    assert "canary" not in said + err


def test_the_doctor_reports_the_same_to_programs(examine):
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


def test_a_database_that_cannot_be_used_is_named_before_the_crm_is_asked(examine, monkeypatch, tmp_path):
    monkeypatch.setenv("HUB_DATABASE_URL", f"sqlite://{tmp_path}")

    code, said, err = examine()

    assert (code, said) == (2, "")
    assert err == f"The file {tmp_path} cannot be used as the hub's database: it is a folder.\n"


def test_a_page_in_html_is_not_the_crm(examine, sandbox_process):
    asyncio.run(sandbox_process.plan("html_200", times=None))

    code, said, _ = examine()

    assert code == 2
    assert "NOT_THE_CRM" in said
    assert "No profile was stored." in said


def test_a_key_without_rights_is_reported_and_no_profile_is_stored(examine):
    code, said, _ = examine(switches={"key_scope": ["create"]}, CRM_AUTH_MODE="KEY")

    assert code == 1
    assert "FORBIDDEN" in said
    assert "No profile was stored." in said


def test_the_doctor_needs_an_address(run, monkeypatch):
    code, out, err = run("doctor")

    assert (code, out) == (2, "")
    assert "set CRM_BASE_URL" in err
