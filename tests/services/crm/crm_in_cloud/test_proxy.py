"""A CRM that is reached only through a proxy: a real one, on a socket of this machine."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from services.crm.crm_in_cloud.client import CrmInCloudClient
from services.crm.crm_in_cloud.settings import AuthMode, CrmSettings, Proxy
from services.crm.crm_in_cloud.transport import open_session
from services.crm.errors import CrmUnavailable
from tests.support.forward_proxy import ForwardProxy, forward_proxy
from tests.support.recorded_answers import DRAFT, NOW, RecordedBudget, Stopwatch
from tests.support.sandbox_process import SandboxProcess

SECRET = "canary@proxy/word"
BASIC = base64.b64encode(f"hub:{SECRET}".encode())


@pytest.fixture
async def proxy(sandbox: SandboxProcess) -> AsyncIterator[ForwardProxy]:
    async with forward_proxy(urlsplit(sandbox.crm).port or 0) as proxy:
        yield proxy


@asynccontextmanager
async def client_through(proxy: ForwardProxy, settings: CrmSettings) -> AsyncIterator[CrmInCloudClient]:
    through = replace(settings, proxy=Proxy(f"http://127.0.0.1:{proxy.port}", "hub", SECRET))
    async with open_session(through) as session:
        yield CrmInCloudClient(
            through, session=session, budget=RecordedBudget(), clock=lambda: NOW, monotonic=Stopwatch()
        )


@pytest.mark.parametrize("mode", list(AuthMode))
async def test_every_call_goes_through_the_proxy_the_login_too(
    sandbox: SandboxProcess, proxy: ForwardProxy, mode: AuthMode
) -> None:
    # Only the proxy knows where this host is.
    settings = replace(sandbox.settings, base_url="http://crm.test", auth_mode=mode)

    async with client_through(proxy, settings) as crm:
        await crm.meet()
        found = await crm.get_company(408101)

    login = ["POST http://crm.test/api/v1/Auth/Login HTTP/1.1"] if mode.logs_in else []
    assert found is not None
    assert proxy.requests[: len(login)] == login
    assert any("/api/v1/Company/408101/GetFull" in line for line in proxy.requests)
    assert all(b"Proxy-Authorization: Basic " + BASIC in head for head in proxy.heads)


async def test_of_a_crm_with_tls_the_proxy_sees_only_the_host(
    sandbox: SandboxProcess, proxy: ForwardProxy
) -> None:
    settings = replace(sandbox.settings, base_url="https://crm.test", auth_mode=AuthMode.KEY)

    async with client_through(proxy, settings) as crm:
        with pytest.raises(CrmUnavailable):
            await crm.get_company(408101)

    assert proxy.requests == ["CONNECT crm.test:443 HTTP/1.1"]
    assert b"sandbox-key" not in proxy.heads[0]
    # The first record of a TLS handshake.
    assert proxy.tunnelled[0].startswith(b"\x16\x03")


@pytest.mark.parametrize("status", [403, 407, 502])
async def test_a_create_that_the_proxy_does_not_let_through_was_never_sent(
    sandbox: SandboxProcess, proxy: ForwardProxy, status: int
) -> None:
    proxy.refusing = status
    settings = replace(sandbox.settings, base_url="https://crm.test", auth_mode=AuthMode.KEY)

    async with client_through(proxy, settings) as crm:
        with pytest.raises(CrmUnavailable) as failure:
            await crm.create_opportunity(DRAFT)

    assert failure.value.message.endswith(f"could not connect: the proxy answered {status}.")
    assert not any(SECRET in str(one) for one in (failure.value, failure.value.crm_message))


async def test_a_proxy_that_is_not_there_is_no_connection(sandbox: SandboxProcess) -> None:
    absent = ForwardProxy(crm=0, port=1)
    settings = replace(sandbox.settings, base_url="http://crm.test", auth_mode=AuthMode.KEY)

    async with client_through(absent, settings) as crm:
        with pytest.raises(CrmUnavailable, match="could not connect"):
            await crm.create_opportunity(DRAFT)


async def test_a_crm_on_this_machine_is_called_without_the_proxy(
    sandbox: SandboxProcess, proxy: ForwardProxy
) -> None:
    async with client_through(proxy, sandbox.settings) as crm:
        await crm.get_company(408101)

    assert proxy.requests == []
