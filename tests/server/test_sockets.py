"""graphql-transport-ws: who is let in, what is taken from them, and when they are shown out."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import aiohttp
import orjson
import pytest

from server.limits import Limits
from services.operators import OperatorDraft, create_token, revoke_token, save_operator
from services.vocabulary import Role

TICKS = {"query": "subscription { ticks }"}


def subscribe(payload=TICKS, operation_id="1"):
    return {"id": operation_id, "type": "subscribe", "payload": payload}


async def closing_code(ws) -> int:
    """Read on until the server closes."""
    async with asyncio.timeout(5):
        while (await ws.receive()).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED):
            pass
    return ws.close_code


async def next_message(ws):
    return await ws.receive_json(timeout=5)


async def test_a_subscription_goes_on_until_it_is_completed(served):
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


async def test_a_cookie_lets_our_own_page_in(served):
    headers = {"Cookie": f"hub_session={await served.sign_in()}", "Origin": served.address}

    async with served.socket(init={}, headers=headers) as ws:
        await ws.send_json(subscribe({"query": "{ who }"}))

        assert (await next_message(ws))["payload"] == {"data": {"who": "Giulia Ferri"}}


async def test_a_header_at_the_upgrade_lets_a_program_in(served):
    async with served.socket(init={}, headers=served.bearer) as ws:
        assert not ws.closed


async def test_null_is_a_fine_payload(served):
    async with served.socket(headers=served.bearer) as ws:
        await ws.send_json({"type": "connection_init", "payload": None})

        assert await next_message(ws) == {"type": "connection_ack"}


async def test_a_page_of_another_site_gets_no_socket(served):
    headers = {"Cookie": f"hub_session={await served.sign_in()}", "Origin": "https://evil.example"}

    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with served.socket(headers=headers):
            pass

    assert refused.value.status == 403


async def test_a_cookie_without_an_origin_means_nothing(served):
    async with served.socket(headers={"Cookie": f"hub_session={await served.sign_in()}"}) as ws:
        await ws.send_json({"type": "connection_init"})

        assert await closing_code(ws) == 4401


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        pytest.param({}, 4401, id="nothing shown"),
        pytest.param({"Authorization": "Bearer ihub_" + "x" * 43}, 4403, id="unknown token"),
        pytest.param({"Authorization": {"Bearer": "x"}}, 4403, id="no text"),
        pytest.param({"Authorization": ""}, 4403, id="empty"),
    ],
)
async def test_a_stranger_is_shown_out(served, payload, code):
    async with served.socket() as ws:
        await ws.send_json({"type": "connection_init", "payload": payload})

        assert await closing_code(ws) == code


async def test_nobody_subscribes_before_they_are_let_in(served):
    async with served.socket() as ws:
        await ws.send_json(subscribe())

        assert await closing_code(ws) == 4401


async def test_who_never_says_who_they_are_is_shown_out(serve):
    served = await serve(limits=Limits(init_seconds=0.05))

    async with served.socket() as ws:
        assert await closing_code(ws) == 4408


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
    "payload",
    [
        pytest.param({"query": "{ who"}, id="bad syntax"),
        pytest.param({"query": ""}, id="empty"),
        pytest.param({"query": "{ nobody }"}, id="unknown field"),
        pytest.param({"query": "query A { who }", "operationName": "B"}, id="no such operation"),
        pytest.param({"query": "query ($t: String!) { echo(text: $t) }"}, id="a variable is missing"),
    ],
)
async def test_a_bad_operation_is_an_error_of_its_own(served, payload):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe(payload, "bad"))
        answer = await next_message(ws)
        await ws.send_json(subscribe({"query": "{ who }"}, "good"))

        assert (answer["id"], answer["type"]) == ("bad", "error")
        assert answer["payload"][0]["message"]
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


async def test_one_socket_carries_only_so_many_operations(serve):
    served = await serve(limits=Limits(operations_per_socket=2))

    async with served.socket(init=served.bearer) as ws:
        for number in range(3):
            await ws.send_json(subscribe({"query": "subscription { ticks(seconds: 60) }"}, str(number)))
        answers = [await next_message(ws) for _ in range(3)]

    assert {(answer["id"], answer["type"]) for answer in answers} == {
        ("0", "next"),
        ("1", "next"),
        ("2", "error"),
    }


async def test_one_token_holds_only_so_many_sockets(serve):
    served = await serve(limits=Limits(sockets_per_token=2))

    async with AsyncExitStack() as held:
        for _ in range(2):
            await held.enter_async_context(served.socket(init=served.bearer))
        async with served.socket() as ws:
            await ws.send_json({"type": "connection_init", "payload": served.bearer})
            code = await closing_code(ws)
    async with served.socket(init=served.bearer) as ws:
        still_welcome = not ws.closed

    assert code == 4429
    assert still_welcome


async def test_one_address_opens_only_so_many_sockets(serve):
    served = await serve(limits=Limits(sockets_per_address=2))

    async with AsyncExitStack() as held:
        for _ in range(2):
            await held.enter_async_context(served.socket())
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await held.enter_async_context(served.socket())

    assert refused.value.status == 403


async def test_operations_on_a_socket_spend_the_tokens_budget(serve):
    served = await serve(limits=Limits(requests_per_minute=1))

    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": "subscription { ticks(seconds: 60) }"}, "1"))
        await ws.send_json(subscribe({"query": "{ who }"}, "2"))
        answers = {answer["id"]: answer for answer in [await next_message(ws), await next_message(ws)]}

    assert answers["1"]["type"] == "next"
    assert answers["2"]["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}


async def test_a_revoked_token_begins_nothing_more(serve):
    served = await serve(limits=Limits(recheck_seconds=60))

    async with served.socket(init=served.bearer) as ws:
        await revoke_token(served.token_id, actor="test", events=served.events)
        await ws.send_json(subscribe({"query": "{ who }"}))

        first = await ws.receive(timeout=5)

    assert (first.type, first.data) == (aiohttp.WSMsgType.CLOSE, 4403)


async def test_a_revoked_token_ends_what_is_under_way(serve):
    served = await serve(limits=Limits(recheck_seconds=0.05))

    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe())
        assert (await next_message(ws))["type"] == "next"
        await revoke_token(served.token_id, actor="test", events=served.events)

        assert await closing_code(ws) == 4403


async def test_an_expired_token_ends_what_is_under_way(serve, clock):
    served = await serve(limits=Limits(recheck_seconds=0.05))
    soon = clock() + timedelta(minutes=5)
    token = await create_token(
        served.operator.id, Role.VIEWER, "brief", soon, actor="test", events=served.events
    )

    async with served.socket(init={"Authorization": f"Bearer {token.secret}"}) as ws:
        await ws.send_json(subscribe())
        assert (await next_message(ws))["type"] == "next"
        clock.pass_by(minutes=5)

        assert await closing_code(ws) == 4403


async def test_another_role_needs_another_socket(serve):
    served = await serve(limits=Limits(recheck_seconds=0.05))
    giulia = OperatorDraft(name="Giulia Ferri", email="giulia@studio.example", role=Role.OPERATOR)

    async with served.socket(init=served.bearer) as ws:
        await save_operator(
            served.operator.id, replace(giulia, role=Role.VIEWER), actor="test", events=served.events
        )

        assert await closing_code(ws) == 4403


async def test_a_quiet_socket_stays_open(serve):
    served = await serve(
        limits=Limits(head_seconds=0.1, body_seconds=0.1, init_seconds=0.1, recheck_seconds=0.1)
    )

    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": "subscription { ticks(seconds: 0.6) }"}))
        ticks = [(await next_message(ws))["payload"]["data"]["ticks"] for _ in range(2)]

    assert ticks == [0, 1]


async def test_what_leaves_is_text(served):
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": '{ echo(text: "perché") }'}))

        message = await ws.receive(timeout=5)

    assert message.type is aiohttp.WSMsgType.TEXT
    assert orjson.loads(message.data)["payload"]["data"] == {"echo": "perché"}
