"""The login to CRM in Cloud: one token for everybody, renewed before it expires."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable

from services.crm.errors import CrmError, CrmForbidden, CrmUnavailable

RENEWED_AFTER = 0.8
"""The share of a token's life after which nobody starts a call with it any more."""


class Login:
    """Hands out the token; of many callers without one, a single one logs in and the others share its fate."""

    def __init__(self, *, token_lifetime: float, monotonic: Callable[[], float]) -> None:
        self._token_lifetime = token_lifetime
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at = 0.0
        self._attempt_count = 0
        self._failure: CrmError | None = None

    async def token(self, log_in: Callable[[], Awaitable[object]]) -> str:
        """A token with life left in it, after logging in if need be."""
        attempts_seen = self._attempt_count
        async with self._lock:
            if self._token is not None and self._monotonic() < self._renew_at:
                return self._token
            if self._failure is not None and self._attempt_count != attempts_seen:
                raise self._failure
            return await self._renew(log_in)

    def forget(self, token: str) -> None:
        """Make the next caller log in, unless somebody has replaced the token already."""
        if self._token == token:
            self._token = None

    async def _renew(self, log_in: Callable[[], Awaitable[object]]) -> str:
        self._token = None
        self._failure = None
        try:
            token = token_of(await log_in())
        except CrmError as error:
            self._failure = error
            raise
        finally:
            self._attempt_count += 1
        self._renew_at = self._monotonic() + RENEWED_AFTER * (lifetime_of(token) or self._token_lifetime)
        self._token = token
        return token


def token_of(body: object) -> str:
    """The token in the answer to a login."""
    match body:
        case {"access_token": str(token)} if token:
            return token
        case {"error": error} if error:
            raise CrmForbidden("The CRM refused the login.", status=200)
        case _:
            raise CrmUnavailable("The CRM answered the login without a token.")


def lifetime_of(token: str) -> float | None:
    """The seconds between a JWT's issue and its expiry, unverified; None when it does not say.

    >>> lifetime_of("e30.eyJpYXQiOiAxMDAsICJleHAiOiAxMzAwfQ.c2ln")
    1200.0
    >>> lifetime_of("opaque") is None
    True
    """
    try:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        lifetime = float(claims["exp"]) - float(claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    return lifetime if lifetime > 0 else None
