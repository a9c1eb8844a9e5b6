"""Callers who hang up at any moment leave neither a locked database nor a lost connection behind."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing, suppress

import aiohttp
import asyncpg
import pytest

from models import Task
from server.wiring import Hub
from services.operators import create_token
from services.vocabulary import Role
from tests.support.hub import add_operator, hub_over, sell, take_in
from tests.support.many_processes import House
from tests.support.running_hub import RunningHub

CALLERS = 1000
AT_ONCE = 20
PATIENCE = 30.0

WORK = """mutation ($id: ID!) { completeTask(taskId: $id) { problems { code } }
  reopenTask(taskId: $id, reason: "again") { problems { code } } }"""
TREE = "query ($ticket: ID!) { ticket(id: $ticket) { milestones { tasks { id status } } } }"
PROGRESS = "subscription ($ticket: ID!) { milestoneProgress(ticketId: $ticket) { state } }"


class Callers:
    """People at one ticket, each with a line of their own."""

    def __init__(self, server: RunningHub, secret: str, ticket_id: str, task_id: str) -> None:
        self._address = f"{server.address}/graphql"
        self._headers = {"Authorization": f"Bearer {secret}"}
        self._variables = {"id": task_id, "ticket": ticket_id}

    async def ask(self, query: str) -> dict:
        """An answer to the end."""
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.post(self._address, json={"query": query, "variables": self._variables}) as response,
        ):
            return await response.json()

    async def watch(self) -> None:
        """For ever."""
        payload = {"query": PROGRESS, "variables": self._variables}
        async with (
            aiohttp.ClientSession(headers=self._headers) as session,
            session.ws_connect(self._address, protocols=["graphql-transport-ws"]) as ws,
        ):
            await ws.send_json({"type": "connection_init"})
            await ws.send_json({"type": "subscribe", "id": "1", "payload": payload})
            async for _ in ws:
                pass

    async def hang_up_somewhen(self, chance: random.Random) -> None:
        query = chance.choice((WORK, TREE, PROGRESS))
        task = asyncio.create_task(self.watch() if query is PROGRESS else self.ask(query))
        await asyncio.sleep(chance.random() * 0.04)
        task.cancel()
        with suppress(asyncio.CancelledError, aiohttp.ClientError):
            await task


@pytest.fixture
async def callers(house: House) -> AsyncIterator[Callers]:
    async with hub_over(house.database_url, house.sandbox) as hub:
        ticket_id, task_id, secret = await _prepare(hub, house)
    with house.server(HUB_REQUESTS_PER_MINUTE="1000000") as server:
        yield Callers(server, secret, ticket_id, task_id)


async def _prepare(hub: Hub, house: House) -> tuple[str, str, str]:
    giulia = await add_operator(hub.events, "Giulia", crm_user_id=2002)
    parent = await take_in(hub, await sell(house.sandbox, "Start Office Digital"), actor=giulia.id)
    task = await Task.filter(ticket_id=parent.id).order_by("id").first()
    token = await create_token(giulia.id, Role.OPERATOR, "tests", None, actor=giulia.id, events=hub.events)
    return parent.id, task.id, token.secret


async def test_a_thousand_who_hang_up_leave_nothing_locked_and_nothing_open(house, callers):
    chance = random.Random(2026)
    for _ in range(CALLERS // AT_ONCE):
        await asyncio.gather(*(callers.hang_up_somewhen(chance) for _ in range(AT_ONCE)))

    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*(callers.ask(TREE) for _ in range(AT_ONCE)))
        changed = await callers.ask(WORK)
        await until_nobody_writes(house.database_url)
    assert all("errors" not in answer for answer in answers)
    assert "errors" not in changed
    assert "Traceback" not in house.log.read_text()


async def until_nobody_writes(database_url: str) -> None:
    """Until no transaction is open: on SQLite, another process can begin one at once."""
    if database_url.startswith("sqlite://"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite://"), timeout=PATIENCE)) as connection:
            connection.execute("BEGIN IMMEDIATE")
        return
    connection = await asyncpg.connect(database_url)
    open_ones = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
    )
    while await connection.fetchval(open_ones) > 1:
        await asyncio.sleep(0.02)
    await connection.close()
