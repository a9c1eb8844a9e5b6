"""Signing a browser in and out, and the pages that need a session."""

import pytest

from models import Token
from services.operators import OperatorDraft, create_operator, create_sign_in_code, revoke_token
from services.vocabulary import Role


async def a_code(served) -> str:
    return (await create_sign_in_code(served.operator.id, actor="test", events=served.events)).secret


def as_browser(served, session, *, origin=None) -> dict[str, str]:
    return {"Cookie": f"hub_session={session}", "Origin": origin or served.address}


@pytest.fixture
def built(tmp_path):
    (tmp_path / "graphiql.html").write_text('<b title="%VIEWER_NAME%">%VIEWER_ROLE%</b>')
    return tmp_path


async def test_a_link_signs_a_browser_in_once(served):
    code = await a_code(served)

    async with served.http.get("/sign-in", params={"code": code}) as first:
        page = await first.text()
    async with served.http.get("/sign-in", params={"code": code}) as second:
        pass

    cookie = first.cookies["hub_session"]
    assert (first.status, second.status) == (200, 410)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "strict", "/")
    assert not cookie["secure"]
    assert "/graphiql" in page
    assert code not in page
    assert "hub_session" not in second.cookies


async def test_behind_https_the_cookie_never_travels_in_the_clear(serve):
    served = await serve(public_url="https://hub.example")

    async with served.http.get("/sign-in", params={"code": await a_code(served)}) as answer:
        assert answer.cookies["hub_session"]["secure"]


async def test_who_only_looks_at_a_link_does_not_use_it_up(served):
    code = await a_code(served)

    async with served.http.head("/sign-in", params={"code": code}):
        pass

    async with served.http.get("/sign-in", params={"code": code}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("query", [{}, {"code": ""}, {"code": "x" * 43}, {"code": "x" * 10_000}])
async def test_a_bad_link_says_so_in_the_operators_language(served, query):
    async with served.http.get("/sign-in", params=query) as answer:
        assert answer.status == 410
        assert "non vale più" in await answer.text()


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
    session = await served.sign_in()

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

    async with served.http.post("/sign-out", headers=as_browser(served, session)) as answer:
        pass
    async with served.post(headers=as_browser(served, session)) as afterwards:
        pass

    assert answer.status == 200
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


async def test_a_session_ends_after_a_working_day(served, clock):
    session = await served.sign_in()

    clock.pass_by(hours=12)

    async with served.post(headers=as_browser(served, session)) as answer:
        assert answer.status == 401


async def test_graphiql_needs_a_session_and_names_its_owner(serve, built):
    served = await serve(console=built)

    async with served.http.get("/graphiql") as stranger:
        pass
    async with served.http.get(
        "/graphiql", headers={"Cookie": f"hub_session={await served.sign_in()}"}
    ) as friend:
        page = await friend.text()

    assert (stranger.status, friend.status) == (401, 200)
    assert page == '<b title="Giulia Ferri">OPERATOR</b>'
    assert "script-src 'self';" in friend.headers["content-security-policy"]


async def test_a_name_is_only_a_name_on_a_page(serve, built, events):
    served = await serve(console=built)
    served.operator = await create_operator(
        OperatorDraft(name='"><script>alert(1)</script>', email="x@y.example", role=Role.VIEWER),
        actor="test",
        events=events,
    )

    async with served.http.get(
        "/graphiql", headers={"Cookie": f"hub_session={await served.sign_in()}"}
    ) as answer:
        assert "<script>" not in await answer.text()


async def test_graphiql_can_be_switched_off(serve, built):
    served = await serve(console=built, graphiql=False)

    async with served.http.get(
        "/graphiql", headers={"Cookie": f"hub_session={await served.sign_in()}"}
    ) as answer:
        assert answer.status == 404


async def test_an_unbuilt_console_says_how_to_build_it(serve, tmp_path):
    served = await serve(console=tmp_path)

    async with served.http.get(
        "/graphiql", headers={"Cookie": f"hub_session={await served.sign_in()}"}
    ) as answer:
        assert answer.status == 503
        assert "make setup" in await answer.text()


async def test_a_revoked_session_sees_no_page(serve, built, events):
    served = await serve(console=built)
    session = await served.sign_in()
    row = await Token.get(kind="SESSION")

    await revoke_token(row.id, actor="test", events=events)

    async with served.http.get("/graphiql", headers={"Cookie": f"hub_session={session}"}) as answer:
        assert answer.status == 401
