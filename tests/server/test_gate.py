"""Large, slow, endless and broken requests, over bare connections."""

import asyncio
import time

import pytest

from server.limits import Limits

SMALL = Limits(body_bytes=1000, body_seconds=0.2, head_seconds=0.2, linger_seconds=0.3)


@pytest.fixture
async def served(serve):
    return await serve(limits=SMALL)


def head(served, *headers: str, authorized: bool = True) -> bytes:
    lines = ["POST /graphql HTTP/1.1", "Host: hub", "Content-Type: application/json", *headers]
    if authorized:
        lines.append(f"Authorization: Bearer {served.token}")
    return "\r\n".join([*lines, "", ""]).encode()


async def status_and_rest(reader) -> tuple[int, bytes]:
    async with asyncio.timeout(60):
        answer = await reader.read()
    return int(answer.split(b" ", 2)[1]), answer


async def test_a_body_that_says_it_is_large_is_not_read(served):
    async with served.raw() as (reader, writer):
        writer.write(head(served, "Content-Length: 20000000"))

        status, answer = await status_and_rest(reader)

    assert status == 413
    assert b"BODY_TOO_LARGE" in answer


async def test_a_body_that_turns_out_large_is_cut_off(served):
    async with served.raw() as (reader, writer):
        writer.write(head(served, "Transfer-Encoding: chunked"))
        for _ in range(20):
            writer.write(b"64\r\n" + b"x" * 100 + b"\r\n")

        status, _ = await status_and_rest(reader)

    assert status == 413


async def test_who_sends_too_much_still_reads_why(served):
    async with served.http.post(
        "/graphql", data=b"x" * 20_000_000, headers={**served.bearer, "Content-Type": "application/json"}
    ) as answer:
        assert answer.status == 413


async def test_a_body_of_just_the_limit_is_taken(served):
    body = b'{"query": "{ who }"}'.ljust(SMALL.body_bytes)

    async with served.http.post(
        "/graphql", data=body, headers={**served.bearer, "Content-Type": "application/json"}
    ) as answer:
        assert answer.status == 200


async def test_a_body_that_never_ends_is_given_up(served):
    async with served.raw() as (reader, writer):
        writer.write(head(served, "Content-Length: 500") + b"{")

        status, answer = await status_and_rest(reader)

    assert status == 408
    assert b"BODY_TOO_SLOW" in answer


async def test_a_stranger_is_declined_before_their_body_arrives(served):
    async with served.raw() as (reader, writer):
        writer.write(head(served, "Content-Length: 500", authorized=False))
        began = time.monotonic()

        first = await asyncio.wait_for(reader.readline(), 5)

    assert b"401" in first
    assert time.monotonic() - began < SMALL.body_seconds


@pytest.mark.parametrize(
    "beginning",
    [pytest.param(b"", id="silence"), pytest.param(b"POST /graphql HTTP/1.1\r\nHost: h", id="half a head")],
)
async def test_a_head_that_never_ends_is_given_up(served, beginning):
    async with served.raw() as (reader, writer):
        writer.write(beginning)

        status, _ = await status_and_rest(reader)

    assert status == 408


async def test_a_head_that_drips_is_given_up(served):
    async with served.raw() as (reader, writer):

        async def drip() -> None:
            for byte in b"POST /graphql HTTP/1.1\r\nX-Slow: " + b"x" * 1000:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.02)

        dripping = asyncio.create_task(drip())
        status, _ = await status_and_rest(reader)
        dripping.cancel()

    assert status == 408


async def test_a_second_head_on_the_same_line_is_timed_too(served):
    async with served.raw() as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n")
        await reader.readuntil(b'{"status":"ok"}')
        writer.write(b"GET /healthz HTTP/1.1\r\n")

        status, _ = await status_and_rest(reader)

    assert status == 408


async def test_a_head_that_is_too_large_is_named(served):
    async with served.raw() as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: hub\r\nX-Large: " + b"x" * 200_000)

        status, _ = await status_and_rest(reader)

    assert status == 431


async def test_noise_is_a_bad_request(served):
    async with served.raw() as (reader, writer):
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")

        status, _ = await status_and_rest(reader)

    assert status == 400


async def test_a_client_that_hangs_up_in_the_middle_does_not_disturb_others(served, capsys):
    async with served.raw() as (_, writer):
        writer.write(head(served, "Content-Length: 500") + b"{")
        await writer.drain()
    await asyncio.sleep(0.05)

    async with served.post() as answer:
        assert answer.status == 200
    assert "Traceback" not in capsys.readouterr().out
