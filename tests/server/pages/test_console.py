"""The pages of the console and of GraphiQL."""

import pytest

from models import Token
from services.operators import OperatorDraft, create_operator, revoke_token
from services.vocabulary import Role

BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.mark.parametrize("path", ["/", "/accedi"])
async def test_the_console_is_there_without_a_session(serve, built, path):
    served = await serve(console=built)

    async with served.http.get(path) as answer:
        assert (answer.status, answer.headers["cache-control"]) == (200, "no-cache")
        assert (await answer.text()).endswith("|false|.venv/bin/python -m server sign-in-link|true")


async def test_the_console_knows_whether_the_browser_showed_a_session(serve, built):
    served = await serve(console=built)
    session = await served.sign_in()

    async with served.http.get("/", headers={"Cookie": f"hub_session={session}"}) as answer:
        assert "|true|" in await answer.text()


async def test_each_page_allows_only_styles_that_name_its_own_nonce(serve, built):
    served = await serve(console=built)

    nonces = set()
    for _ in range(2):
        async with served.http.get("/") as answer:
            policy = answer.headers["content-security-policy"]
            nonce = (await answer.text()).partition("|")[0]
        assert f"style-src 'self' 'nonce-{nonce}'" in policy
        assert "unsafe-inline" not in policy
        nonces.add(nonce)

    assert len(nonces) == 2


async def test_to_a_browser_every_unknown_path_is_a_page_of_the_console(serve, built):
    served = await serve(console=built)

    async with served.http.get("/ticket/TCK-SOD-5155-00", headers=BROWSER) as page:
        pass
    async with served.http.get("/ticket/TCK-SOD-5155-00") as program:
        pass
    async with served.http.post("/ticket/TCK-SOD-5155-00", headers=BROWSER) as write:
        pass
    async with served.http.get("/assets/gone/further.js", headers=BROWSER) as asset:
        pass

    assert (page.status, page.content_type) == (200, "text/html")
    assert [answer.status for answer in (program, write, asset)] == [404, 404, 404]


async def test_graphiql_needs_a_session_and_names_its_owner(serve, built):
    served = await serve(console=built)

    async with served.http.get("/graphiql", allow_redirects=False) as stranger:
        pass
    async with served.http.get(
        "/graphiql", headers={"Cookie": f"hub_session={await served.sign_in()}"}
    ) as friend:
        page = await friend.text()

    assert (stranger.status, stranger.headers["location"]) == (303, "/accedi?to=%2Fgraphiql")
    assert friend.status == 200
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


@pytest.mark.parametrize("path", ["/", "/accedi", "/graphiql"])
async def test_an_unbuilt_console_says_how_to_build_it(serve, tmp_path, path):
    served = await serve(console=tmp_path)

    async with served.http.get(path, headers={"Cookie": f"hub_session={await served.sign_in()}"}) as answer:
        assert answer.status == 503
        assert "make setup" in await answer.text()


async def test_a_revoked_session_sees_no_page(serve, built, events):
    served = await serve(console=built)
    session = await served.sign_in()
    row = await Token.get(kind="SESSION")

    await revoke_token(row.id, actor="test", events=events)

    async with served.http.get(
        "/graphiql", headers={"Cookie": f"hub_session={session}"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303
