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
        ("HUB_PUBLIC_URL", "https://hub.example/canary"),
        ("HUB_PUBLIC_URL", "https://canary@hub.example"),
        ("HUB_CRM", "canary"),
        ("HUB_CALENDAR_COUNTRY", "canary"),
        ("HUB_CALENDAR_ZONE", "canary"),
        ("HUB_CALENDAR_ZONE", "../canary"),
        ("HUB_CALENDAR_ZONE", "Europe"),
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

    assert sentence == (
        "CRM_API_KEY cannot be used: left empty, which the auth mode LOGIN_AND_KEY does not allow."
    )


def test_sub_types_that_are_one_and_the_same_are_both_named(environment):
    environment(**{**TENANT, "CRM_SHADOW_SUB_TYPE_ID": "1"})

    assert refusal().startswith("CRM_INTAKE_SUB_TYPE_ID, CRM_SHADOW_SUB_TYPE_ID cannot be used: ")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("HUB_POLL_SECOND", "HUB_POLL_SECONDS"),
        ("HUB_CALLS_PER_MINUTE", "HUB_CRM_CALLS_PER_MINUTE"),
        ("CRM_USER", "CRM_USERNAME"),
    ],
)
def test_a_misspelt_variable_is_told_from_the_one_that_was_meant(environment, name, meant):
    environment(**{name: "canary"})

    assert refusal() == f"{name} is not a variable of ours; {meant} is."


@pytest.mark.parametrize("name", ["HUB_SERVICE_HOST", "HUB_PORT_8000_TCP", "CRM_SERVICE_PORT"])
def test_a_variable_that_others_set_is_left_alone(environment, name):
    environment(**{name: "canary"})

    assert read_settings().port == 8000


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        pytest.param("https://Hub.Example/", "https://hub.example", id="as browsers write it"),
        pytest.param("https://hub.example:443", "https://hub.example", id="the usual port"),
        pytest.param("http://hub.example:8443", "http://hub.example:8443", id="another port"),
    ],
)
def test_our_origin_is_what_browsers_call_it(environment, url, origin):
    environment(HUB_PUBLIC_URL=url)

    assert read_settings().public_url == origin


@pytest.mark.parametrize(
    ("host", "address"),
    [
        pytest.param("192.168.1.7", "http://192.168.1.7:8000", id="one address"),
        pytest.param("0.0.0.0", "http://127.0.0.1:8000", id="all of the machine's"),
        pytest.param("::", "http://[::1]:8000", id="all of version 6"),
    ],
)
def test_an_address_is_one_that_a_browser_can_open(environment, host, address):
    environment(HUB_HOST=host)

    assert read_settings().address == address


def test_settings_show_no_secret(environment):
    environment(DATABASE_URL="postgres://hub:canary-database@db/hub", **TENANT)

    shown = repr(read_settings())

    assert "canary" not in shown


def test_only_one_module_reads_the_environment():
    readers = [
        path.relative_to(ROOT).as_posix()
        for folder in ("schema", "resolvers", "services", "models", "server")
        for path in (ROOT / folder).rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]

    assert readers == ["server/settings.py"]
