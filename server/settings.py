"""The environment variables: `HUB_...` for the hub, `CRM_...` for the CRM behind it.

No other module reads the environment. White space around a value is removed, and an empty variable counts as not
set. An impossible value stops the program with one sentence that names the variable and the value; the value of a
secret is never repeated.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import ip_address
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies_environment, proxy_bypass
from zoneinfo import ZoneInfo

import idna
from holidays.registry import EntityLoader
from pydantic import AfterValidator, AliasChoices, DirectoryPath, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from models.address import parse_address
from services.crm.crm_in_cloud.settings import AuthMode, CrmSettings, Proxy, UnfitSettings
from services.crm.pages import ID, CrmPages

_USUAL_PORTS = {"http": 80, "https": 443}
_LIKENESS = 0.75
"""A name this similar counts as one of ours misspelt; a less similar one belongs to another program."""


class BadSettings(Exception):
    """A variable is missing or impossible. The message is for the person who set it."""


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


def _known_zone(name: str) -> str:
    # Not `available_timezones`, which opens every time zone file for every command.
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError) as error:
        raise ValueError("no time zone has this name; Europe/Rome is one") from error
    return name


def _known_country(code: str) -> str:
    # `list_supported_countries` would import the holidays of the whole world for every command.
    if code not in EntityLoader.get_country_codes():
        raise ValueError("the holidays of this country are not known; IT is one that is")
    return code


def _database_address(url: str) -> str:
    parse_address(url)
    return url


def _web_address(url: str) -> str:
    _split(url)
    return url.rstrip("/")


def _page_address(url: str) -> str:
    """Return the address of the pages of a kind of record. The id may stand anywhere after the host."""
    if url.count(ID) != 1 or ID in urlsplit(url).netloc:
        raise ValueError(f"the address of a page has {ID} once, where the record's id stands")
    _split(url)
    return url


def _origin(url: str) -> str:
    """Return the address as a browser writes it into `Origin`."""
    address = _split(url.rstrip("/").lower())
    if address.path or address.query or address.fragment or address.username:
        raise ValueError("an origin has a scheme, a host and at most a port: https://hub.example")
    host = _ascii_host(address.hostname or "")
    port = f":{address.port}" if address.port not in (None, _USUAL_PORTS[address.scheme]) else ""
    return f"{address.scheme}://{host}{port}"


def _split(url: str) -> SplitResult:
    """Return the parts of a web address with a possible host and port."""
    if not url.startswith(("http://", "https://")):
        raise ValueError("a web address starts with https:// or http://")
    address = urlsplit(url)
    if not address.hostname:
        raise ValueError("a web address has a host: https://hub.example")
    _ascii_host(address.hostname)
    try:
        _ = address.port
    except ValueError:
        raise ValueError("a port is a number from 0 to 65535") from None
    return address


def _ascii_host(host: str) -> str:
    """Return a host as browsers send it: other alphabets in Punycode, IPv6 addresses in brackets.

    >>> _ascii_host("münchen.example"), _ascii_host("::1")
    ('xn--mnchen-3ya.example', '[::1]')
    """
    try:
        address = ip_address(host)
    except ValueError:
        pass
    else:
        return f"[{address}]" if address.version == 6 else str(address)
    try:
        return idna.encode(host, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        raise ValueError("no host can have this name") from None


ZoneName = Annotated[str, AfterValidator(_known_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
PageAddress = Annotated[str, AfterValidator(_page_address)]
Origin = Annotated[str, AfterValidator(_origin)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
SecondsOrNever = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _TrimmedEnvironment(EnvSettingsSource):
    """The environment without white space around values, and without variables that are then empty."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        trimmed = {name: (value or "").strip() for name, value in self.env_vars.items()}
        self.env_vars = {name: value for name, value in trimmed.items() if value}


class _Variables(BaseSettings):
    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _TrimmedEnvironment(settings_cls)


class CrmVariables(_Variables):
    """The CRM_... variables as they are. The CRM may be unset as long as it is not called."""

    model_config = SettingsConfigDict(
        env_prefix="CRM_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    base_url: WebAddress | None = None
    auth_mode: AuthMode = AuthMode.LOGIN_AND_KEY
    version: str = "v1"
    username: str = ""
    password: SecretStr = SecretStr("")
    api_key: SecretStr = SecretStr("")
    application: str = ""
    intake_sub_type_id: int | None = None
    shadow_sub_type_id: int | None = None
    activity_type: int | None = None
    open_state: int | None = None
    completed_state: int | None = None
    opportunity_phase_id: int | None = None
    opportunity_category_id: int | None = None
    default_owner_id: int | None = None
    zone: ZoneName = "Europe/Rome"
    time_limit: Seconds = 20.0
    connect_limit: Seconds = CrmSettings.connect_limit
    token_lifetime: Seconds = 1200.0
    page_size: int = Field(default=100, ge=2, le=1000)
    company_page: PageAddress | None = None
    opportunity_page: PageAddress | None = None
    activity_page: PageAddress | None = None

    @property
    def pages(self) -> CrmPages:
        """Where people see the CRM's records."""
        return CrmPages(self.company_page, self.opportunity_page, self.activity_page)

    def tenant(self) -> CrmSettings:
        """Return what `Settings.tenant` returns, without the proxy."""
        needed = (
            "base_url",
            "intake_sub_type_id",
            "shadow_sub_type_id",
            "activity_type",
            "open_state",
            "completed_state",
        )
        missing = [f"CRM_{name.upper()}" for name in needed if getattr(self, name) is None]
        if missing:
            raise BadSettings(f"The CRM is not described: set {', '.join(missing)}.")
        return self._described()

    def access(self) -> CrmSettings:
        """Return what `Settings.access` returns, without the proxy."""
        if self.base_url is None:
            raise BadSettings("The CRM is not described: set CRM_BASE_URL.")
        only_written = {"shadow_sub_type_id": -1, "activity_type": 0, "open_state": 0, "completed_state": 0}
        return self._described(intake_sub_type_id=self.intake_sub_type_id or 0, **only_written)

    def _described(self, **stand_ins: int) -> CrmSettings:
        values: dict[str, Any] = self.model_dump(
            exclude={"company_page", "opportunity_page", "activity_page"}
        )
        secrets = {
            name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)
        }
        try:
            return CrmSettings(**{**values, **secrets, "zone": ZoneInfo(self.zone), **stand_ins})
        except UnfitSettings as error:
            names = ", ".join(_variable(CrmVariables.__name__, field) for field in error.fields)
            raise BadSettings(f"{names} cannot be used: {error.reason}.") from None


