"""What a POST to /graphql is answered, for friends and for strangers."""

import asyncio
from contextlib import AsyncExitStack, suppress

import aiohttp
import orjson
import pytest

from server.limits import Limits
from services.operators import revoke_token

RESPONSE_JSON = "application/graphql-response+json"


async def test_a_known_caller_is_answered(served):
    async with served.post("{ who }") as answer:
        assert answer.status == 200
        assert answer.content_type == "application/json"
        assert await answer.json() == {"data": {"who": "Giulia Ferri"}}


async def test_every_request_has_an_id_that_resolvers_and_callers_share(served):
    async with served.post("{ requestId }") as one, served.post("{ requestId }") as other:
        seen = {
            answer.headers["x-request-id"]: (await answer.json())["data"]["requestId"]
            for answer in (one, other)
        }

    assert len(seen) == 2
    assert all(sent == resolved for sent, resolved in seen.items())


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing shown"),
        pytest.param({"Authorization": ""}, id="empty header"),
        pytest.param({"Authorization": "Bearer ihub_" + "x" * 43}, id="unknown token"),
        pytest.param({"Authorization": "Basic aWh1Yjp4"}, id="another scheme"),
        pytest.param({"Authorization": "Bearer"}, id="scheme alone"),
        pytest.param({"Authorization": "Bearer " + "x" * 5000}, id="endless token"),
    ],
)
async def test_a_stranger_learns_how_to_come_in(served, headers):
    async with served.post("{ who }", headers=headers) as answer:
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert (await answer.json())["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


@pytest.mark.parametrize(
    "media_type", ["Application/JSON; Charset=Utf-8", "APPLICATION/JSON", "application/json;"]
)
async def test_a_media_type_has_no_case(served, media_type):
    headers = {**served.bearer, "Content-Type": media_type}

    async with served.http.post("/graphql", data=b'{"query": "{ who }"}', headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    "target", ["http://hub.example.it/graphql", "HTTPS://hub.example.it:8443/graphql?x=1"]
)
async def test_a_target_that_is_a_whole_address_is_answered(served, target):
    body = b'{"query": "{ who }"}'
    head = (
        f"POST {target} HTTP/1.1\r\nHost: elsewhere.example\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {served.token}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )

    async with served.raw() as (reader, writer):
        writer.write(head.encode() + body)
        answer = await asyncio.wait_for(reader.read(), 5)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"Giulia Ferri" in answer


async def test_one_address_holds_only_so_many_connections(serve):
    served = await serve(limits=Limits(connections_per_address=3))

    async with AsyncExitStack() as held:
        for _ in range(3):
            await held.enter_async_context(served.raw())
        async with served.raw() as (reader, _):
            with suppress(ConnectionError):
                assert await asyncio.wait_for(reader.read(), 60) == b""

    async with asyncio.timeout(60):
        while not await is_answered(served):
            await asyncio.sleep(0.01)


async def is_answered(served):
    """False as long as the server has not noticed that the others hung up."""
    try:
        async with served.post() as answer:
            return answer.status == 200
    except aiohttp.ServerDisconnectedError:
        return False


async def test_a_strangers_body_is_never_parsed(served):
    async with served.http.post(
        "/graphql", data=b"{not json", headers={"Content-Type": "text/plain"}
    ) as answer:
        assert answer.status == 401


async def test_a_revoked_token_is_a_strangers_at_once(served):
    await revoke_token(served.token_id, actor="test", events=served.events)

    async with served.post() as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"null", id="null"),
        pytest.param(b"1", id="number"),
        pytest.param(b'"x"', id="string"),
        pytest.param(b"[]", id="empty batch"),
        pytest.param(b'[{"query": "{ who }"}]', id="batch"),
        pytest.param(b"{}", id="no query"),
        pytest.param(b'{"query": 1}', id="query no text"),
        pytest.param(b'{"query": null}', id="query null"),
        pytest.param(b'{"query": "{ who }", "variables": []}', id="variables a list"),
        pytest.param(b'{"query": "{ who }", "operationName": 7}', id="operation name a number"),
        pytest.param(b'{"query": "{ who }", "extensions": "x"}', id="extensions a text"),
        pytest.param(b'{"query": "{ who', id="cut off"),
        pytest.param(b'{"query": "\xff\xfe"}', id="invalid UTF-8"),
        pytest.param(b'{"query": "\\ud800"}', id="half a character"),
        pytest.param(b"[" * 100_000, id="deep nesting"),
        pytest.param(b'{"a":' * 20_000, id="deep objects"),
        pytest.param(b"", id="empty"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", RESPONSE_JSON])
async def test_a_body_that_is_no_operation_is_a_graphql_error(served, body, accept):
    headers = {**served.bearer, "Content-Type": "application/json", "Accept": accept}

    async with served.http.post("/graphql", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert orjson.loads(await answer.read())["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_what_a_form_could_send_is_not_taken(served, content_type):
    headers = {**served.bearer, "Content-Type": content_type}

    async with served.http.post("/graphql", data=b'{"query": "{ who }"}', headers=headers) as answer:
        assert answer.status == 415


@pytest.mark.parametrize(
    ("accept", "status", "content_type"),
    [
        pytest.param("application/json", 200, "application/json", id="JSON"),
        pytest.param("*/*", 200, "application/json", id="anything"),
        pytest.param(RESPONSE_JSON, 400, RESPONSE_JSON, id="GraphQL over HTTP"),
        pytest.param(f"{RESPONSE_JSON}, application/json;q=0.9", 400, RESPONSE_JSON, id="as clients send it"),
    ],
)
@pytest.mark.parametrize(
    "query",
    [
        pytest.param("{ nobody }", id="unknown field"),
        pytest.param("{ who", id="bad syntax"),
        pytest.param("query ($t: String!) { echo(text: $t) }", id="a variable is missing"),
        pytest.param("mutation A { write } query B { who }", id="one of several operations"),
    ],
)
async def test_a_request_error_is_worded_as_the_client_asks(served, accept, status, content_type, query):
    async with served.post(query, headers={**served.bearer, "Accept": accept}) as answer:
        body = orjson.loads(await answer.read())

        assert (answer.status, answer.content_type) == (status, content_type)
        assert "data" not in body
        assert body["errors"][0]["message"]


async def test_data_is_200_in_both_media_types(served):
    async with served.post(headers={**served.bearer, "Accept": RESPONSE_JSON}) as answer:
        assert (answer.status, answer.content_type) == (200, RESPONSE_JSON)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_only_post_is_taken_and_the_answer_says_so(served, method):
    async with served.http.request(
        method, "/graphql", params={"query": "{ who }"}, headers=served.bearer
    ) as answer:
        assert (answer.status, answer.headers["allow"]) == (405, "POST")


async def test_a_large_answer_is_compressed(served):
    async with served.post('{ echo(text: "%s") }' % ("abc " * 1000), headers=served.bearer) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert (await answer.json())["data"]["echo"].startswith("abc abc")


@pytest.mark.parametrize("path", ["/graphql", "/healthz", "/nowhere", "/sign-in"])
async def test_every_answer_is_sealed(served, path):
    async with served.http.get(path) as answer:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert "server" not in answer.headers


async def test_a_caller_who_asks_too_often_learns_when_to_come_back(serve):
    served = await serve(limits=Limits(requests_per_minute=3))

    answers = [await served.post() for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 21


async def test_a_bug_is_masked_for_the_caller_and_logged_whole(served, caplog, capsys):
    async with served.http.get("/breaks", headers=served.bearer) as answer:
        body = await answer.text()

    said = capsys.readouterr()
    logged = said.out + said.err + caplog.text
    assert answer.status == 500
    assert answer.headers["x-request-id"] in body
    assert "canary-in-an-exception" not in body
    assert "canary-in-an-exception" in logged
    assert answer.headers["x-request-id"] in logged


async def test_a_rest_route_is_behind_the_same_gate(served):
    async with served.http.post("/acts", json={"a": 1}, headers=served.bearer) as friend:
        answer = await friend.json()
    async with served.http.post("/acts", json={}) as stranger:
        problem = orjson.loads(await stranger.read())

    assert answer == {"viewer": "Giulia Ferri", "body": '{"a": 1}'}
    assert (stranger.status, stranger.content_type) == (401, "application/problem+json")
    assert (problem["status"], problem["code"]) == (401, "UNAUTHENTICATED")


async def test_a_rest_route_needs_no_body(served):
    async with served.http.post("/acts", headers=served.bearer) as answer:
        assert (await answer.json())["body"] == ""


async def test_callers_do_not_wait_for_each_other(served):
    answers = await asyncio.gather(*(served.post() for _ in range(50)))

    assert {answer.status for answer in answers} == {200}
