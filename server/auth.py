"""Authenticates callers.

A program sends its token in the `Authorization` header. A browser sends the cookie of its sign-in, and the cookie
counts only if the browser also says that the request comes from one of our pages. The header wins: with a header,
cookies are ignored.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.responses import Response

from services.operators import NewSecret, Remembered, TokenKind, Viewer, authenticate, kind_of, viewers_of

SESSION_COOKIE = "hub_session"
NOTHING_VALID = "-"
"""Stands for a shown value that cannot be a secret of ours."""


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Authenticates callers by their secret, as it is valid at this moment.

    A browser's cookie counts only for pages of `public_url`; without one, for those of the requested host.
    """

    clock: Callable[[], datetime]
    public_url: str | None = None
    _remembered: Remembered = field(default_factory=Remembered, init=False)

    async def viewer_of(self, secret: str | None) -> Viewer | None:
        """Return the owner of the secret at this moment."""
        if secret is None:
            return None
        viewer = await authenticate(secret, self.clock())
        self._remembered.keep(secret, viewer)
        return viewer

    def last_viewer_of(self, secret: str | None) -> Viewer | None:
        """Return who the owner of the secret was when it was last looked up here. None: that is not known."""
        return None if secret is None else self._remembered.find(secret, self.clock())

    async def viewers_of(self, token_ids: Collection[str]) -> Mapping[str, Viewer]:
        """Return the owners of those tokens that are valid at this moment, by the token's id."""
        return await viewers_of(token_ids, self.clock())

    def shown_by(self, connection: HTTPConnection) -> str | None:
        """Return the secret of an API call or an upgrade. None: it has none."""
        header = connection.headers.get("authorization")
        if header is not None:
            return secret_of_header(header)
        return session_of(connection) if self.is_from_our_page(connection) else None

    def is_from_our_page(self, connection: HTTPConnection) -> bool:
        """Return whether the browser says that a page of our own origin sent this."""
        origin = connection.headers.get("origin")
        if origin is None:
            return False
        if self.public_url is not None:
            return origin == self.public_url
        return urlsplit(origin).netloc == connection.headers.get("host")

    def remember(self, response: Response, session: NewSecret) -> None:
        """Store the session in the browser, out of reach of scripts and other sites."""
        assert session.expires_at is not None, "browser sessions end"
        # Starlette writes only instants of `datetime.UTC`; a database may give another name of the same zone.
        expires = session.expires_at.astimezone(UTC)
        response.set_cookie(SESSION_COOKIE, session.secret, expires=expires, **self._cookie_rules())

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
    """Return the secret of a `connection_init`: `{"Authorization": "Bearer ..."}`, or nothing."""
    header = payload.get("Authorization", payload.get("authorization"))
    if header is None:
        return None
    return secret_of_header(header) if isinstance(header, str) else NOTHING_VALID


def session_of(connection: HTTPConnection) -> str | None:
    """Return the session of the browser's cookie. For pages only: anything that acts uses `Authenticator.shown_by`."""
    cookie = connection.cookies.get(SESSION_COOKIE)
    if cookie is None:
        return None
    return cookie if kind_of(cookie) is TokenKind.SESSION else NOTHING_VALID
