"""Heads as any client may write them, over bare connections: what HTTP/1.1 allows is taken, nothing else."""

import asyncio

import pytest

from server.limits import Limits

SMALL = Limits(body_seconds=5.0, linger_seconds=0.3)
ECHO = b'{"query": "{ echo(text: \\"ciao\\") }"}'
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: hub\r\n\r\n"
LAST = b"GET /healthz HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def served(serve):
    return await serve(limits=SMALL)


def request(served, *headers: str, body: bytes = ECHO) -> bytes:
    lines = [
        "POST /graphql HTTP/1.1",
        "Host: hub",
        "Content-Type: application/json",
        f"Authorization: Bearer {served.token}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def answers_to(served, *sent: bytes) -> bytes:
    """All that comes back until the server closes; nothing if it cuts the connection."""
    async with served.raw() as (reader, writer), asyncio.timeout(60):
        try:
            for part in sent:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.02)
            return await reader.read()
        except ConnectionError:
            return b""


def statuses(answers: bytes) -> list[int]:
    return [int(part[:3]) for part in answers.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /healthz HTTP/1.1\r\n\r\n", id="no host"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: hub\r\nHost: other\r\n\r\n", id="two hosts"),
        pytest.param(b"GET /healthz HTTP/0.9\r\n\r\n", id="a version of another century"),
        pytest.param(b"GET /healthz\r\n\r\n", id="no version"),
        pytest.param(b"BREW /healthz HTTP/1.1\r\nHost: hub\r\n\r\n", id="an unknown method"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", id="HTTP/2"),
        pytest.param(b"CONNECT hub:443 HTTP/1.1\r\nHost: hub\r\n\r\n", id="a tunnel"),
        pytest.param(b"GET /healthz HTTP/1.1\nHost: hub\n\n", id="half line ends"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost : hub\r\n\r\n", id="a blank before the colon"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: hub\r\nA: b\r\n c\r\n\r\n", id="a folded line"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: hub\r\nA: \x00\r\n\r\n", id="a NUL"),
        pytest.param(b"GET /\xc3\xa9 HTTP/1.1\r\nHost: hub\r\n\r\n", id="a letter that is not encoded"),
        pytest.param(
            b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
            id="two lengths",
        ),
        pytest.param(
            b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            id="a length and pieces",
        ),
    ],
)
async def test_what_is_no_request_is_refused(served, head):
    assert statuses(await answers_to(served, head)) == [400]


@pytest.mark.parametrize(
    "target", [b"/healthz", b"http://hub.example/healthz", b"HTTP://hub.example:8443/healthz?x=1#y"]
)
@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
async def test_a_path_may_be_a_whole_address(served, target, version):
    answer = await answers_to(
        served, b"GET %b HTTP/%b\r\nHost: hub\r\nConnection: close\r\n\r\n" % (target, version)
    )

    assert statuses(answer) == [200]


async def test_blank_lines_before_a_request_are_skipped(served):
    assert statuses(await answers_to(served, b"\r\n\r\n", LAST)) == [200]


async def test_a_wish_for_another_protocol_costs_a_request_nothing(served):
    wish = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAEAAEAA")
    whole = request(served, *wish, f"Content-Length: {len(ECHO)}")

    at_once = await answers_to(served, whole, LAST)
    in_parts = await answers_to(served, whole[:-20], whole[-20:], LAST)

    assert statuses(at_once) == statuses(in_parts) == [200, 200]
    assert b'{"data":{"echo":"ciao"}}' in at_once
    assert b'{"data":{"echo":"ciao"}}' in in_parts


async def test_requests_that_are_sent_ahead_are_answered_in_order(served):
    first = request(served, f"Content-Length: {len(ECHO)}")

    answer = await answers_to(served, first + HEALTH * 10 + first + LAST)

    assert statuses(answer) == [200] * 13
    assert answer.index(b"ciao") < answer.index(b"ok") < answer.rindex(b"ciao") < answer.rindex(b"ok")


async def test_who_sends_too_much_ahead_is_cut_off(served):
    answer = await answers_to(served, HEALTH * 500)

    assert len(statuses(answer)) <= SMALL.requests_ahead


async def test_lines_after_a_body_in_pieces_are_no_headers(served):
    pieces = b"%x\r\n%b\r\n0\r\n" % (len(ECHO), ECHO)
    stranger = b"\r\n".join(
        line
        for line in request(served, "Transfer-Encoding: chunked", "Connection: close", body=b"").split(
            b"\r\n"
        )
        if not line.startswith(b"Authorization")
    )
    late = f"Authorization: Bearer {served.token}\r\n\r\n".encode()

    assert statuses(await answers_to(served, stranger + pieces + late)) == [401]
    assert statuses(
        await answers_to(
            served,
            request(served, "Transfer-Encoding: chunked", "Connection: close", body=pieces)
            + b"X-Late: 1\r\n\r\n",
        )
    ) == [200]


@pytest.mark.parametrize(
    "endless",
    [
        pytest.param(b"0\r\nX-Late: " + b"x" * 200_000, id="a line after the body"),
        pytest.param(b"0\r\n" + b"X-Late: x\r\n" * 20_000, id="many lines after the body"),
        pytest.param(b"1;" + b"x" * 200_000, id="a note to a piece"),
    ],
)
async def test_what_only_fills_a_request_is_cut_off(served, endless):
    began = request(served, "Transfer-Encoding: chunked", body=b"")

    assert statuses(await answers_to(served, began, endless)) == []


async def test_what_comes_after_the_last_request_is_not_read(served):
    answer = await answers_to(served, LAST + HEALTH)

    assert statuses(answer) == [200]
