"""A socket, a token and an address carry only so much."""

from contextlib import AsyncExitStack

import aiohttp
import pytest

from server.limits import Limits
from tests.support.socket_frames import closing_code, next_message, subscribe


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
