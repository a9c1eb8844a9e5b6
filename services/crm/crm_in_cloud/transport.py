"""The only place where this product sends anything to the outside."""

from math import inf
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs

from services.crm.crm_in_cloud.identity import is_loopback
from services.crm.crm_in_cloud.responses import Answer, Call, unclear
from services.crm.crm_in_cloud.settings import CrmSettings, Proxy
from services.crm.errors import CrmUnavailable


class ConnectionLost(aiohttp.ClientError):
    """The connection was lost after the request may have been sent."""


class AnswerTooLarge(aiohttp.ClientError):
    """The answer is larger than we are prepared to hold in memory."""


def proxy_of(settings: CrmSettings) -> Proxy | None:
    """Return the proxy that all calls go through. A CRM on this machine is called directly."""
    return None if is_loopback(urlsplit(settings.base_url).hostname or "") else settings.proxy


def open_session(settings: CrmSettings) -> aiohttp.ClientSession:
    """Return a session for one CRM. The caller closes it."""
    proxy = proxy_of(settings)
    return aiohttp.ClientSession(
        proxy=proxy.address if proxy else None,
        # The settings name the proxy, and no .netrc file holds credentials of ours.
        trust_env=False,
        # One connection for each call: a kept connection may die unnoticed, and a create sent into it has an unknown
        # outcome.
        connector=aiohttp.TCPConnector(force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        # aiohttp would round up long limits, but the call budget allows a connection no more than its limit.
        timeout=aiohttp.ClientTimeout(
            total=settings.time_limit, connect=settings.connect_limit, ceil_threshold=inf
        ),
        headers={hdrs.ACCEPT: "application/json", hdrs.USER_AGENT: "IntelligenceHub"},
        middlewares=(_never_send_twice,),
    )


async def exchange(
    session: aiohttp.ClientSession, call: Call, *, url: str, headers: dict[str, str], settings: CrmSettings
) -> Answer:
    """Send one request once, and return the answer, whatever it is."""
    credentials = _proxy_credentials(settings)
    # A proxy forwards a plain request with its headers. For TLS it only opens a tunnel, which has headers of its own.
    is_tunnelled = url.startswith("https:")
    # The causes are left out of the chain, because aiohttp's messages repeat the address, whose query may hold a key.
    try:
        async with session.request(
            call.method,
            url,
            params=call.query,
            json=call.body,
            headers=headers if is_tunnelled else {**headers, **credentials},
            proxy_headers=credentials if is_tunnelled else None,
            allow_redirects=False,
        ) as response:
            body = await _read_body(response, settings.answer_limit)
            return Answer(response.status, body, response.headers)
    except aiohttp.ClientHttpProxyError as error:
        raise CrmUnavailable(f"{call} could not connect: the proxy answered {error.status}.") from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise CrmUnavailable(f"{call} could not connect ({type(error).__name__}).") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise unclear(call, f"got no answer ({type(error).__name__}).") from None


def _proxy_credentials(settings: CrmSettings) -> dict[str, str]:
    proxy = proxy_of(settings)
    if proxy is None or not proxy.username:
        return {}
    return {hdrs.PROXY_AUTHORIZATION: aiohttp.encode_basic_auth(proxy.username, proxy.password)}


async def _read_body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > limit:
            raise AnswerTooLarge
    return bytes(body)


async def _never_send_twice(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    # aiohttp repeats a GET whose connection was lost, unseen by our call budget, unless the error has another class.
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionLost from error
