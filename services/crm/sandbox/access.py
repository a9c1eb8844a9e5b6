"""Who may call, and how often: the five ways to authenticate, key scopes and the rate limit (§1, §3)."""

import base64
import hashlib
import hmac
import math
import secrets
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.crm.sandbox.answers import Answer, ApiError, LoginRefused
from services.crm.sandbox.store import Store
from services.crm.sandbox.switches import AuthMode, Permission, Switches

_PERMISSION_OF_ACTION: Mapping[str, Permission] = {"create": "create", "update": "update", "delete": "delete"}


@dataclass(frozen=True)
class Account:
    """The single login and the single key of the sandbox."""

    user_name: str = "integrazione@sandbox.example"
    password: str = field(default="sandbox-password", repr=False)
    api_key: str = field(default="sandbox-key", repr=False)
    user_id: int = 2001


@dataclass(frozen=True)
class Caller:
    """An authenticated caller, and the budget that its calls are taken from."""

    user_id: int
    budget: str


class Access:
    """Checks every call before it reaches the records."""

    def __init__(
        self,
        account: Account,
        store: Store,
        *,
        clock: Callable[[], datetime],
        switches: Callable[[], Switches],
    ) -> None:
        self._account = account
        self._store = store
        self._clock = clock
        self._switches = switches
        self._calls: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def log_in(self, sent: Mapping[str, Any]) -> Answer:
        """Exchange a name and a password for a token; body names are read in any case (§0, §1)."""
        given = {name.casefold(): value for name, value in sent.items()}
        if given.get("grant_type") != "password":
            raise LoginRefused("grant_type must be 'password'.")
        known = _same(given.get("username"), self._account.user_name)
        if not (_same(given.get("password"), self._account.password) and known):
            raise LoginRefused("The user name or the password is wrong.")
        return Answer({"access_token": self._issue_token()})

    def identify_login(self, headers: Mapping[str, str]) -> Caller:
        """A login counts against the key that it comes with, else against the user (§3)."""
        if "WebApiKey" not in headers:
            return Caller(self._account.user_id, "user")
        self._check_key(headers["WebApiKey"])
        return Caller(self._account.user_id, "key")

    def authenticate(self, headers: Mapping[str, str], query: Mapping[str, str]) -> Caller:
        """Find out who calls, in any of the five ways (§1), or answer 401."""
        mode = _mode_of(headers, query, self._switches().auth_modes)
        if mode is None:
            raise ApiError(401, "Authorization has been denied for this request.")
        if mode in ("A", "B"):
            user_id = self._owner_of_token(headers["Authorization"])
            if mode == "B":
                return Caller(user_id, "user")
        given = {"A": headers.get("WebApiKey"), "D": query.get("apikey")}
        self._check_key(given.get(mode, headers.get("ApiKey")))
        return Caller(self._account.user_id, "key")

    def spend_call(self, caller: Caller) -> None:
        """Take one call from the caller's sliding window, or answer 429 (§3); refused calls are not counted."""
        switches, now = self._switches(), self._clock()
        calls, window = self._calls[caller.budget], timedelta(seconds=switches.window_seconds)
        while calls and calls[0] <= now - window:
            calls.popleft()
        if len(calls) >= switches.calls_per_window:
            wait = switches.retry_after_seconds
            headers = {} if wait is None else {"Retry-After": str(wait)}
            raise ApiError(429, "Too many requests.", headers=headers)
        calls.append(now)

    def check_scope(self, action: str) -> None:
        """A key may be limited to some kinds of calls (§1)."""
        if _PERMISSION_OF_ACTION.get(action, "read") not in self._switches().key_scope:
            raise ApiError(403, "The scope of this key does not allow the call.")

    def describe_caller(self, caller: Caller) -> Answer:
        """Who am I; the shape of this answer is unknown (§1)."""
        return Answer(
            {
                "id": caller.user_id,
                "userName": self._account.user_name,
                **self._shown(customerId=self._customer),
            }
        )

    def revoke_tokens(self) -> None:
        """Invalidate every token, as a change of password would."""
        self._store.empty(["token"])

    def forget_calls(self) -> None:
        self._calls.clear()

    @property
    def _customer(self) -> int:
        """The tenant that the account belongs to: the store's own, unless a switch gives it to another (§7)."""
        return self._switches().customer_id or self._store.customer_id

    def _shown(self, **customer: object) -> Mapping[str, object]:
        return customer if self._switches().customer == "shown" else {}

    def _issue_token(self) -> str:
        now, lifetime = self._clock(), self._switches().token_lifetime_seconds
        issued_at = math.floor(now.timestamp())
        token = _jwt(
            UserId=str(self._account.user_id),
            **self._shown(CustomerId=str(self._customer)),
            nbf=issued_at,
            iat=issued_at,
            exp=issued_at + (int(lifetime) if lifetime.is_integer() else lifetime),
        )
        expires_at = (now + timedelta(seconds=lifetime)).isoformat(timespec="microseconds")
        self._store.save_token(_digest(token), user_id=self._account.user_id, expires_at=expires_at)
        return token

    def _owner_of_token(self, authorization: str) -> int:
        token = authorization[len("Bearer ") :].strip()
        now = self._clock().isoformat(timespec="microseconds")
        user_id = self._store.find_token_owner(_digest(token), now=now)
        if user_id is None:
            raise ApiError(401, "The token is invalid or has expired.")
        return user_id

    def _check_key(self, key: str | None) -> None:
        if not _same(key, self._account.api_key):
            raise ApiError(401, "The API key is not valid.")


def _mode_of(
    headers: Mapping[str, str], query: Mapping[str, str], accepted: Sequence[AuthMode]
) -> AuthMode | None:
    """Return the first accepted way of authenticating in the call. One that requires more comes first."""
    bearer = headers.get("Authorization", "").lower().startswith("bearer ")
    key = "ApiKey" in headers
    shown: Mapping[AuthMode, bool] = {
        "A": bearer and "WebApiKey" in headers,
        "B": bearer,
        "E": key and "Crm-ApplicationName" in headers,
        "C": key,
        "D": "apikey" in query,
    }
    return next((mode for mode, is_shown in shown.items() if is_shown and mode in accepted), None)


def _same(given: object, expected: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), expected.encode())


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _jwt(**claims: object) -> str:
    """Return a token in the form of a JWT. Its signature is random, because only the store decides what is valid."""
    parts = [orjson.dumps({"alg": "HS256", "typ": "JWT"}), orjson.dumps(claims), secrets.token_bytes(32)]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)
