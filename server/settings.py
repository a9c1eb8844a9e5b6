"""What can be chosen from outside, by environment variables: `HUB_...` for the hub, `CRM_...` for the CRM behind it.

Nothing else in the program reads the environment. A value that cannot be right stops the program with one sentence
that names the variable and never repeats the value, which may be a secret.
"""

import os
from collections.abc import Iterable
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from holidays.registry import EntityLoader
from pydantic import AfterValidator, AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from services.crm.settings import AuthMode, CrmSettings, UnfitSettings

_USUAL_PORTS = {"http": ":80", "https": ":443"}
_LIKENESS = 0.75
"""From here on a name counts as one of ours misspelt; below, as a variable of somebody else's."""


class BadSettings(Exception):
    """A variable is missing or cannot be right. The message is for the person who set it."""


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


def _known_zone(name: str) -> str:
    # Not `available_timezones`, which opens every file of the time zones, for every command.
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


def _known_scheme(url: str) -> str:
    if not url.startswith(("sqlite://", "postgres://", "postgresql://")):
        raise ValueError("an address of a database starts with sqlite:// or postgres://")
    return url


def _web_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("a web address starts with https:// or http://")
    return url.rstrip("/")


def _origin(url: str) -> str:
    """As a browser writes it into `Origin`."""
    address = urlsplit(_web_address(url).lower())
    if not address.hostname or address.path or address.query or address.fragment or address.username:
        raise ValueError("an origin has a scheme, a host and at most a port: https://hub.example")
    return f"{address.scheme}://{address.netloc.removesuffix(_USUAL_PORTS[address.scheme])}"


ZoneName = Annotated[str, AfterValidator(_known_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Origin = Annotated[str, AfterValidator(_origin)]
Seconds = Annotated[float, Field(gt=0)]


class CrmVariables(BaseSettings):
    """The CRM_... variables, as they are: the CRM may be left unset as long as nobody calls it."""

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

    def tenant(self) -> CrmSettings:
        """The CRM that these variables describe, or `BadSettings` when they do not describe one whole."""
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
        """Enough of the CRM to read it, whatever numbers are not known yet; nothing may be written with it."""
        if self.base_url is None:
            raise BadSettings("The CRM is not described: set CRM_BASE_URL.")
        only_written = {"shadow_sub_type_id": -1, "activity_type": 0, "open_state": 0, "completed_state": 0}
        return self._described(intake_sub_type_id=self.intake_sub_type_id or 0, **only_written)

    def _described(self, **stand_ins: int) -> CrmSettings:
        values: dict[str, Any] = self.model_dump()
        secrets = {
            name: value.get_secret_value() for name, value in values.items() if isinstance(value, SecretStr)
        }
        try:
            return CrmSettings(**{**values, **secrets, "zone": ZoneInfo(self.zone), **stand_ins})
        except UnfitSettings as error:
            names = ", ".join(_variable(CrmVariables.__name__, field) for field in error.fields)
            raise BadSettings(f"{names} cannot be used: {error.reason}.") from None


class Settings(BaseSettings):
    """The HUB_... variables."""

    model_config = SettingsConfigDict(
        env_prefix="HUB_", extra="ignore", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    # Without NoDecode, a variable HUB_CRM would be taken for JSON.
    crm: Annotated[CrmVariables, NoDecode] = Field(default_factory=CrmVariables)

    database_url: Annotated[str, AfterValidator(_known_scheme)] = Field(
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

    catalog_folder: Path | None = None

    calendar_country: Annotated[str, AfterValidator(_known_country)] = "IT"
    calendar_zone: ZoneName = "Europe/Rome"

    crm_calls_per_minute: int = Field(default=40, ge=1)
    settle_seconds: Seconds = 5.0
    lag_bound_seconds: Seconds = 60.0
    second_look_seconds: float = Field(default=120.0, ge=0)
    breaker_failures: int = Field(default=5, ge=1)
    breaker_seconds: Seconds = 30.0
    sweep_seconds: Seconds = 5.0
    heartbeat_seconds: Seconds = 15.0
    backoff_seconds: Seconds = 1.0

    poll_seconds: float = Field(default=60.0, ge=0)
    poll_overlap_seconds: float = Field(default=300.0, ge=0)
    poll_since: date | None = None

    @property
    def address(self) -> str:
        """Where browsers find us; our own origin."""
        return self.public_url or self.address_at(self.port)

    def address_at(self, port: int) -> str:
        """Where this machine finds us. A host that stands for all addresses is not an address itself."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - Nothing is bound.
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def read_settings() -> Settings:
    """What the environment asks for, or `BadSettings`."""
    _refuse_misspelt(os.environ)
    try:
        return Settings()
    except ValidationError as error:
        raise BadSettings("\n".join(_sentence(error.title, problem) for problem in error.errors())) from None


def _refuse_misspelt(names: Iterable[str]) -> None:
    """Decline what looks like a variable of ours and is none: nobody would notice that it does nothing."""
    ours = {
        _variable(model.__name__, field) for model in (Settings, CrmVariables) for field in model.model_fields
    }
    for name in sorted({name.upper() for name in names} - ours):
        if name.startswith(("HUB_", "CRM_")):
            for meant in get_close_matches(name, ours, n=1, cutoff=_LIKENESS):
                raise BadSettings(f"{name} is not a variable of ours; {meant} is.")


def _variable(model: str, field: str) -> str:
    """The variable behind a field, or behind an alias, which is the variable itself."""
    prefix = "CRM_" if model == CrmVariables.__name__ else "HUB_"
    return field if field.isupper() else prefix + field.upper()


def _sentence(title: str, problem: Any) -> str:
    name = _variable(title, str(problem["loc"][0]))
    return f"{name} cannot be used: {problem['msg'].removeprefix('Value error, ').rstrip('.')}."
