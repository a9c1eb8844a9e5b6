"""Logins, tokens, keys, scopes and the rate limit (§1, §3)."""

import base64
import json
from typing import Any

import pytest

from tests.support.sandbox_client import KEY, LOGIN, Driver, SteeredClock


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


async def headers_of(mode: str, crm: Driver) -> dict[str, str]:
    bearer = {"Authorization": f"Bearer {await crm.log_in()}"}
    return {
        "A": {**bearer, "WebApiKey": "test-key"},
        "B": bearer,
        "C": {"ApiKey": "test-key"},
        "D": {},
        "E": {"apikey": "test-key", "Crm-ApplicationName": "Tests"},
    }[mode]


async def call_as(mode: str, crm: Driver) -> int:
    query = {"apikey": "test-key"} if mode == "D" else {}
    return (await crm.call("GET", "Auth/Me", headers=await headers_of(mode, crm), **query)).status


@pytest.mark.parametrize("mode", list("ABCDE"))
async def test_each_way_to_authenticate_opens_the_door_unless_it_is_switched_off(
    crm: Driver, mode: str
) -> None:
    opened = await call_as(mode, crm)
    await crm.switch(auth_modes=[other for other in "ABCDE" if other not in _also_shown(mode)])
    closed = await call_as(mode, crm)

    assert (opened, closed) == (200, 401)


def _also_shown(mode: str) -> str:
    """The ways that a call shows: one with a bearer and a key would do as one with a bearer alone."""
    return {"A": "AB", "E": "EC"}.get(mode, mode)


async def test_a_key_beside_a_bearer_is_not_looked_at_where_bearers_suffice(crm: Driver) -> None:
    await crm.switch(auth_modes=["B"])
    headers = {"Authorization": f"Bearer {await crm.log_in()}", "WebApiKey": "no key at all"}

    assert (await crm.call("GET", "Auth/Me", headers=headers)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"ApiKey": "wrong"}, id="wrong key"),
        pytest.param({"ApiKey": "chiave-è"}, id="key beyond ASCII"),
        pytest.param({"Authorization": "Bearer wrong"}, id="wrong token"),
        pytest.param({"Authorization": "Basic dGVzdA=="}, id="another scheme"),
    ],
)
async def test_a_call_without_valid_credentials_is_a_401_with_a_message(
    crm: Driver, headers: dict[str, str]
) -> None:
    reply = await crm.call("GET", "Company", headers=headers)

    assert reply.status == 401
    assert reply.json["message"]


async def test_a_login_answers_a_token_with_five_claims_and_twenty_minutes(
    crm: Driver, clock: SteeredClock
) -> None:
    claims = claims_of(await crm.log_in())

    # Each store is a tenant of its own.
    assert int(claims.pop("CustomerId")) > 0
    assert claims == {
        "UserId": "2001",
        "nbf": int(clock.now.timestamp()),
        "iat": int(clock.now.timestamp()),
        "exp": int(clock.now.timestamp()) + 1200,
    }


async def test_a_login_binds_its_names_in_any_case(crm: Driver) -> None:
    body = {"Grant_Type": "password", "userName": "tester", "Password": "test-password"}

    assert (await crm.call("POST", "Auth/Login", body, headers={})).status == 200


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"password": "wrong"}, id="wrong password"),
        pytest.param({"username": "nobody"}, id="unknown user"),
        pytest.param({"password": None}, id="no password"),
        pytest.param({"grant_type": "refresh_token"}, id="another grant"),
    ],
)
async def test_a_failed_login_is_a_400_with_error_and_message(crm: Driver, change: dict[str, Any]) -> None:
    reply = await crm.call("POST", "Auth/Login", {**LOGIN, **change}, headers={})

    assert reply.status == 400
    assert set(reply.json) == {"error", "message"}
    assert crm.rows("token") == []


async def test_a_login_with_a_wrong_key_is_a_401(crm: Driver) -> None:
    assert (await crm.call("POST", "Auth/Login", LOGIN, headers={"WebApiKey": "wrong"})).status == 401


