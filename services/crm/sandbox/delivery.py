"""How an answer is delivered, and everything that can happen to it on the way (§7)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import orjson
from aiohttp import web

from services.crm.sandbox.answers import Answer, ApiError, Duplicate
from services.crm.sandbox.faults import FaultArguments, FaultName

_HTML = "<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"


@dataclass(frozen=True)
class Exchange:
    """A call that was admitted: `perform` commits it and returns what the answer would be."""

    request: web.Request
    perform: Callable[[], Answer]
    revoke_tokens: Callable[[], None]
    duplicate_status: int


Deliver = Callable[[Exchange, FaultArguments], Awaitable[web.StreamResponse]]


async def deliver(exchange: Exchange) -> web.StreamResponse:
    """The normal case: perform the call and answer it."""
    return response_of(exchange.perform())


def response_of(answer: Answer) -> web.Response:
    if answer.payload is None:
        return web.Response(status=answer.status, headers=dict(answer.headers))
    return web.Response(
        body=orjson.dumps(answer.payload),
        status=answer.status,
        headers=dict(answer.headers),
        content_type="application/json",
        charset="utf-8",
    )


async def _drop_before(exchange: Exchange, _: FaultArguments) -> web.StreamResponse:
    return _drop(exchange.request)


async def _commit_then_drop(exchange: Exchange, _: FaultArguments) -> web.StreamResponse:
    exchange.perform()
    return _drop(exchange.request)


async def _commit_then_delay(exchange: Exchange, args: FaultArguments) -> web.StreamResponse:
    answer = exchange.perform()
    await asyncio.sleep(args.seconds)
    return response_of(answer)


async def _delay_then_commit(exchange: Exchange, args: FaultArguments) -> web.StreamResponse:
    # aiohttp does not cancel a handler whose client has gone, so the commit comes even after a time-out.
    await asyncio.sleep(args.seconds)
    return response_of(exchange.perform())


async def _html_502(exchange: Exchange, args: FaultArguments) -> web.StreamResponse:
    return _html(exchange, args, status=502, title="502 Bad Gateway")


async def _html_200(exchange: Exchange, args: FaultArguments) -> web.StreamResponse:
    return _html(exchange, args, status=200, title="Manutenzione in corso")


def _html(exchange: Exchange, args: FaultArguments, *, status: int, title: str) -> web.StreamResponse:
    if args.commit:
        exchange.perform()
    return web.Response(text=_HTML.format(title=title), status=status, content_type="text/html")


async def _status(exchange: Exchange, args: FaultArguments) -> web.StreamResponse:
    if args.commit:
        exchange.perform()
    headers = {} if args.retry_after is None else {"Retry-After": str(args.retry_after)}
    message = f"The call failed with {args.status}." if args.message is None else args.message
    return response_of(ApiError(args.status, message, headers=headers).answer)


async def _truncated_body(exchange: Exchange, _: FaultArguments) -> web.StreamResponse:
    ordinary = response_of(exchange.perform())
    body = _bytes_of(ordinary)
    response = await _open(exchange.request, ordinary, length=len(body))
    await response.write(body[: len(body) // 2])
    if exchange.request.transport is not None:
        exchange.request.transport.close()
    return response


async def _shortened_id(exchange: Exchange, _: FaultArguments) -> web.StreamResponse:
    answer = exchange.perform()
    if isinstance(answer.payload, int):
        digits = str(answer.payload)
        answer = replace(answer, payload=int(digits[: (len(digits) + 1) // 2]))
    return response_of(answer)


async def _empty_body(exchange: Exchange, _: FaultArguments) -> web.StreamResponse:
    answer = exchange.perform()
    return web.Response(status=answer.status, content_type="application/json")


async def _slow_drip(exchange: Exchange, args: FaultArguments) -> web.StreamResponse:
    ordinary = response_of(exchange.perform())
    body = _bytes_of(ordinary)
    response = await _open(exchange.request, ordinary, length=len(body))
    for position in range(len(body)):
        await asyncio.sleep(args.seconds / len(body))
        await response.write(body[position : position + 1])
    return response


async def _duplicate(exchange: Exchange, args: FaultArguments) -> web.StreamResponse:
    status = args.status if "status" in args.model_fields_set else exchange.duplicate_status
    return response_of(Duplicate("Record", "code", status=status).answer)


async def _revoke_tokens(exchange: Exchange, _: FaultArguments) -> web.StreamResponse:
    exchange.revoke_tokens()
    return response_of(ApiError(401, "The token is invalid or has expired.").answer)


DELIVERIES: Mapping[FaultName, Deliver] = {
    FaultName.DROP_BEFORE: _drop_before,
    FaultName.COMMIT_THEN_DROP: _commit_then_drop,
    FaultName.COMMIT_THEN_DELAY: _commit_then_delay,
    FaultName.DELAY_THEN_COMMIT: _delay_then_commit,
    FaultName.HTML_502: _html_502,
    FaultName.HTML_200: _html_200,
    FaultName.STATUS: _status,
    FaultName.TRUNCATED_BODY: _truncated_body,
    FaultName.SHORTENED_ID: _shortened_id,
    FaultName.EMPTY_BODY: _empty_body,
    FaultName.SLOW_DRIP: _slow_drip,
    FaultName.DUPLICATE: _duplicate,
    FaultName.REVOKE_TOKENS: _revoke_tokens,
}


def _drop(request: web.Request) -> web.StreamResponse:
    """Reset the connection. The response is returned only for form, since no one can read it."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _bytes_of(response: web.Response) -> bytes:
    body = response.body
    return body if isinstance(body, bytes) else b""


async def _open(request: web.Request, ordinary: web.Response, *, length: int) -> web.StreamResponse:
    response = web.StreamResponse(status=ordinary.status, headers={"Content-Type": ordinary.content_type})
    response.content_length = length
    await response.prepare(request)
    return response
