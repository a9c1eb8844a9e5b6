"""How one tenant of CRM in Cloud is reached, and what its own numbers mean."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")

_JWT = re.compile(r"eyJ[\w-]*\.[\w-]+(\.[\w-]*)?")


class UnfitSettings(ValueError):
    """`fields` cannot be what they are, because of the `reason`. Neither holds a value that may be secret."""

    def __init__(self, fields: Sequence[str], reason: str) -> None:
        super().__init__(f"{', '.join(fields)} cannot be used: {reason}.")
        self.fields = fields
        self.reason = reason


class AuthMode(StrEnum):
    """The ways in which CRM in Cloud lets a program in; a tenant's account works with some of them."""

    LOGIN_AND_KEY = "LOGIN_AND_KEY"
    LOGIN = "LOGIN"
    KEY = "KEY"
    KEY_IN_QUERY = "KEY_IN_QUERY"
    KEY_AND_APPLICATION = "KEY_AND_APPLICATION"

    @property
    def logs_in(self) -> bool:
        return self in (AuthMode.LOGIN, AuthMode.LOGIN_AND_KEY)


@dataclass(frozen=True, kw_only=True)
class CrmSettings:
    """Everything that differs from tenant to tenant; the secrets among it never show in a repr.

    `zone` is the zone of the dates that the CRM writes without one. `time_limit` holds for a whole call, in
    seconds, `connect_limit` for its connection, which is short because the call budget's spacing has to forgive it;
    `token_lifetime` counts only where a token does not say its own.
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
    zone: ZoneInfo = ROME
    time_limit: float = 20.0
    connect_limit: float = 2.0
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
                "the activities that we write need another sub-type than those that we take in",
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

    def without_secrets(self, text: str, *, token: str | None = None) -> str:
        """The text with stars for every secret and every token in it, also where they are written as in an address."""
        secrets = [secret for secret in (self.password, self.username, self.api_key, token) if secret]
        spellings = {spelling for secret in secrets for spelling in (secret, quote(secret, safe=""))}
        for spelling in sorted(spellings, key=len, reverse=True):
            text = text.replace(spelling, "***")
        return _JWT.sub("***", text)