async def test_a_token_lasts_as_long_as_the_switch_says(crm: Driver, clock: SteeredClock) -> None:
    await crm.switch(token_lifetime_seconds=30)
    headers = {"Authorization": f"Bearer {await crm.log_in()}"}

    clock.advance(29)
    before = await crm.call("GET", "Auth/Me", headers=headers)
    clock.advance(1)
    after = await crm.call("GET", "Auth/Me", headers=headers)

    assert (before.status, after.status) == (200, 401)


async def test_revoked_tokens_are_refused_and_new_ones_taken(crm: Driver) -> None:
    old = await crm.log_in()

    await crm.control("DELETE", "tokens")
    new = await crm.log_in()

    replies = [
        await crm.call("GET", "Auth/Me", headers={"Authorization": f"Bearer {token}"}) for token in (old, new)
    ]
    assert [reply.status for reply in replies] == [401, 200]


async def test_tokens_and_secrets_never_reach_the_store(crm: Driver) -> None:
    token = await crm.log_in()

    files = list(crm.store_path.parent.iterdir())

    held = b"".join(file.read_bytes() for file in files)
    assert token.encode() not in held
    assert b"test-password" not in held


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        pytest.param(["read"], {"read"}, id="read only"),
        pytest.param(["create"], {"create"}, id="creation only"),
        pytest.param([], set(), id="nothing"),
        pytest.param(
            ["read", "create", "update", "delete"], {"read", "create", "update", "delete"}, id="everything"
        ),
    ],
)
async def test_a_key_reaches_as_far_as_its_scope(crm: Driver, scope: list[str], allowed: set[str]) -> None:
    company_id = await crm.save("Company", companyName="Alfa")
    await crm.switch(key_scope=scope)

    statuses = {
        "read": (await crm.call("GET", f"Company/{company_id}")).status,
        "create": (await crm.call("POST", "Company", {"companyName": "Beta"})).status,
        "update": (await crm.call("POST", "Company", {"id": company_id, "city": "Todi"})).status,
        "delete": (await crm.call("DELETE", f"Company/{company_id}")).status,
    }

    assert statuses == {action: 200 if action in allowed else 403 for action in statuses}


async def test_the_limit_is_forty_calls_in_any_minute(crm: Driver, clock: SteeredClock) -> None:
    await crm.switch(calls_per_window=40)
    for _ in range(40):
        await crm.get("Company/Count")
        clock.advance(1)

    at_once = await crm.call("GET", "Company/Count")
    clock.advance(20)
    a_minute_after_the_first = [(await crm.call("GET", "Company/Count")).status for _ in range(2)]

    assert at_once.status == 429
    assert at_once.json["message"]
    assert a_minute_after_the_first == [200, 429]


@pytest.mark.parametrize(
    ("seconds", "header"), [pytest.param(None, None, id="without"), pytest.param(7, "7", id="with")]
)
async def test_a_429_says_when_to_come_back_only_where_switched(
    crm: Driver, seconds: int | None, header: str | None
) -> None:
    await crm.switch(calls_per_window=1, retry_after_seconds=seconds)

    await crm.call("GET", "Company")
    refused = await crm.call("GET", "Company")

    assert (refused.status, refused.headers.get("Retry-After")) == (429, header)


async def test_a_refused_call_writes_nothing_and_costs_nothing(crm: Driver, clock: SteeredClock) -> None:
    await crm.switch(calls_per_window=1, window_seconds=10)

    await crm.call("GET", "Company")
    refused = [await crm.call("POST", "Company", {"companyName": "Alfa"}) for _ in range(3)]
    clock.advance(10)
    companies = await crm.get("Company")

    assert [reply.status for reply in refused] == [429] * 3
    assert companies == []


async def test_a_login_is_paid_by_the_key_it_comes_with(crm: Driver) -> None:
    await crm.switch(calls_per_window=1)

    with_key = await crm.call("POST", "Auth/Login", LOGIN, headers={"WebApiKey": "test-key"})
    the_key_again = await crm.call("GET", "Company", headers=KEY)
    without_key = await crm.call("POST", "Auth/Login", LOGIN, headers={})

    assert [with_key.status, the_key_again.status, without_key.status] == [200, 429, 200]
