"""A socket ends with its token."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from server import auth
from server.limits import Limits
from services.operators import OperatorDraft, create_token, revoke_token, save_operator
from services.vocabulary import Role
from tests.support.socket_frames import closing_code, next_message, subscribe


async def test_a_revoked_token_begins_nothing_more(serve):
    served = await serve(limits=Limits(recheck_seconds=60))

    async with served.socket(init=served.bearer) as ws:
        await revoke_token(served.token_id, actor="test", events=served.events)
        await ws.send_json(subscribe({"query": "{ who }"}))

        first = await ws.receive(timeout=60)

    assert (first.type, first.data) == (aiohttp.WSMsgType.CLOSE, 4403)


async def test_a_revoked_token_ends_what_is_in_progress(serve):
    served = await serve(limits=Limits(recheck_seconds=0.05))

    async with served.socket(init=served.bearer) as ws:
        await ws.send_json(subscribe())
        assert (await next_message(ws))["type"] == "next"
        await revoke_token(served.token_id, actor="test", events=served.events)

        assert await closing_code(ws) == 4403


async def test_an_expired_token_ends_what_is_in_progress(serve, clock):
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


@pytest.fixture
def looks(monkeypatch):
    """How many tokens each look at the open sockets was for."""
    viewers_of, seen = auth.viewers_of, []

    async def look(token_ids, now):
        seen.append(len(token_ids))
        return await viewers_of(token_ids, now)

    monkeypatch.setattr(auth, "viewers_of", look)
    return seen


async def test_all_tokens_of_open_sockets_are_looked_up_together(serve, looks):
    served = await serve(limits=Limits(recheck_seconds=0.05))
    tokens = [
        await create_token(
            served.operator.id, Role.VIEWER, f"wall {number}", None, actor="test", events=served.events
        )
        for number in range(5)
    ]

    async with AsyncExitStack() as held:
        sockets = [
            await held.enter_async_context(
                served.socket(init={"Authorization": f"Bearer {tokens[number % 5].secret}"})
            )
            for number in range(20)
        ]
        looks.clear()
        async with asyncio.timeout(60):
            while len(looks) < 3:
                await asyncio.sleep(0.01)
        seen = list(looks)
        await revoke_token(tokens[0].id, actor="test", events=served.events)
        ended = [await closing_code(one) for one in sockets[::5]]
        stay = [one.closed for number, one in enumerate(sockets) if number % 5]

    assert seen == [5] * len(seen)
    assert ended == [4403] * 4
    assert not any(stay)


@pytest.fixture
def failing_looks(monkeypatch):
    """Fail the next looks at a token, as many as the test says."""
    left = []

    def failing(look):
        async def fail_or_look(*arguments):
            if left:
                raise left.pop()
            return await look(*arguments)

        return fail_or_look

    for name in ("authenticate", "viewers_of"):
        monkeypatch.setattr(auth, name, failing(getattr(auth, name)))
    return lambda number: left.extend([OSError("The database is away.")] * number)


async def test_a_failed_look_at_the_token_does_not_end_the_watch_over_it(serve, failing_looks):
    served = await serve(limits=Limits(recheck_seconds=0.05, look_again_seconds=0.01))

    async with served.socket(init=served.bearer) as ws:
        failing_looks(1)
        await ws.send_json(subscribe())
        assert (await next_message(ws))["type"] == "next"
        await revoke_token(served.token_id, actor="test", events=served.events)

        assert await closing_code(ws) == 4403


async def test_a_socket_whose_token_cannot_be_looked_up_is_closed_so_that_it_comes_back(serve, failing_looks):
    served = await serve(limits=Limits(recheck_seconds=0.05, look_again_seconds=0.01))

    async with served.socket(init=served.bearer) as ws:
        failing_looks(100)

        assert await closing_code(ws) == 1013
