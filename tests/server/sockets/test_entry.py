"""Who is let in, and who is shown out."""

import aiohttp
import pytest

from server.limits import Limits
from tests.support.socket_frames import closing_code, next_message, subscribe


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


async def test_a_client_cannot_subscribe_before_it_is_let_in(served):
    async with served.socket() as ws:
        await ws.send_json(subscribe())

        assert await closing_code(ws) == 4401


async def test_who_never_says_who_they_are_is_shown_out(serve):
    served = await serve(limits=Limits(init_seconds=0.05))

    async with served.socket() as ws:
        assert await closing_code(ws) == 4408
