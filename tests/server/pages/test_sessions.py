"""What a session may do, and when it ends."""

import pytest

from models import Operator, Token
from tests.support.signed_in import as_browser


async def test_a_signed_in_page_may_call_the_api(served):
    headers = as_browser(served, await served.sign_in())

    async with served.post("{ who }", headers=headers) as answer:
        assert await answer.json() == {"data": {"who": "Giulia Ferri"}}


@pytest.mark.parametrize(
    "origin",
    [
        pytest.param("https://evil.example", id="another site"),
        pytest.param("http://127.0.0.1:1", id="another port"),
        pytest.param("null", id="no site"),
        pytest.param("", id="empty"),
    ],
)
async def test_a_page_of_another_site_may_not(served, origin):
    headers = {"Cookie": f"hub_session={await served.sign_in()}", "Origin": origin}

    async with served.post("{ who }", headers=headers) as answer:
        assert answer.status == 401


async def test_a_cookie_without_an_origin_may_not(served):
    async with served.post("{ who }", headers={"Cookie": f"hub_session={await served.sign_in()}"}) as answer:
        assert answer.status == 401


async def test_our_origin_is_the_one_that_was_set(serve):
    served = await serve(public_url="https://hub.example")
    session = await served.sign_in(origin="https://hub.example")

    async with served.post(headers=as_browser(served, session, origin="https://hub.example")) as ours:
        pass
    async with served.post(headers=as_browser(served, session)) as by_host:
        pass

    assert (ours.status, by_host.status) == (200, 401)


async def test_a_header_wins_over_a_cookie(served):
    headers = {**as_browser(served, await served.sign_in()), "Authorization": "Bearer ihub_" + "x" * 43}

    async with served.post("{ who }", headers=headers) as answer:
        assert answer.status == 401


async def test_a_session_is_no_bearer_token_and_a_token_no_session(served):
    session = await served.sign_in()

    async with served.post(headers={"Authorization": f"Bearer {session}"}) as as_bearer:
        pass
    async with served.post(headers=as_browser(served, served.token)) as as_cookie:
        pass

    assert (as_bearer.status, as_cookie.status) == (401, 401)


async def test_signing_out_ends_the_session_everywhere(served):
    session = await served.sign_in()

    async with served.http.post(
        "/sign-out", headers=as_browser(served, session), allow_redirects=False
    ) as answer:
        pass
    async with served.post(headers=as_browser(served, session)) as afterwards:
        pass

    assert (answer.status, answer.headers["location"]) == (303, "/accedi?signedOut=true")
    assert answer.cookies["hub_session"].value == ""
    assert afterwards.status == 401
    assert await Token.filter(kind="SESSION", revoked_at=None).count() == 0


async def test_another_site_cannot_sign_anybody_out(served):
    session = await served.sign_in()

    async with served.http.post(
        "/sign-out", headers=as_browser(served, session, origin="https://evil.example")
    ) as answer:
        assert answer.status == 403
    async with served.post(headers=as_browser(served, session)) as afterwards:
        assert afterwards.status == 200


@pytest.mark.parametrize(("role", "hours"), [("VIEWER", 90 * 24), ("OPERATOR", 12), ("ADMIN", 12)])
async def test_a_session_ends_after_a_working_day_or_after_months_if_it_only_reads(
    served, clock, role, hours
):
    await Operator.filter(id=served.operator.id).update(role=role)
    session = await served.sign_in()

    clock.pass_by(hours=hours - 1)
    async with served.post(headers=as_browser(served, session)) as just_before:
        pass
    clock.pass_by(hours=1)
    async with served.post(headers=as_browser(served, session)) as then:
        pass

    assert (just_before.status, then.status) == (200, 401)
