"""The environment: read in one place, and declined in plain sentences."""

import os
from datetime import date
from pathlib import Path

import pytest

from server.settings import BadSettings, LogFormat, read_settings
from services.crm.settings import AuthMode

ROOT = Path(__file__).parent.parent.parent
TENANT = {
    "CRM_BASE_URL": "https://api.crm.example/",
    "CRM_USERNAME": "hub",
    "CRM_PASSWORD": "canary-password",
    "CRM_API_KEY": "canary-key",
    "CRM_INTAKE_SUB_TYPE_ID": "1",
    "CRM_SHADOW_SUB_TYPE_ID": "2",
    "CRM_ACTIVITY_TYPE": "7",
    "CRM_OPEN_STATE": "1",
    "CRM_COMPLETED_STATE": "2",
}


@pytest.fixture
def environment(monkeypatch):
    """Only what a test sets."""
    for name in os.environ:
        if name.startswith(("HUB_", "CRM_", "DATABASE_URL")):
            monkeypatch.delenv(name)

    def be(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return be


def refusal() -> str:
    with pytest.raises(BadSettings) as refused:
        read_settings().crm.tenant()
    return str(refused.value)


def test_nothing_set_is_a_hub_on_this_machine(environment):
    settings = read_settings()

    assert (settings.database_url, settings.address) == ("sqlite://var/hub.sqlite3", "http://127.0.0.1:8000")
    assert (settings.calendar_country, settings.calendar_zone) == ("IT", "Europe/Rome")
    assert settings.crm_calls_per_minute == 40


@pytest.mark.parametrize("name", ["HUB_DATABASE_URL", "DATABASE_URL"])
def test_the_database_goes_by_either_name(environment, name):
    environment(**{name: "postgres://hub@db/hub"})

    assert read_settings().database_url == "postgres://hub@db/hub"


def test_everything_can_be_said_by_variables(environment):
    environment(HUB_PORT="9", HUB_LOG_FORMAT="json", HUB_PUBLIC_URL="https://hub.example/", **TENANT)

    settings = read_settings()
    tenant = settings.crm.tenant()

    assert (settings.port, settings.log_format, settings.address) == (
        9,
        LogFormat.JSON,
        "https://hub.example",
    )
    assert (tenant.base_url, tenant.auth_mode, tenant.api_key) == (
        "https://api.crm.example",
        AuthMode.LOGIN_AND_KEY,
        "canary-key",
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_PORT", "canary"),
        ("HUB_PORT", "70000"),
        ("HUB_DATABASE_URL", "mysql://u:canary@x"),
        ("HUB_PUBLIC_URL", "canary"),
        ("HUB_CALENDAR_COUNTRY", "canary"),
        ("HUB_CALENDAR_ZONE", "canary"),
        ("HUB_LOG_FORMAT", "canary"),
        ("HUB_SWEEP_SECONDS", "0"),
        ("HUB_POLL_SECONDS", "-1"),
        ("HUB_POLL_SINCE", "canary"),
        ("CRM_AUTH_MODE", "canary"),
        ("CRM_BASE_URL", "ftp://canary"),
        ("CRM_PAGE_SIZE", "1"),
        ("CRM_OPEN_STATE", "canary"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_the_variable_only(environment, name, value):
    environment(**{name: value})

    sentence = refusal()

    assert sentence.startswith(f"{name} cannot be used: ")
    assert sentence.endswith(".")
    assert "canary" not in sentence
    assert "\n" not in sentence


def test_every_bad_value_is_named_at_once(environment):
    environment(HUB_PORT="x", HUB_CALENDAR_ZONE="x")

    assert [line.partition(" ")[0] for line in refusal().splitlines()] == ["HUB_PORT", "HUB_CALENDAR_ZONE"]


def test_polling_is_switched_off_with_nought_and_begins_on_a_day(environment):
    environment(HUB_POLL_SECONDS="0", HUB_POLL_SINCE="2026-01-01")

    settings = read_settings()

    assert (settings.poll_seconds, settings.poll_since) == (0, date(2026, 1, 1))


def test_a_crm_that_is_not_described_says_what_is_missing(environment):
    environment(**{name: value for name, value in TENANT.items() if name != "CRM_OPEN_STATE"})

    assert refusal() == "The CRM is not described: set CRM_OPEN_STATE."


def test_variables_that_do_not_fit_together_say_so_without_their_values(environment):
    environment(**{**TENANT, "CRM_API_KEY": ""})

    sentence = refusal()

    assert "api_key" in sentence
    assert "canary" not in sentence


def test_settings_show_no_secret(environment):
    environment(DATABASE_URL="postgres://hub:canary-database@db/hub", **TENANT)

    shown = repr(read_settings())

    assert "canary" not in shown


def test_nothing_else_reads_the_environment():
    readers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("schema", "resolvers", "services", "models", "server")
        for path in (ROOT / folder).rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]

    assert readers == []
