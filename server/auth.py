"""Who is calling.

A program shows its token in the `Authorization` header. A browser shows the cookie that a sign-in link bought it,
and the cookie counts only where the browser also says that the request comes from a page of ours. The header wins:
where there is one, cookies are not looked at.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from services.operators import NewSecret, TokenKind, Viewer, authenticate, kind_of

SESSION_COOKIE = "hub_session"
NOTHING_VALID = "-"
"""Stands for something that was shown and cannot be a secret of ours."""


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Knows callers by the secret that they show, as it counts at this moment.

    A browser's cookie counts for pages of `public_url` alone; without one, for those of the host that was called.
    """

    clock: Callable[[], datetime]
    public_url: str | None = None

    async def viewer_of(self, secret: str | None) -> Viewer | None:
        """Who the secret belongs to at this moment."""
        return await authenticate(secret, self.clock()) if secret else None

    def shown_by(self, connection: HTTPConnection) -> str | None:
        """The secret that an API call or an upgrade shows, or None when it shows none at all."""
        header = connection.headers.get("authorization")
        if header is not None:
            return secret_of_header(header)
        return session_of(connection) if self.is_from_our_page(connection) else None

    def is_from_our_page(self, connection: HTTPConnection) -> bool:
        """Does the browser vouch that a page of our own origin sent this?"""
        origin = connection.headers.get("origin")
        if origin is None:
            return False
        if self.public_url is not None:
            return origin == self.public_url
        return urlsplit(origin).netloc == connection.headers.get("host")

    def remember(self, response: Response, session: NewSecret) -> None:
        """Have the browser keep its session, out of reach of scripts and of other sites."""
        assert session.expires_at is not None, "browser sessions end"
        response.set_cookie(
            SESSION_COOKIE, session.secret, expires=session.expires_at, **self._cookie_rules()
        )

    def forget(self, response: Response) -> None:
        response.delete_cookie(SESSION_COOKIE, **self._cookie_rules())

    def _cookie_rules(self) -> dict[str, Any]:
        secure = self.public_url is not None and self.public_url.startswith("https://")
        return {"path": "/", "httponly": True, "samesite": "strict", "secure": secure}


def secret_of_header(header: str) -> str:
    """
    >>> secret_of_header("Bearer ihub_" + "x" * 43) == "ihub_" + "x" * 43
    True
    >>> secret_of_header("Basic YTpi"), secret_of_header("Bearer ihs_" + "x" * 43)
    ('-', '-')
    """
    scheme, _, secret = header.strip().partition(" ")
    fits = scheme.lower() == "bearer" and kind_of(secret.strip()) is TokenKind.API
    return secret.strip() if fits else NOTHING_VALID


def secret_of_init(payload: Mapping[str, object]) -> str | None:
    """What a `connection_init` shows: `{"Authorization": "Bearer ..."}`, or nothing."""
    header = payload.get("Authorization", payload.get("authorization"))
    if header is None:
        return None
    return secret_of_header(header) if isinstance(header, str) else NOTHING_VALID


def session_of(connection: HTTPConnection) -> str | None:
    """The session in the browser's cookie. For pages only: anything that acts asks `Doorkeeper.shown_by`."""
    cookie = connection.cookies.get(SESSION_COOKIE)
    if cookie is None:
        return None
    return cookie if kind_of(cookie) is TokenKind.SESSION else NOTHING_VALID
