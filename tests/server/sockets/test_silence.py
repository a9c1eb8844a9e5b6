"""Quiet sockets stay, silent clients are closed, and a lost connection leaves no traceback."""

from server.limits import Limits
from services.operators import revoke_token
from tests.support.socket_frames import closing_code, next_message, subscribe


async def test_a_quiet_socket_stays_open(serve):
    served = await serve(
        limits=Limits(head_seconds=0.1, body_seconds=0.1, init_seconds=0.1, recheck_seconds=0.1)
    )

    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": "subscription { ticks(seconds: 0.6) }"}))
        ticks = [(await next_message(ws))["payload"]["data"]["ticks"] for _ in range(2)]

    assert ticks == [0, 1]


async def test_a_client_that_stays_silent_is_closed_so_that_it_comes_back(serve):
    served = await serve(limits=Limits(ping_seconds=0.05, pong_seconds=0.05))

    async with served.socket(autoping=False) as ws:
        assert await closing_code(ws) == 1013


async def test_a_client_that_answers_pings_stays(serve):
    served = await serve(limits=Limits(ping_seconds=0.05, pong_seconds=5))

    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": "subscription { ticks(seconds: 0.2) }"}))

        assert [(await next_message(ws))["payload"]["data"]["ticks"] for _ in range(3)] == [0, 1, 2]


async def test_a_watcher_who_hangs_up_leaves_no_traceback(served, capsys, caplog):
    async with served.socket(init=served.bearer) as ws:
        for number in range(20):
            await ws.send_json(subscribe({"query": "subscription { ticks(seconds: 0) }"}, str(number)))
        await next_message(ws)
        ws._response.connection.transport.abort()
    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": "{ who }"}))
        await next_message(ws)

    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err + caplog.text
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_closed_socket_leaves_no_traceback(serve, capsys, caplog):
    served = await serve(limits=Limits(recheck_seconds=0.05))

    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe({"query": "subscription { ticks(seconds: 0) }"}))
        await revoke_token(served.token_id, actor="test", events=served.events)
        assert await closing_code(ws) == 4403

    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err + caplog.text
    assert not [record for record in caplog.records if record.exc_info]