class Settings(_Variables):
    """The HUB_... variables."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_", extra="ignore", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    # Without NoDecode, a variable HUB_CRM would be parsed as JSON.
    crm: Annotated[CrmVariables, NoDecode] = Field(default_factory=CrmVariables)

    database_url: Annotated[str, AfterValidator(_database_address)] = Field(
        default="sqlite://var/hub.sqlite3",
        validation_alias=AliasChoices("HUB_DATABASE_URL", "DATABASE_URL"),
        repr=False,  # It may hold a password.
    )
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: Origin | None = None
    graphiql: bool = True
    requests_per_minute: int = Field(default=6000, ge=1)
    log_format: LogFormat = LogFormat.CONSOLE

    catalog_folder: DirectoryPath | None = None

    calendar_country: Annotated[str, AfterValidator(_known_country)] = "IT"
    calendar_zone: ZoneName = "Europe/Rome"

    crm_calls_per_minute: int = Field(default=40, ge=1)
    settle_seconds: Seconds = 5.0
    lag_bound_seconds: Seconds = 60.0
    second_look_seconds: SecondsOrNever = 120.0
    breaker_failures: int = Field(default=5, ge=1)
    breaker_seconds: Seconds = 30.0
    sweep_seconds: Seconds = 5.0
    heartbeat_seconds: Seconds = 15.0
    backoff_seconds: Seconds = 1.0

    poll_seconds: SecondsOrNever = 60.0
    poll_overlap_seconds: SecondsOrNever = 300.0
    poll_since: date | None = None

    def tenant(self) -> CrmSettings:
        """Return the complete CRM settings, or raise `BadSettings`."""
        return replace(self.crm.tenant(), proxy=self.proxy)

    def access(self) -> CrmSettings:
        """Return settings that suffice to read the CRM, even if some numbers are unknown. Never write with them."""
        return replace(self.crm.access(), proxy=self.proxy)

    @property
    def proxy(self) -> Proxy | None:
        """Return the proxy that `HTTPS_PROXY` or `HTTP_PROXY` names for the CRM, unless `NO_PROXY` excludes the CRM."""
        crm = urlsplit(self.crm.base_url or "")
        url = getproxies_environment().get(crm.scheme)
        if not url or proxy_bypass(crm.netloc):
            return None
        try:
            return Proxy.parse(url)
        except ValueError as unfit:
            raise BadSettings(f"{crm.scheme.upper()}_PROXY cannot be used: {unfit}.") from None

    @property
    def address(self) -> str:
        """Return the address for browsers, which is our own origin."""
        return self.public_url or self.address_at(self.port)

    def address_at(self, port: int) -> str:
        """Return the address for this machine. A host that means all addresses is not an address itself."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - Nothing is bound.
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def read_settings() -> Settings:
    """Read the settings from the environment, or raise `BadSettings`."""
    _refuse_misspelt(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("\n".join(_sentence(error.title, problem) for problem in error.errors())) from None


def _refuse_misspelt(names: Iterable[str]) -> None:
    """Refuse a misspelt variable of ours: it has no effect, and that would go unnoticed."""
    ours = {
        _variable(model.__name__, field) for model in (Settings, CrmVariables) for field in model.model_fields
    }
    for name in sorted({name.upper() for name in names} - ours):
        if name.startswith(("HUB_", "CRM_")):
            for meant in get_close_matches(name, ours, n=1, cutoff=_LIKENESS):
                raise BadSettings(f"{name} is not a variable of ours; {meant} is.")


def _variable(model: str, field: str) -> str:
    """Return the variable of a field, or of an alias, which is the variable itself."""
    prefix = "CRM_" if model == CrmVariables.__name__ else "HUB_"
    return field if field.isupper() else prefix + field.upper()


def _sentence(title: str, problem: Any) -> str:
    name = _variable(title, str(problem["loc"][0]))
    if name == "HUB_DATABASE_URL" and not os.environ.get(name, "").strip():
        name = "DATABASE_URL"  # pydantic names the first of two aliases, whichever is set.
    shown = "" if _may_be_secret(name, problem["input"]) else f"={problem['input']!r}"
    return f"{name}{shown} cannot be used: {problem['msg'].removeprefix('Value error, ').rstrip('.')}."


def _may_be_secret(name: str, value: object) -> bool:
    """Return whether a value is a secret, or an address that may hold a user name or a password."""
    return name in _SECRETS or "@" in str(value)


_SECRETS = ("HUB_DATABASE_URL", "DATABASE_URL", "CRM_PASSWORD", "CRM_API_KEY", "HUB_CRM")
