"""What whoever watches the process can ask."""

import asyncio

import pytest

from server import health


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
    async with served.http.request("BREW", "/nowhere"), served.http.get("/metrics") as stranger:
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
