"""What a monitor can ask the process."""

import asyncio

import orjson
import pytest

from models import Stream
from models.database import WRITES
from server import auth, health
from server.application import database_writes


async def test_alive_is_answered_to_anybody(served):
    async with served.http.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def holds() -> None:
    return


async def fails() -> None:
    raise ConnectionError("canary-of-a-password")


async def hangs() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("check", "status", "word"),
    [
        pytest.param(holds, 200, "ok", id="it holds"),
        pytest.param(fails, 503, "failed", id="it fails"),
        pytest.param(hangs, 503, "failed", id="it hangs"),
    ],
)
async def test_ready_is_what_every_check_says(serve, monkeypatch, check, status, word):
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.05)
    served = await serve(checks={"database": check, "catalog": holds})

    async with served.http.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (status, {"database": word, "catalog": "ok"})


async def test_figures_are_for_known_callers(served):
    async with served.post(), served.http.get("/nowhere"):
        pass
    async with served.http.request("PROPFIND", "/nowhere"), served.http.get("/metrics") as stranger:
        pass
    async with (
        served.socket(init=served.bearer),
        served.http.get("/metrics", headers=served.bearer) as friend,
    ):
        figures = await friend.text()

    assert stranger.status == 401
    assert 'hub_http_requests_total{method="POST",route="/graphql",status="200"} 1.0' in figures
    assert 'hub_http_requests_total{method="OTHER",route="unknown",status="404"} 1.0' in figures
    assert "hub_open_sockets 1.0" in figures


async def test_a_database_that_takes_no_writes_is_not_ready(serve, db, monkeypatch):
    seconds = [0.0]
    served = await serve(checks={"writes": health.WriteCheck(database_writes, lambda: seconds[0])})
    async with served.http.get("/readyz") as before:
        pass

    await refuse_writes(db)
    async with served.http.get("/readyz") as soon:
        pass
    seconds[0] = health.WRITE_EVERY
    async with served.http.get("/readyz") as later, served.http.get("/readyz") as again:
        pass

    assert (before.status, soon.status, later.status, again.status) == (200, 200, 503, 503)


async def refuse_writes(db):
    """As where the disk is full or the database read-only: reading goes on."""
    client = db.connections.get(WRITES)
    await Stream.create(id="catalog")
    if client.capabilities.dialect == "sqlite":
        await client.execute_query("PRAGMA query_only = ON")
    else:
        await client.execute_script(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$;"
            "CREATE TRIGGER full_disk BEFORE UPDATE ON stream FOR EACH ROW EXECUTE FUNCTION refuse()"
        )


class Lost(ConnectionError):
    """What a driver says of a server that is gone."""


@pytest.mark.parametrize(
    ("method", "path", "media_type"),
    [
        pytest.param("POST", "/graphql", "application/json", id="GraphQL"),
        pytest.param("POST", "/acts", "application/problem+json", id="REST"),
        pytest.param("GET", "/graphiql", "application/problem+json", id="a page"),
    ],
)
async def test_a_lost_database_says_when_to_come_back(served, monkeypatch, method, path, media_type):
    async def look(*arguments):
        raise Lost("canary-of-a-password")

    monkeypatch.setattr(auth, "authenticate", look)
    headers = {**served.bearer, "Cookie": "hub_session=ihs_" + "x" * 43}

    async with served.http.request(method, path, json={"query": "{ who }"}, headers=headers) as answer:
        body = await answer.text()

    assert (answer.status, answer.content_type) == (503, media_type)
    assert int(answer.headers["retry-after"]) > 0
    assert "UNAVAILABLE" in body
    assert "canary" not in body


async def test_a_database_lost_during_an_operation_says_when_to_come_back(served):
    async with served.post("{ who lost }") as answer:
        body = await answer.json()

    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert body["data"] == {"who": "Giulia Ferri", "lost": None}
    assert body["errors"][0]["extensions"] == {"code": "UNAVAILABLE"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/nowhere", 404, id="no such path"),
        pytest.param("GET", "/acts", 405, id="another method"),
        pytest.param("GET", "/breaks", 500, id="a bug"),
    ],
)
async def test_what_no_route_answers_is_a_problem(served, method, path, status):
    async with served.http.request(method, path, headers=served.bearer) as answer:
        problem = orjson.loads(await answer.read())

    assert (answer.status, answer.content_type) == (status, "application/problem+json")
    assert problem["status"] == status
    assert problem["code"]
