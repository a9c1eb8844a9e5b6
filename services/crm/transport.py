"""The only place from which this product sends anything to the outside."""

from math import inf

import aiohttp
from aiohttp import hdrs

from services.crm.answers import Answer, Call, unclear
from services.crm.errors import CrmUnavailable
from services.crm.settings import CrmSettings


class ConnectionLost(aiohttp.ClientError):
    """The line went dead after the request may have left."""


class AnswerTooLarge(aiohttp.ClientError):
    """The answer exceeds what we are ready to hold in memory."""


def open_session(settings: CrmSettings) -> aiohttp.ClientSession:
    """A session for one CRM; whoever opens it closes it."""
    return aiohttp.ClientSession(
        # A connection for each call: one kept open may die unnoticed, and a create sent into it ends unknown.
        connector=aiohttp.TCPConnector(force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        # aiohttp would round long limits up, and the call budget forgives a connection no more than its limit.
        timeout=aiohttp.ClientTimeout(
            total=settings.time_limit, connect=settings.connect_limit, ceil_threshold=inf
        ),
        headers={hdrs.ACCEPT: "application/json", hdrs.USER_AGENT: "IntelligenceHub"},
        middlewares=(_never_send_twice,),
    )


async def exchange(
    session: aiohttp.ClientSession, call: Call, *, url: str, headers: dict[str, str], settings: CrmSettings
) -> Answer:
    """Send one request once, and return whatever was answered."""
    # The causes are left out of the chain, because aiohttp's messages repeat the address, whose query may hold a key.
    try:
        async with session.request(
            call.method, url, params=call.query, json=call.body, headers=headers, allow_redirects=False
        ) as response:
            body = await _read_body(response, settings.answer_limit)
            return Answer(response.status, body, response.headers)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise CrmUnavailable(f"{call} could not connect ({type(error).__name__}).") from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise unclear(call, f"got no answer ({type(error).__name__}).") from None


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
    # aiohttp repeats a GET whose line went dead, unseen by our call budget, unless the error is of another class.
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise ConnectionLost from error
