"""Operations over the socket, and messages that break its protocol."""

import aiohttp
import orjson
import pytest

from server.limits import Limits
from tests.support.socket_frames import closing_code, next_message, subscribe


async def test_a_subscription_continues_until_it_is_completed(served):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe())
        ticks = [(await next_message(ws))["payload"]["data"]["ticks"] for _ in range(3)]
        await ws.send_json({"type": "complete", "id": "1"})
        await ws.send_json({"type": "ping"})
        while (await next_message(ws))["type"] != "pong":
            pass
        await ws.send_json(subscribe({"query": "{ who }"}, "2"))

        assert ticks == [0, 1, 2]
        assert (await next_message(ws))["payload"] == {"data": {"who": "Giulia Ferri"}}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[]", id="list"),
        pytest.param("7", id="number"),
        pytest.param("null", id="null"),
        pytest.param('"ping"', id="string"),
        pytest.param("true", id="boolean"),
        pytest.param("{}", id="no type"),
        pytest.param('{"type": null}', id="null type"),
        pytest.param('{"type": []}', id="type a list"),
        pytest.param('{"type": "shout"}', id="unknown type"),
        pytest.param("{not json", id="no JSON"),
        pytest.param("", id="empty"),
        pytest.param("[" * 50_000, id="deep JSON"),
        pytest.param('{"type": "ping", "payload": 1}', id="ping payload a number"),
        pytest.param('{"type": "pong", "payload": []}', id="pong payload a list"),
        pytest.param('{"type": "connection_init", "payload": []}', id="init payload a list"),
        pytest.param('{"type": "connection_init", "payload": "x"}', id="init payload a text"),
        pytest.param('{"type": "complete"}', id="complete without id"),
        pytest.param('{"type": "complete", "id": {}}', id="complete of an object"),
        pytest.param('{"type": "subscribe", "id": "1"}', id="subscribe without payload"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": null}', id="payload null"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": []}', id="payload a list"),
        pytest.param('{"type": "subscribe", "id": 1, "payload": {"query": "{ who }"}}', id="id a number"),
        pytest.param('{"type": "subscribe", "id": "", "payload": {"query": "{ who }"}}', id="id empty"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": {}}', id="no query"),
        pytest.param('{"type": "subscribe", "id": "1", "payload": {"query": {}}}', id="query an object"),
        pytest.param(
            '{"type": "subscribe", "id": "1", "payload": {"query": "{ who }", "variables": []}}',
            id="variables a list",
        ),
        pytest.param(
            '{"type": "subscribe", "id": "1", "payload": {"query": "{ who }", "operationName": 1}}',
            id="operation name a number",
        ),
    ],
)
@pytest.mark.parametrize("let_in", [True, False], ids=["a friend", "a stranger"])
async def test_a_malformed_message_closes_the_socket_and_nothing_else(served, text, let_in):
    async with served.socket(init=served.bearer if let_in else None) as ws:
        await ws.send_str(text)

        assert await closing_code(ws) == 4400
    async with served.socket(init=served.bearer) as ws:
        assert not ws.closed


async def test_a_binary_message_is_malformed(served):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_bytes(b'{"type": "ping"}')

        assert await closing_code(ws) == 4400


async def test_a_message_that_is_too_large_closes_the_socket(serve):
    served = await serve(limits=Limits(body_bytes=1000))

    async with served.socket(init=served.bearer) as ws:
        await ws.send_str(" " * 1001)

        assert await closing_code(ws) == 1009


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param({"query": "{ who"}, "GRAPHQL_PARSE_FAILED", id="bad syntax"),
        pytest.param({"query": "subscription { ticks"}, "GRAPHQL_PARSE_FAILED", id="bad subscription"),
        pytest.param({"query": ""}, "BAD_REQUEST", id="empty"),
        pytest.param({"query": " \n "}, "GRAPHQL_PARSE_FAILED", id="blank"),
        pytest.param({"query": "{" + " who" * 2001 + "}"}, "GRAPHQL_PARSE_FAILED", id="too many tokens"),
        pytest.param({"query": "fragment A on Query { who }"}, "BAD_REQUEST", id="fragments alone"),
        pytest.param({"query": "{ nobody }"}, "GRAPHQL_VALIDATION_FAILED", id="unknown field"),
        pytest.param(
            {"query": "query A { who }", "operationName": "B"}, "BAD_REQUEST", id="no such operation"
        ),
        pytest.param({"query": "mutation A { write } query B { who }"}, "BAD_REQUEST", id="one of several"),
        pytest.param(
            {"query": "query ($t: String!) { echo(text: $t) }"}, "BAD_USER_INPUT", id="a variable is missing"
        ),
    ],
)
async def test_a_bad_operation_is_an_error_of_its_own(served, payload, code):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe(payload, "bad"))
        answer = await next_message(ws)
        await ws.send_json(subscribe({"query": "{ who }"}, "good"))

        assert (answer["id"], answer["type"]) == ("bad", "error")
        assert [error["extensions"]["code"] for error in answer["payload"]] == [code]
        assert (await next_message(ws))["payload"] == {"data": {"who": "Giulia Ferri"}}


async def test_saying_who_one_is_twice_closes_the_socket(served):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json({"type": "connection_init", "payload": served.bearer})

        assert await closing_code(ws) == 4429


async def test_an_id_in_use_closes_the_socket(served):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe())
        await ws.send_json(subscribe())

        assert await closing_code(ws) == 4409


async def test_another_protocol_is_not_spoken(served):
    async with served.http.ws_connect("/graphql", protocols=("graphql-ws",)) as ws:
        assert await closing_code(ws) == 4406


async def test_what_leaves_is_text(served):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": '{ echo(text: "perché") }'}))

        message = await ws.receive(timeout=60)

    assert message.type is aiohttp.WSMsgType.TEXT
    assert orjson.loads(message.data)["payload"]["data"] == {"echo": "perché"}
