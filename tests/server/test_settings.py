"""The environment: read in one place, and declined in plain sentences."""

import os
from datetime import date
from pathlib import Path

import pytest

from server.logs import secrets_of
from server.settings import BadSettings, CrmVariables, LogFormat, Settings, read_settings
from services.crm.crm_in_cloud.settings import AuthMode

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
        if name.startswith(("HUB_", "CRM_", "DATABASE_URL")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)

    def be(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return be


def refusal() -> str:
    with pytest.raises(BadSettings) as refused:
        read_settings().tenant()
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
    tenant = settings.tenant()

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
        ("HUB_PUBLIC_URL", "canary"),
        ("HUB_PUBLIC_URL", "https://hub.example/canary"),
        ("HUB_PUBLIC_URL", "https://hub.example.it:99999"),
        ("HUB_PUBLIC_URL", "https://hub.example.it:port"),
        ("HUB_PUBLIC_URL", "https://hub example.it"),
        ("HUB_PUBLIC_URL", "https://[::1"),
        ("HUB_CALENDAR_COUNTRY", "canary"),
        ("HUB_CALENDAR_ZONE", "canary"),
        ("HUB_CALENDAR_ZONE", "../canary"),
        ("HUB_CALENDAR_ZONE", "Europe"),
        ("HUB_CATALOG_FOLDER", "/nowhere/catalog"),
        ("HUB_LOG_FORMAT", "canary"),
        ("HUB_SWEEP_SECONDS", "0"),
        ("HUB_SWEEP_SECONDS", "inf"),
        ("HUB_POLL_SECONDS", "-1"),
        ("HUB_POLL_SECONDS", "nan"),
        ("HUB_POLL_SINCE", "canary"),
        ("CRM_AUTH_MODE", "canary"),
        ("CRM_BASE_URL", "ftp://canary"),
        ("CRM_BASE_URL", "https://crm.example:port"),
        ("CRM_PAGE_SIZE", "1"),
        ("CRM_OPEN_STATE", "canary"),
        ("CRM_COMPANY_PAGE", "https://crm.example/company"),
        ("CRM_COMPANY_PAGE", "https://{id}.crm.example/company"),
        ("CRM_OPPORTUNITY_PAGE", "https://crm.example/{id}/{id}"),
        ("CRM_ACTIVITY_PAGE", "javascript:alert({id})"),
    ],
)
def test_a_bad_value_is_one_sentence_that_names_variable_and_value(environment, name, value):
    environment(**{name: value})

    sentence = refusal()

    assert sentence.startswith(f"{name}={value!r} cannot be used: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HUB_DATABASE_URL", "mysql://u:canary@x"),
        ("DATABASE_URL", "canary"),
        ("HUB_PUBLIC_URL", "https://canary@hub.example"),
        ("CRM_BASE_URL", "ftp://hub:canary@crm.example"),
        ("HUB_CRM", "canary"),
    ],
)
def test_a_bad_value_that_may_hold_a_secret_is_not_repeated(environment, name, value):
    environment(**{name: value})

    sentence = refusal()

    assert sentence.startswith(f"{name} cannot be used: ")
    assert "canary" not in sentence


@pytest.mark.parametrize(
    "value",
    [
        "https://hub:canary@proxy.example:3128",
        "socks5://hub:canary@proxy.example:1080",
        "http://hub:canary@proxy.example:port",
        "http://hub:canary@proxy.example:99999",
        "http://hub:canary/@proxy.example:3128",
        "http://hub:canary%0A@proxy.example:3128",
        "http://hub%3Aa:canary@proxy.example:3128",
        "http://proxy.example:3128/canary",
        "http://:canary",
    ],
)
def test_a_proxy_that_cannot_be_right_is_not_repeated(environment, value):
    environment(HTTPS_PROXY=value, **TENANT)

    sentence = refusal()

    assert sentence.startswith("HTTPS_PROXY cannot be used: ")
    assert "canary" not in sentence


@pytest.mark.parametrize(
    ("variables", "address"),
    [
        ({"HTTPS_PROXY": "proxy.example:3128"}, "http://proxy.example:3128"),
        ({"https_proxy": "http://proxy.example:3128"}, "http://proxy.example:3128"),
        ({"HTTP_PROXY": "http://proxy.example:3128"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "other.example, .crm.example"}, None),
        ({"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": ""}, None),
    ],
)
def test_the_proxy_is_the_one_that_the_environment_names_for_the_crm(environment, variables, address):
    environment(**variables, **TENANT)

    proxy = read_settings().tenant().proxy

    assert (proxy.address if proxy else None) == address


@pytest.mark.parametrize("kind", ["tenant", "access"])
def test_a_proxy_is_named_with_its_credentials_which_nothing_shows(environment, kind):
    environment(HTTPS_PROXY="http://hub:canary%40word@Proxy.example:3128/", **TENANT)

    settings = read_settings()
    proxy = getattr(settings, kind)().proxy

    assert (proxy.address, proxy.username, proxy.password) == (
        "http://proxy.example:3128",
        "hub",
        "canary@word",
    )
    assert "canary" not in repr(settings) + str(settings) + repr(proxy)
    assert "canary@word" in secrets_of(settings)


@pytest.mark.parametrize("empty", ["", "  ", "\r\n"])
def test_an_empty_variable_is_as_if_not_set(environment, empty):
    unset = read_settings()
    names = [f"HUB_{name.upper()}" for name in Settings.model_fields if name not in ("crm", "database_url")]
    names += [f"CRM_{name.upper()}" for name in CrmVariables.model_fields]

    environment(HUB_DATABASE_URL=empty, DATABASE_URL="postgres://hub@db/hub", **dict.fromkeys(names, empty))

    settings = read_settings()
    assert settings.model_copy(update={"database_url": unset.database_url}) == unset
    assert settings.database_url == "postgres://hub@db/hub"


def test_white_space_around_a_value_is_removed(environment):
    environment(
        HUB_HOST="127.0.0.1\r", HUB_GRAPHIQL=" false\n", CRM_API_KEY="key\r\n", HUB_LOG_FORMAT="json\r"
    )

    settings = read_settings()

    assert (settings.host, settings.graphiql, settings.log_format) == ("127.0.0.1", False, LogFormat.JSON)
    assert settings.crm.api_key.get_secret_value() == "key"


def test_every_bad_value_is_named_at_once(environment):
    environment(HUB_PORT="x", HUB_CALENDAR_ZONE="x")

    assert [line.partition("=")[0] for line in refusal().splitlines()] == ["HUB_PORT", "HUB_CALENDAR_ZONE"]


def test_polling_is_switched_off_with_zero_and_begins_on_a_day(environment):
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
def test_a_misspelt_variable_is_reported_with_the_one_that_was_meant(environment, name, meant):
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
        pytest.param("https://münchen.example", "https://xn--mnchen-3ya.example", id="another alphabet"),
        pytest.param("http://[::1]:8443", "http://[::1]:8443", id="version 6"),
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
