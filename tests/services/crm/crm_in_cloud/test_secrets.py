"""Nothing secret leaves the client except to the CRM itself: not in a log, an error, a traceback or a repr."""

import logging
import traceback
from dataclasses import replace
from urllib.parse import quote

import aiohttp
import pytest
from aioresponses import aioresponses
from structlog.testing import capture_logs

from services.crm.crm_in_cloud.responses import Call
from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.errors import CrmError
from tests.support.recorded_answers import (
    DRAFT,
    LOGIN,
    OPPORTUNITY_UPSERT,
    SETTINGS,
    ClientMaker,
    dead_end,
    jwt,
)

TOKEN = jwt()

SECRETS = (SETTINGS.username, SETTINGS.password, SETTINGS.api_key, TOKEN)
SPELLINGS = {spelling for secret in SECRETS for spelling in (secret, quote(secret, safe=""))}
TELLTALE = f"No resource matches https://crm.test/api/v1/X?apikey={'; '.join(sorted(SPELLINGS))}"


def leaks(text: str) -> list[str]:
    return [spelling for spelling in SPELLINGS if spelling in text]


def everything_about(error: CrmError) -> str:
    return "\n".join([*traceback.format_exception(error), repr(error), str(vars(error))])


@pytest.mark.parametrize("mode", list(AuthMode))
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status": 400, "payload": {"message": TELLTALE}}, id="the CRM repeats everything"),
        pytest.param({"status": 401, "payload": {"error": TELLTALE}}, id="it refuses what it repeats"),
        pytest.param({"status": 500, "payload": {"message": TELLTALE}}, id="it fails over what it repeats"),
        pytest.param({"status": 200, "payload": {"message": TELLTALE}}, id="it repeats everything but names no id"),
        pytest.param({"status": 429, "payload": {"error": TELLTALE}}, id="it is busy with what it repeats"),
        pytest.param({"status": 200, "body": f"<html>{TELLTALE}</html>"}, id="a page repeats everything"),
        pytest.param({"status": 429, "body": TELLTALE}, id="busy"),
        pytest.param({"exception": dead_end()}, id="no connection"),
        pytest.param({"exception": aiohttp.InvalidURL(f"https://crm.test/{TELLTALE}")}, id="an address that fails"),
        pytest.param(
            {"exception": aiohttp.ConnectionTimeoutError(f"Connection timeout to host {TELLTALE}")},
            id="a time-out that names the address",
        ),
        pytest.param({"exception": aiohttp.ServerDisconnectedError(TELLTALE)}, id="the line went dead"),
    ],
)  # fmt: skip
async def test_a_failed_call_reveals_no_secret(
    client_for: ClientMaker,
    crm_http: aioresponses,
    caplog: pytest.LogCaptureFixture,
    mode: AuthMode,
    answer: dict[str, object],
) -> None:
    crm_http.post(LOGIN, payload={"access_token": TOKEN}, repeat=True)
    crm_http.post(OPPORTUNITY_UPSERT, **answer, repeat=True)
    crm_http.post(f"{OPPORTUNITY_UPSERT}?apikey={SETTINGS.api_key}", **answer, repeat=True)
    crm = client_for(replace(SETTINGS, auth_mode=mode))

    with caplog.at_level(logging.DEBUG), capture_logs() as entries, pytest.raises(CrmError) as failure:
        await crm.create_opportunity(DRAFT)

    assert leaks(everything_about(failure.value)) == []
    assert leaks(f"{entries} {caplog.text}") == []


@pytest.mark.parametrize("status", [400, 500])
async def test_a_failed_login_reveals_no_secret(
    client_for: ClientMaker, crm_http: aioresponses, status: int
) -> None:
    crm_http.post(LOGIN, status=status, payload={"message": TELLTALE})
    crm = client_for(replace(SETTINGS, auth_mode=AuthMode.LOGIN_AND_KEY))

    with capture_logs() as entries, pytest.raises(CrmError) as failure:
        await crm.create_opportunity(DRAFT)

    assert leaks(everything_about(failure.value)) == []
    assert leaks(str(entries)) == []


def test_settings_show_no_secret() -> None:
    assert leaks(f"{SETTINGS!r} {SETTINGS}") == []


@pytest.mark.parametrize("mode", list(AuthMode))
def test_settings_that_lack_something_name_it_and_show_nothing(mode: AuthMode) -> None:
    with pytest.raises(ValueError, match="auth mode") as complaint:
        replace(SETTINGS, auth_mode=mode, username="", api_key="")

    assert leaks(str(complaint.value)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"base_url": "crm.test"}, id="no scheme"),
        pytest.param({"base_url": "https://user:pass@crm.test"}, id="credentials in the address"),
        pytest.param({"base_url": "file:///etc/passwd"}, id="no web address"),
        pytest.param({"shadow_sub_type_id": SETTINGS.intake_sub_type_id}, id="our own echo"),
        pytest.param({"page_size": 1}, id="pages that cannot overlap"),
        pytest.param({"api_key": "key\r\nHost: other"}, id="a line break in the key"),
        pytest.param({"username": "user\0"}, id="a control character in the user name"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        replace(SETTINGS, **wrong)


def test_a_call_is_named_without_its_query_and_body() -> None:
    call = Call(
        "GET", "Company/Search", query={"apikey": "canary-key"}, body={"password": "canary-pass/word"}
    )

    assert leaks(f"{call} {call!r}") == []


async def test_every_call_is_logged_with_its_method_path_outcome_and_duration(
    client_for: ClientMaker, crm_http: aioresponses
) -> None:
    crm = client_for(replace(SETTINGS, auth_mode=AuthMode.KEY_IN_QUERY))
    crm_http.post(f"{OPPORTUNITY_UPSERT}?apikey={SETTINGS.api_key}", body="4711")
    crm_http.post(f"{OPPORTUNITY_UPSERT}?apikey={SETTINGS.api_key}", exception=TimeoutError())

    with capture_logs() as entries:
        await crm.create_opportunity(DRAFT)
        with pytest.raises(CrmError):
            await crm.create_opportunity(DRAFT)

    reported = [(entry["method"], entry["path"], entry["outcome"], entry["ms"]) for entry in entries]
    assert reported == [
        ("POST", "Opportunity/CreateOrUpdate", 200, 0),
        ("POST", "Opportunity/CreateOrUpdate", "CrmOutcomeUnknown", 0),
    ]
