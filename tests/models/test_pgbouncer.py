"""Through PgBouncer: session pooling works without a word in its settings, transaction pooling is refused."""

import asyncio
from uuid import uuid4

import pytest
from tortoise.connection import get_connection

from models import Stream
from models.database import WRITES, close_database, migrate, open_database, shared_client
from models.fitness import UnfitDatabase
from models.postgres import connected
from models.transaction import transaction
from tests.support.pgbouncer import running_pgbouncer

pytestmark = [pytest.mark.only_on("postgres"), pytest.mark.pgbouncer]


async def pooled(databases, port: int) -> str:
    name = uuid4().hex
    await databases.create(name)
    return databases.url(name).replace(f":{databases.server.port}/", f":{port}/")


async def test_the_hub_works_through_a_pooler_of_sessions(databases):
    with running_pgbouncer(databases.server, "session") as port:
        await open_database(await pooled(databases, port))
        await migrate()
        async with transaction():
            await Stream.create(id="written")

        shown = [await show(name) for name in ("synchronous_commit", "idle_in_transaction_session_timeout")]
        received = await hears_a_notice()

        await close_database()
    assert (shown, received) == (["on", "10s"], True)


async def hears_a_notice() -> bool:
    received = asyncio.Event()
    async with connected(shared_client()) as connection, asyncio.timeout(60):
        await connection.add_listener("notices", lambda *_: received.set())
        await get_connection(WRITES).execute_query("SELECT pg_notify('notices', '')")
        return await received.wait()


async def show(name: str) -> str:
    """What holds for each of several sessions that the pool has handed out before."""
    client = get_connection(WRITES)
    rows = await asyncio.gather(*(client.execute_query_dict(f"SHOW {name}") for _ in range(20)))
    (value,) = {row[name] for (row,) in rows}
    return value


async def test_a_pooler_of_transactions_is_refused(databases):
    with running_pgbouncer(databases.server, "transaction") as port:
        url = await pooled(databases, port)

        with pytest.raises(UnfitDatabase, match="LISTEN needs pool_mode=session"):
            await open_database(url)
