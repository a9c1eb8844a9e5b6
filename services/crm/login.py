"""The login to CRM in Cloud: one token for everybody, renewed before it expires."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

from services.crm.errors import CrmError, CrmUnavailable, LoginRefused
from services.crm.protocol import Claim
from services.crm.tokens import KeptToken, OwnTokens, TokenStore

RENEWED_AFTER = 0.8
"""The share of a token's life after which nobody starts a call with it any more."""


PAUSE = 0.1
"""Seconds between two looks at what became of another process's login."""

LogIn = Callable[[Claim], Awaitable[object]]
"""Asks the CRM for a token, and awaits the claim at the last moment before the request leaves."""


class LoginUnderway(Exception):
    """Another process logs in, or has done so just now; nothing was sent."""


class Login:
    """Hands out the token; of many callers without one, a single one logs in and the others share its fate."""

    def __init__(
        self, *, token_lifetime: float, monotonic: Callable[[], float], store: TokenStore | None = None
    ) -> None:
        self._token_lifetime = token_lifetime
        self._monotonic = monotonic
        self._store = store or OwnTokens()
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at = 0.0
        self._attempt_count = 0
        self._failure: CrmError | None = None

    async def token(self, log_in: LogIn) -> str:
        """A token with life left in it, after logging in if need be."""
        attempts_seen = self._attempt_count
        async with self._lock:
            if self._token is not None and self._monotonic() < self._renew_at:
                return self._token
            if self._failure is not None and self._attempt_count != attempts_seen:
                raise self._failure
            self._token = None
            kept = await self._obtain(log_in)
            self._renew_at = self._monotonic() + kept.life
            self._token = kept.token
            return kept.token

    async def forget(self, token: str) -> None:
        """Make the next caller log in, unless somebody has replaced the token already."""
        if self._token == token:
            self._token = None
        await self._store.forget(token)

    async def _obtain(self, log_in: LogIn) -> KeptToken:
        while (kept := await self._store.read()) is None:
            if not await self._store.is_claimed():
                with suppress(LoginUnderway):
                    return await self._renew(log_in)
            await asyncio.sleep(PAUSE)
        return kept

    async def _renew(self, log_in: LogIn) -> KeptToken:
        self._failure = None
        try:
            kept = await self._log_in(log_in)
        except LoginUnderway:
            raise
        except BaseException as error:
            # Whoever is cancelled shares no fate; the next one logs in for itself, and at once.
            if isinstance(error, CrmError):
                self._failure = error
                self._attempt_count += 1
            await self._store.give_up()
            raise
        self._attempt_count += 1
        return kept

    async def _log_in(self, log_in: LogIn) -> KeptToken:
        token = token_of(await log_in(self._claim))
        kept = KeptToken(token, RENEWED_AFTER * (lifetime_of(token) or self._token_lifetime))
        await self._store.keep(kept)
        return kept

    async def _claim(self) -> None:
        if not await self._store.claim():
            raise LoginUnderway


def token_of(body: object) -> str:
    """The token in the answer to a login."""
    match body:
        case {"access_token": str(token)} if token:
            return token
        case {"error": error} if error:
            raise LoginRefused("The CRM refused the login.", status=200)
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
