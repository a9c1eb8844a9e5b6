"""Checks every API request before it is parsed: the caller, the rate, the size, the time."""

import asyncio
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.auth import Authenticator
from server.http_refusals import Refused, Wording, over_budget, unauthenticated
from server.limits import Limits, RequestBudget

JSON = "application/json"


class Gate:
    """Lets requests through to `app` with `scope["state"]["viewer"]` set and the whole body read.

    No part of the body is read before the caller is known. Bodies are JSON or absent. An app that looks at tokens by
    itself (`certain=False`) gets callers that were known before as they were then, with `scope["state"]["secret"]`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        doorkeeper: Authenticator,
        limits: Limits,
        budget: RequestBudget,
        wording: Wording,
        certain: bool = True,
    ) -> None:
        self._app = app
        self._doorkeeper = doorkeeper
        self._limits = limits
        self._budget = budget
        self._wording = wording
        self._certain = certain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        request.state.wording = self._wording
        incoming = _IncomingBody(receive)
        try:
            await self._admit(request)
            self._check_head(request)
            body = await self._read_body(incoming)
        except Refused as refused:
            await self._decline(self._wording(refused), scope, incoming, send)
        else:
            await self._app(scope, _BufferedBody(body, receive), send)

    async def _admit(self, request: Request) -> None:
        secret = self._doorkeeper.shown_by(request)
        viewer = None if self._certain else self._doorkeeper.last_viewer_of(secret)
        # Set if nobody has looked at the token yet.
        request.state.secret = secret if viewer else None
        viewer = viewer or await self._doorkeeper.viewer_of(secret)
        if viewer is None:
            raise unauthenticated()
        wait = self._budget.seconds_to_wait(viewer.token_id)
        if wait:
            raise over_budget(wait)
        request.state.viewer = viewer

    def _check_head(self, request: Request) -> None:
        length = request.headers.get("content-length", "0")
        if length.isdecimal() and int(length) > self._limits.body_bytes:
            raise self._too_large()
        has_body = length != "0" or "transfer-encoding" in request.headers
        sent_as = request.headers.get("content-type", "")
        media_type = sent_as.partition(";")[0].strip().lower()
        if has_body and media_type != JSON:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", f"Send {JSON}.")
        if media_type == JSON != sent_as:
            # Media types and their parameters ignore case; from here on there is one spelling.
            MutableHeaders(scope=request.scope)["content-type"] = JSON

    async def _read_body(self, incoming: "_IncomingBody") -> bytes:
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                while not incoming.ended:
                    body += await incoming.read()
                    if len(body) > self._limits.body_bytes:
                        raise self._too_large()
        except TimeoutError:
            raise Refused(
                HTTPStatus.REQUEST_TIMEOUT, "BODY_TOO_SLOW", "The body did not arrive in time."
            ) from None
        return bytes(body)

    def _too_large(self) -> Refused:
        return Refused(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "BODY_TOO_LARGE",
            f"A body has at most {self._limits.body_bytes} bytes.",
        )

    async def _decline(self, response: Response, scope: Scope, incoming: "_IncomingBody", send: Send) -> None:
        """Answer and close, and read on for a moment: closing over unread bytes would lose the answer."""
        response.headers["connection"] = "close"

        async def send_but_the_end(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "more_body": True}
            await send(message)

        await response(scope, incoming.receive, send_but_the_end)
        with suppress(TimeoutError, ClientDisconnect):
            async with asyncio.timeout(self._limits.linger_seconds):
                while not incoming.ended:
                    await incoming.read()
        await send({"type": "http.response.body", "body": b""})


class _IncomingBody:
    """The body as it arrives."""

    def __init__(self, receive: Receive) -> None:
        self.receive = receive
        self.ended = False

    async def read(self) -> bytes:
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        self.ended = not message.get("more_body", False)
        return bytes(message.get("body", b""))


class _BufferedBody:
    """Returns a body that was read before, then the messages of the connection."""

    def __init__(self, body: bytes, receive: Receive) -> None:
        self._message: Message | None = {"type": "http.request", "body": body, "more_body": False}
        self._receive = receive

    async def __call__(self) -> Message:
        message, self._message = self._message, None
        return message or await self._receive()
