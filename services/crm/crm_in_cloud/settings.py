"""How to reach one tenant of CRM in Cloud, and what its own numbers mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import ClassVar, Self
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from services.crm.protocol import CONNECT_LIMIT
from services.crm.scrubber import STARS, Scrubber

ROME = ZoneInfo("Europe/Rome")

_JWT = re.compile(r"eyJ[\w-]*\.[\w-]+(\.[\w-]*)?")


class UnfitSettings(ValueError):
    """`fields` have unusable values because of the `reason`. Neither contains a value that may be secret."""

    def __init__(self, fields: Sequence[str], reason: str) -> None:
        super().__init__(f"{', '.join(fields)} cannot be used: {reason}.")
        self.fields = fields
        self.reason = reason


class AuthMode(StrEnum):
    """The ways to authenticate with CRM in Cloud. A tenant's account works with some of them."""

    LOGIN_AND_KEY = "LOGIN_AND_KEY"
    LOGIN = "LOGIN"
    KEY = "KEY"
    KEY_IN_QUERY = "KEY_IN_QUERY"
    KEY_AND_APPLICATION = "KEY_AND_APPLICATION"

    @property
    def logs_in(self) -> bool:
        return self in (AuthMode.LOGIN, AuthMode.LOGIN_AND_KEY)


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy on the way to the CRM. Its `address` holds no credentials and may be shown."""

    address: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the proxy of an address, or raise ValueError with a reason that repeats nothing of it.

        >>> Proxy.parse("http://hub:p%40ss@Proxy.example:3128/")
        Proxy(address='http://proxy.example:3128')
        >>> Proxy.parse("http://hub:p%40ss@proxy.example:3128").password
        'p@ss'
        >>> Proxy.parse("proxy.example:3128")
        Proxy(address='http://proxy.example:3128')
        """
        try:
            parts = urlsplit(url if "://" in url else f"http://{url}")
            host, port = parts.hostname, parts.port
        except ValueError:
            raise ValueError("its host or port cannot be right; percent-encode special characters") from None
        if parts.scheme != "http" or not host:
            raise ValueError("a proxy is http://host:port or http://user:password@host:port")
        if parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("a proxy has no path; percent-encode / ? and # in a password")
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if not (username + password).isprintable() or ":" in username:
            raise ValueError(
                "a proxy's user name and password have no control characters, and its user name no colon"
            )
        bracketed = f"[{host}]" if ":" in host else host
        return cls(f"http://{bracketed}:{port or 80}", username, password)


@dataclass(frozen=True, kw_only=True)
class CrmSettings:
    """Everything that differs between tenants. The secrets never show in a repr.

    `zone` is the zone of the dates that the CRM writes without one. `time_limit` is for a whole call, in seconds.
    `connect_limit` is for its connection, and is short because the spacing of the call budget has to allow for it.
    `proxy` is on the way of every call, unless the CRM is on this machine.
    `token_lifetime` counts only if a token does not state its own.
    """

    base_url: str
    auth_mode: AuthMode
    intake_sub_type_id: int
    shadow_sub_type_id: int
    activity_type: int
    open_state: int
    completed_state: int
    version: str = "v1"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    application: str = ""
    opportunity_phase_id: int | None = None
    opportunity_category_id: int | None = None
    default_owner_id: int | None = None
    proxy: Proxy | None = None
    zone: ZoneInfo = ROME
    time_limit: float = 20.0
    connect_limit: float = CONNECT_LIMIT
    token_lifetime: float = 1200.0
    page_size: int = 100
    answer_limit: int = 16 * 1024 * 1024

    _NEEDED: ClassVar[dict[AuthMode, tuple[str, ...]]] = {
        AuthMode.LOGIN_AND_KEY: ("username", "password", "api_key"),
        AuthMode.LOGIN: ("username", "password"),
        AuthMode.KEY: ("api_key",),
        AuthMode.KEY_IN_QUERY: ("api_key",),
        AuthMode.KEY_AND_APPLICATION: ("api_key", "application"),
    }

    def __post_init__(self) -> None:
        unprintable = [
            name for name in ("username", "api_key", "application") if not getattr(self, name).isprintable()
        ]
        if unprintable:
            raise UnfitSettings(unprintable, "a line break or another control character cannot be sent")
        missing = [name for name in self._NEEDED[self.auth_mode] if not getattr(self, name)]
        if missing:
            raise UnfitSettings(missing, f"left empty, which the auth mode {self.auth_mode} does not allow")
        address = urlsplit(self.base_url)
        if address.scheme not in ("https", "http") or not address.hostname or "@" in address.netloc:
            raise UnfitSettings(
                ["base_url"], "it must be https://<host> or http://<host>, without credentials"
            )
        if self.shadow_sub_type_id == self.intake_sub_type_id:
            raise UnfitSettings(
                ["intake_sub_type_id", "shadow_sub_type_id"],
                "the activities that we write need another sub-type than the sales that we import",
            )
        if self.page_size < 2:
            raise UnfitSettings(["page_size"], "it must be at least 2, because pages overlap by one row")

    def address(self, path: str) -> str:
        """
        >>> CrmSettings(
        ...     base_url="https://api.crmincloud.it/", auth_mode=AuthMode.KEY, api_key="k", activity_type=7,
        ...     intake_sub_type_id=1, shadow_sub_type_id=2, open_state=0, completed_state=2,
        ... ).address("Auth/Me")
        'https://api.crmincloud.it/api/v1/Auth/Me'
        """
        return f"{self.base_url.rstrip('/')}/api/{self.version}/{path}"

    @cached_property
    def _scrubber(self) -> Scrubber:
        return Scrubber(
            (self.username, self.password, self.api_key, self.proxy.password if self.proxy else "")
        )

    def without_secrets(self, text: str, *, token: str | None = None) -> str:
        """Return the text with every secret and every token replaced by stars, however they are written."""
        return _JWT.sub(STARS, Scrubber([token or ""])(self._scrubber(text)))
