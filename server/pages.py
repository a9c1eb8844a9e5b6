"""The pages for people, the console and GraphiQL, and the session that both need."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.auth import Authenticator, secret_of_header, session_of
from services.events.log import EventLog
from services.operators import EndedToken, open_session, redeem_sign_in_code, revoke_token

SIGN_IN_PAGE = "/accedi"
SIGN_IN_COMMAND = ".venv/bin/python -m server sign-in-link"


def _policy(*, styles: str, fonts: str = "") -> str:
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            f"style-src 'self' {styles}",
            "img-src 'self' data:",
            f"font-src 'self'{fonts}",
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


# Monaco writes its styles into the page; only that page allows it.
GRAPHIQL_POLICY = _policy(styles="'unsafe-inline'", fonts=" data:")

_NOT_BUILT = """<!doctype html>
<html lang="it">
<meta charset="utf-8">
<title>IntelligenceHub</title>
<p>La console non è ancora costruita: <code>make setup</code>.</p>
</html>
"""


@dataclass(frozen=True, slots=True)
class Pages:
    doorkeeper: Authenticator
    events: EventLog
    console: Path
    sign_in_command: str = SIGN_IN_COMMAND
    has_graphiql: bool = True
    is_demo: bool = False

    async def page(self, request: Request) -> Response:
        """Return the console, whose address decides in the browser what it shows. It needs no session itself."""
        return self.shell(request)

    def shell(self, request: Request) -> Response:
        nonce = secrets.token_urlsafe(16)
        return self._built(
            "index.html",
            {
                "NONCE": nonce,
                "SESSION": str(session_of(request) is not None).lower(),
                "SIGN_IN_COMMAND": self.sign_in_command,
                "GRAPHIQL": str(self.has_graphiql).lower(),
                "DEMO": str(self.is_demo).lower(),
            },
            policy=_policy(styles=f"'nonce-{nonce}'"),
        )

    async def graphiql(self, request: Request) -> Response:
        viewer = await self.doorkeeper.viewer_of(session_of(request))
        if viewer is None:
            return RedirectResponse(
                f"{SIGN_IN_PAGE}?to={quote(request.url.path, safe='')}", HTTPStatus.SEE_OTHER
            )
        return self._built(
            "graphiql.html",
            {"VIEWER_NAME": viewer.name, "VIEWER_ROLE": viewer.role},
            policy=GRAPHIQL_POLICY,
        )

    async def sign_in(self, request: Request) -> Response:
        """Exchange a link's code, or the token in the header, for a session of this browser.

        The sign-in page sends this when a person presses its button: opening a link alone (a mail scanner, a chat's
        preview) does not use it up.
        """
        if not self.doorkeeper.is_from_our_page(request):
            return _refusal(HTTPStatus.FORBIDDEN, "FOREIGN_PAGE", "This came from a page of another site.")
        header = request.headers.get("authorization")
        if header is not None:
            session = await open_session(secret_of_header(header), events=self.events)
        else:
            session = await redeem_sign_in_code(request.query_params.get("code", ""), events=self.events)
        if session is None:
            if header is None:
                return _refusal(HTTPStatus.GONE, "LINK_SPENT", "A link works once, within ten minutes.")
            return _refusal(HTTPStatus.UNAUTHORIZED, "UNKNOWN_TOKEN", "No active operator has this token.")
        if isinstance(session, EndedToken):
            code = "TOKEN_REVOKED" if session.revoked else "TOKEN_EXPIRED"
            return _refusal(HTTPStatus.UNAUTHORIZED, code, "This token has ended.", ended_at=session.at)
        response = Response(status_code=HTTPStatus.NO_CONTENT)
        self.doorkeeper.remember(response, session)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session for good, not only in this browser."""
        if not self.doorkeeper.is_from_our_page(request):
            return _refusal(HTTPStatus.FORBIDDEN, "FOREIGN_PAGE", "This came from a page of another site.")
        viewer = await self.doorkeeper.viewer_of(session_of(request))
        if viewer:
            await revoke_token(viewer.token_id, actor=viewer.operator_id, events=self.events)
        response = RedirectResponse(f"{SIGN_IN_PAGE}?signedOut=true", HTTPStatus.SEE_OTHER)
        self.doorkeeper.forget(response)
        return response

    def _built(self, name: str, values: dict[str, str], *, policy: str) -> Response:
        """Return a built page with these values in it, or one sentence while nothing is built."""
        page = self.console / name
        if not page.exists():
            return HTMLResponse(_NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
        html = page.read_text(encoding="utf-8")
        for key, value in values.items():
            html = html.replace(f"%{key}%", escape(value))
        return HTMLResponse(html, headers={"content-security-policy": policy, "cache-control": "no-cache"})


def _refusal(status: HTTPStatus, code: str, message: str, *, ended_at: datetime | None = None) -> Response:
    body: dict[str, Any] = {"title": status.phrase, "status": status.value, "code": code, "detail": message}
    if ended_at is not None:
        body["endedAt"] = ended_at
    return Response(orjson.dumps(body), status, media_type="application/problem+json")
