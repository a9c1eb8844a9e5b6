"""Which tenant of CRM in Cloud answers: the CRM names it at each login."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from services.crm.crm_in_cloud.responses import whole
from services.crm.crm_in_cloud.settings import CrmSettings
from services.crm.crm_in_cloud.tokens import RENEWED_AFTER, claims_of
from services.crm.errors import CrmRefused

LOOPBACK = "this machine"

_OWN_ACCOUNT = "account"
_USUAL_PORTS = {"http": 80, "https": 443, "": None}


@dataclass(frozen=True, slots=True)
class TenantIdentity:
    """A tenant: its address, and its name in the CRM."""

    address: str
    tenant: str

    @property
    def is_named_by_crm(self) -> bool:
        """Whether the CRM named the tenant. If it did not, our own credentials identify it."""
        return not self.tenant.startswith(_OWN_ACCOUNT)

    def __str__(self) -> str:
        return f"{self.tenant} at {self.address}"


class TenantGuard(Protocol):
    """Decides whether a tenant of the CRM is the right one to work with."""

    async def admit(self, identity: TenantIdentity) -> None:
        """Return if it is, or raise WrongTenant."""


class Meeting:
    """Has the guard check the tenant before any call is sent to it: with each token, and at intervals."""

    def __init__(
        self, settings: CrmSettings, *, guard: TenantGuard | None, monotonic: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._guard = guard
        self._monotonic = monotonic
        self._lock = asyncio.Lock()
        self._met: str | None = None
        self._holds_until = 0.0

    async def check(self, token: str | None, ask: Callable[[], Awaitable[object]]) -> None:
        """Raise WrongTenant unless the guard admits the tenant that accepts the token, or our key if there is no
        token.

        `ask` calls `Auth/Me`, which is needed if the token does not name the tenant.
        """
        if self._guard is None or self._holds(token):
            return
        async with self._lock:
            if self._holds(token):
                return
            self._met = None
            tenant = _customer(claims_of(token or "")) or await self._ask(ask)
            await self._guard.admit(TenantIdentity(address_of(self._settings.base_url), tenant))
            self._met = token or ""
            self._holds_until = self._monotonic() + RENEWED_AFTER * self._settings.token_lifetime

    def _holds(self, token: str | None) -> bool:
        return self._met == (token or "") and self._monotonic() < self._holds_until

    async def _ask(self, ask: Callable[[], Awaitable[object]]) -> str:
        try:
            answer = await ask()
        except CrmRefused:
            # Some keys may not ask. Then the credentials identify their tenant.
            answer = None
        return tenant_of(answer) or _account(self._settings)


def address_of(base_url: str) -> str:
    """Return the host, with its port unless that is the usual one. A CRM on this machine may change its port.

    >>> address_of("https://API.crmincloud.it/"), address_of("https://crm.test:8443")
    ('api.crmincloud.it', 'crm.test:8443')
    >>> address_of("http://127.0.0.1:9100") == address_of("http://localhost:9300") == LOOPBACK
    True
    """
    address = urlsplit(base_url.lower())
    host = address.hostname or ""
    if is_loopback(host):
        return LOOPBACK
    return host if address.port in (None, _USUAL_PORTS[address.scheme]) else f"{host}:{address.port}"


def is_loopback(host: str) -> bool:
    """
    >>> is_loopback("localhost"), is_loopback("127.0.0.2"), is_loopback("::1"), is_loopback("crm.test")
    (True, True, True, False)
    """
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def tenant_of(answer: object) -> str | None:
    """Return the tenant in an answer of `Auth/Me`: its customer, or else its user.

    >>> tenant_of({"customerId": 31, "id": 2001}), tenant_of({"UserId": "2001"}), tenant_of([]), tenant_of(None)
    ('customer 31', 'user 2001', None, None)
    """
    if not isinstance(answer, dict):
        return None
    fields = {str(key).lower(): value for key, value in answer.items()}
    user = whole(fields.get("id")) or whole(fields.get("userid"))
    return _customer(fields) or (f"user {user}" if user else None)


def _customer(fields: dict[str, object]) -> str | None:
    number = whole({key.lower(): value for key, value in fields.items()}.get("customerid"))
    return f"customer {number}" if number else None


def _account(settings: CrmSettings) -> str:
    digest = sha256(f"{settings.username} with {settings.api_key}".encode()).hexdigest()
    return f"{_OWN_ACCOUNT} {digest[:12]}"
