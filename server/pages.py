"""The pages that a person sees: GraphiQL, and what says whether signing in or out worked."""

from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from server.auth import Doorkeeper, session_of
from services.events.log import EventLog
from services.operators import redeem_sign_in_code, revoke_token

HOME = "/graphiql"

# Monaco writes its styles into the page; that page alone allows it.
GRAPHIQL_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)

_NOTICE = """<!doctype html>
<html lang="it">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>IntelligenceHub</title>
{head}</head>
<body>
<h1>IntelligenceHub</h1>
<p>{sentence}</p>
</body>
</html>
"""

SIGNED_IN = f"Accesso riuscito. Se la pagina non cambia da sola: <a href='{HOME}'>continua</a>."
SIGNED_OUT = "Sessione chiusa. Per rientrare serve un nuovo link di accesso."
NO_SESSION = (
    "Per entrare serve un link di accesso. Si ottiene con <code>python -m server sign-in-link</code>."
)
BAD_LINK = "Questo link di accesso non vale più: vale una volta sola, per dieci minuti. " + NO_SESSION
NOT_BUILT = "La console non è ancora costruita: <code>make setup</code>."


@dataclass(frozen=True, slots=True)
class Pages:
    doorkeeper: Doorkeeper
    events: EventLog
    console: Path

    async def home(self, request: Request) -> Response:
        return RedirectResponse(HOME)

    async def sign_in(self, request: Request) -> Response:
        """Trade the link's code for a session.

        The next page is asked for by this one, and not by a redirect: a browser that followed a link from another
        site would not show its new cookie to a redirect.
        """
        if request.method == "HEAD":
            # Who only looks (a mail scanner, a chat's preview) must not use the code up.
            return notice(SIGNED_IN)
        session = await redeem_sign_in_code(request.query_params.get("code", ""), events=self.events)
        if session is None:
            return notice(BAD_LINK, HTTPStatus.GONE)
        refresh = f'<meta http-equiv="refresh" content="0; url={HOME}">\n'
        response = notice(SIGNED_IN, head=refresh)
        response.headers["referrer-policy"] = "no-referrer"
        self.doorkeeper.remember(response, session)
        return response

    async def sign_out(self, request: Request) -> Response:
        """End the session for good, not only in this browser."""
        if not self.doorkeeper.is_from_our_page(request):
            return notice(NO_SESSION, HTTPStatus.FORBIDDEN)
        viewer = await self.doorkeeper.viewer_of(session_of(request))
        if viewer:
            await revoke_token(viewer.token_id, actor=viewer.operator_id, events=self.events)
        response = notice(SIGNED_OUT)
        self.doorkeeper.forget(response)
        return response

    async def graphiql(self, request: Request) -> Response:
        viewer = await self.doorkeeper.viewer_of(session_of(request))
        if viewer is None:
            return notice(NO_SESSION, HTTPStatus.UNAUTHORIZED)
        page = self.console / "graphiql.html"
        if not page.exists():
            return notice(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE)
        html = page.read_text(encoding="utf-8")
        html = html.replace("%VIEWER_NAME%", escape(viewer.name)).replace("%VIEWER_ROLE%", viewer.role)
        return HTMLResponse(html, headers={"content-security-policy": GRAPHIQL_POLICY})


def notice(sentence: str, status: HTTPStatus = HTTPStatus.OK, *, head: str = "") -> HTMLResponse:
    return HTMLResponse(_NOTICE.format(sentence=sentence, head=head), status)
