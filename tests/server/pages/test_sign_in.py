"""A link or a token signs a browser in."""

from datetime import datetime, timedelta

import pytest

from models import Token
from services.operators import create_sign_in_code, create_token, revoke_token
from services.vocabulary import Role
from tests.support.signed_in import as_browser


async def a_code(served) -> str:
    return (await create_sign_in_code(served.operator.id, actor="test", events=served.events)).secret


async def test_a_link_signs_a_browser_in_once(served):
    code = await a_code(served)

    async with served.follow(code) as first, served.follow(code) as second:
        cookie = first.cookies["hub_session"]

    assert (first.status, second.status) == (204, 410)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert not cookie["secure"]
    assert "hub_session" not in second.cookies


async def test_behind_https_the_cookie_never_travels_in_the_clear(serve):
    served = await serve(public_url="https://hub.example")

    async with served.follow(await a_code(served), headers={"Origin": "https://hub.example"}) as answer:
        assert answer.cookies["hub_session"]["secure"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_preview_of_a_link_does_not_use_it_up(serve, built, method):
    served = await serve(console=built)
    code = await a_code(served)

    async with served.http.request(method, "/accedi", params={"code": code}) as preview:
        page = await preview.text()
    async with served.follow(code) as answer:
        assert answer.status == 204

    assert (preview.status, "hub_session" in preview.cookies) == (200, False)
    assert code not in page


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}], ids=["no page", "another site"])
async def test_another_site_cannot_sign_anybody_in(served, headers):
    code = await a_code(served)

    async with served.follow(code, headers=headers) as foreign:
        assert (foreign.status, "hub_session" in foreign.cookies) == (403, False)
    async with served.follow(code) as own:
        assert own.status == 204


@pytest.mark.parametrize(
    "code", ["", "x" * 43, "x" * 10_000, "\0"], ids=["none", "unknown", "endless", "NUL"]
)
async def test_a_bad_link_says_so(served, code):
    async with served.follow(code) as answer:
        assert answer.status == 410
        assert (await answer.json())["code"] == "LINK_SPENT"


async def test_a_token_signs_a_browser_in_with_its_role(served, events):
    token = await create_token(served.operator.id, Role.VIEWER, "laptop", None, actor="test", events=events)

    async with served.sign_in_by(token.secret) as answer:
        session = answer.cookies["hub_session"].value

    assert answer.status == 204
    assert session != token.secret
    assert (await Token.get(kind="SESSION")).role == "VIEWER"
    async with served.post("{ who }", headers=as_browser(served, session)) as answer:
        assert answer.status == 200


async def test_a_session_ends_with_the_token_that_opened_it(served, clock, events):
    end = clock.now + timedelta(hours=1)
    token = await create_token(served.operator.id, Role.VIEWER, "laptop", end, actor="test", events=events)
    async with served.sign_in_by(token.secret) as answer:
        session = answer.cookies["hub_session"].value

    clock.pass_by(hours=1)

    async with served.post(headers=as_browser(served, session)) as answer:
        assert answer.status == 401


async def test_revoking_a_token_ends_its_sessions_and_no_others(served, events):
    async with served.sign_in_by(served.token) as answer:
        opened = answer.cookies["hub_session"].value
    by_link = await served.sign_in()

    await revoke_token(served.token_id, actor="test", events=events)

    async with served.post(headers=as_browser(served, opened)) as answer:
        assert answer.status == 401
    async with served.post(headers=as_browser(served, by_link)) as answer:
        assert answer.status == 200


async def test_signing_out_leaves_the_token_that_opened_the_session(served):
    async with served.sign_in_by(served.token) as answer:
        session = answer.cookies["hub_session"].value

    async with served.http.post("/sign-out", headers=as_browser(served, session), allow_redirects=False):
        pass

    async with served.post() as answer:
        assert answer.status == 200


async def test_who_shows_an_expired_token_reads_since_when(served, clock, events):
    end = clock.now + timedelta(hours=1)
    token = await create_token(served.operator.id, Role.VIEWER, "laptop", end, actor="test", events=events)
    clock.pass_by(hours=2)

    async with served.sign_in_by(token.secret) as answer:
        body = await answer.json()

    assert (answer.status, body["code"]) == (401, "TOKEN_EXPIRED")
    assert datetime.fromisoformat(body["endedAt"]) == end


async def test_who_shows_a_revoked_token_reads_so(served, events):
    await revoke_token(served.token_id, actor="test", events=events)

    async with served.sign_in_by(served.token) as answer:
        assert (answer.status, (await answer.json())["code"]) == (401, "TOKEN_REVOKED")


@pytest.mark.parametrize(
    "header",
    ["Bearer ihub_" + "x" * 43, "Bearer ihs_" + "x" * 43, "Basic YTpi", ""],
    ids=["unknown", "a session", "no token", "empty"],
)
async def test_what_is_no_token_of_ours_opens_no_session(served, header):
    headers = {"Origin": served.address, "Authorization": header}

    async with served.http.post("/sign-in", headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (401, "UNKNOWN_TOKEN")
        assert "hub_session" not in answer.cookies


async def test_another_site_cannot_open_a_session_with_a_token(served):
    headers = {"Authorization": f"Bearer {served.token}", "Origin": "https://evil.example"}

    async with served.http.post("/sign-in", headers=headers) as answer:
        assert (answer.status, "hub_session" in answer.cookies) == (403, False)
