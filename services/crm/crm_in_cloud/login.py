"""The login to CRM in Cloud: one token for all callers, renewed before it expires."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from services.crm.crm_in_cloud.tokens import RENEWED_AFTER, KeptToken, OwnTokens, TokenStore, lifetime_of
from services.crm.errors import CrmError, CrmUnavailable, LoginRefused
from services.crm.protocol import Claim

PAUSE = 0.1
"""Seconds between two checks of another process's login."""

LogIn = Callable[[Claim], Awaitable[object]]
"""Asks the CRM for a token, and awaits the claim at the last moment before the request is sent."""


class LoginUnderway(Exception):
    """Another process is logging in, or has just done so. Nothing was sent."""


class Login:
    """Provides the token. Of many callers without one, a single one logs in and the others share the result.

    A refused login is not sent again before its pause is over.
    """

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
        self._refused_until = 0.0

    async def token(self, log_in: LogIn) -> str:
        """Return a token that is still valid, after a login if necessary."""
        attempts_seen = self._attempt_count
        async with self._lock:
            if self._token is not None and self._monotonic() < self._renew_at:
                return self._token
            is_shared = self._attempt_count != attempts_seen or self._monotonic() < self._refused_until
            if self._failure is not None and is_shared:
                raise self._failure
            self._token = None
            kept = await self._obtain(log_in)
            self._renew_at = self._monotonic() + kept.life
            self._token = kept.token
            return kept.token

    async def forget(self, token: str) -> None:
        """Make the next caller log in, unless the token has already been replaced."""
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
            # A cancellation is not shared: the next caller logs in itself, at once.
            if isinstance(error, CrmError):
                self._failure = error
                self._attempt_count += 1
            if isinstance(error, LoginRefused):
                self._refused_until = self._monotonic() + (error.retry_after or 0.0)
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
    """Return the token in the answer to a login."""
    match body:
        case {"access_token": str(token)} if token:
            return token
        case {"error": error} if error:
            raise LoginRefused("The CRM refused the login.", status=200)
        case _:
            raise CrmUnavailable("The CRM answered the login without a token.")
