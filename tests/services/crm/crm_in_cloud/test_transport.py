"""How requests leave: with certificate checks, without memory, one connection each."""

import asyncio
import shutil
import ssl
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.helpers import ceil_timeout

from services.crm.crm_in_cloud.responses import Call
from services.crm.crm_in_cloud.transport import exchange, open_session
from services.crm.errors import CrmUnavailable
from tests.support.recorded_answers import SETTINGS


@pytest.fixture
def stranger(tmp_path: Path) -> ssl.SSLContext:
    """A certificate that no authority has signed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is needed to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    request = "req -x509 -nodes -days 2 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -subj /CN=localhost"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    command = ["openssl", *request.split(), "-addext", names, "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_a_server_without_a_trusted_certificate_is_sent_nothing(stranger: ssl.SSLContext) -> None:
    received: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0, ssl=stranger) as server:
        port = server.sockets[0].getsockname()[1]
        settings = replace(SETTINGS, base_url=f"https://127.0.0.1:{port}")
        async with open_session(settings) as session:
            call = Call("POST", "Auth/Login", body={"password": "secret"})
            url = settings.address(call.path)
            with pytest.raises(CrmUnavailable, match="ClientConnectorCertificateError"):
                await exchange(session, call, url=url, headers={}, settings=settings)

    assert received == []


async def test_a_long_limit_ends_when_it_says_and_not_at_the_next_full_second() -> None:
    async with open_session(replace(SETTINGS, connect_limit=7.0, time_limit=25.0)) as session:
        limits, now = session.timeout, asyncio.get_running_loop().time()
        # As aiohttp arms them.
        ends = [ceil_timeout(limit, limits.ceil_threshold).when() for limit in (limits.connect, limits.total)]

    assert ends == pytest.approx([now + 7.0, now + 25.0], abs=0.01)


async def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = replace(SETTINGS, base_url=f"http://127.0.0.1:{port}", time_limit=0.2)
        async with open_session(settings) as session, asyncio.timeout(60):
            call = Call("GET", "Auth/Me")
            with pytest.raises(CrmUnavailable, match="TimeoutError"):
                await exchange(session, call, url=settings.address(call.path), headers={}, settings=settings)


async def test_every_call_has_a_connection_of_its_own_and_brings_no_cookie() -> None:
    requests: list[bytes] = []

    async def set_a_cookie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nSet-Cookie: seen=1\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        requests.append(await reader.read())
        writer.close()

    async with await asyncio.start_server(set_a_cookie, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = replace(SETTINGS, base_url=f"http://localhost:{port}")
        async with open_session(settings) as session:
            for _ in range(2):
                call = Call("GET", "Auth/Me")
                url = settings.address(call.path)
                await exchange(session, call, url=url, headers={}, settings=settings)

    heads = [request for request in requests if request]
    assert len(heads) == 2
    assert not any(b"cookie" in head.lower() for head in heads)
