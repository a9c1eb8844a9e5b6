"""The ways in: what each auth mode shows, and what comes of a login that fails."""

from dataclasses import replace

import pytest
from aioresponses import aioresponses

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.settings import AuthMode
from services.crm.errors import CrmError, CrmUnavailable, LoginRefused
from tests.support.recorded_answers import (
    ACTIVITY_845,
    DRAFT,
    EXPIRED,
    HTML,
    LOGIN,
    SETTINGS,
    ClientMaker,
    credentials,
    jwt,
    sent,
)


@pytest.fixture
def crm(client_for: ClientMaker) -> CrmInCloudClient:
    return client_for(replace(SETTINGS, auth_mode=AuthMode.LOGIN))


@pytest.mark.parametrize(
    ("mode", "headers", "query"),
    [
        pytest.param(
            AuthMode.LOGIN_AND_KEY,
            {"Authorization": f"Bearer {jwt()}", "WebApiKey": "canary-key"},
            "",
            id="A",
        ),
        pytest.param(AuthMode.LOGIN, {"Authorization": f"Bearer {jwt()}"}, "", id="B"),
        pytest.param(AuthMode.KEY, {"ApiKey": "canary-key"}, "", id="C"),
        pytest.param(AuthMode.KEY_IN_QUERY, {}, "?apikey=canary-key", id="D"),
        pytest.param(
            AuthMode.KEY_AND_APPLICATION,
            {"ApiKey": "canary-key", "Crm-ApplicationName": "IntelligenceHub"},
            "",
            id="E",
        ),
    ],
)
async def test_every_auth_mode_shows_what_it_is_made_of(
    client_for: ClientMaker,
    crm_http: aioresponses,
    mode: AuthMode,
    headers: dict[str, str],
    query: str,
) -> None:
    crm_http.post(LOGIN, payload={"access_token": jwt()})
    crm_http.get(ACTIVITY_845 + query, payload={"id": 845})

    await client_for(replace(SETTINGS, auth_mode=mode)).get_activity(845)

    assert [credentials(request) for request in sent(crm_http, "GET", ACTIVITY_845 + query)] == [headers]
    assert len(sent(crm_http, "POST", LOGIN)) == mode.logs_in


async def test_the_login_shows_the_key_where_the_mode_has_one(
    client_for: ClientMaker, crm_http: aioresponses
) -> None:
    crm_http.post(LOGIN, payload={"access_token": jwt()})
    crm_http.get(ACTIVITY_845, payload={"id": 845})

    await client_for(replace(SETTINGS, auth_mode=AuthMode.LOGIN_AND_KEY)).get_activity(845)

    (login,) = sent(crm_http, "POST", LOGIN)
    assert credentials(login) == {"WebApiKey": "canary-key"}
    assert login["json"] == {
        "grant_type": "password",
        "username": "canary-user@example.it",
        "password": "canary-pass/word",
    }


async def test_a_key_that_is_not_accepted_is_not_shown_again(
    client_for: ClientMaker, crm_http: aioresponses
) -> None:
    crm_http.get(ACTIVITY_845, status=401, payload=EXPIRED, repeat=True)

    with pytest.raises(LoginRefused):
        await client_for(SETTINGS).get_activity(845)

    assert len(sent(crm_http, "GET", ACTIVITY_845)) == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param({"status": 400, "payload": {"access_token": None}}, LoginRefused, id="400"),
        pytest.param({"status": 401, "payload": {"message": "no"}}, LoginRefused, id="401"),
        pytest.param(
            {"status": 200, "payload": {"error": "invalid_grant"}}, LoginRefused, id="200 with error"
        ),
        pytest.param({"status": 200, "payload": {}}, CrmUnavailable, id="200 without a token"),
        pytest.param({"status": 200, "body": HTML}, CrmUnavailable, id="a page"),
        pytest.param({"status": 429}, CrmUnavailable, id="busy"),
        pytest.param({"status": 500}, CrmUnavailable, id="down"),
        pytest.param({"exception": TimeoutError()}, CrmUnavailable, id="no answer"),
    ],
)
async def test_a_create_whose_login_failed_was_surely_not_carried_out(
    crm: CrmInCloudClient, crm_http: aioresponses, answer: dict[str, object], error: type[CrmError]
) -> None:
    claims: list[str] = []
    crm_http.post(LOGIN, **answer)

    async def claim() -> None:
        claims.append("claimed")

    with pytest.raises(CrmError) as failure:
        await crm.create_opportunity(DRAFT, claim=claim)

    assert failure.type is error
    assert claims == []
