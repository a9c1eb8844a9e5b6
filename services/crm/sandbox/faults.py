"""One-shot misbehaviour, planned in advance: which call it hits and what then goes wrong (§7)."""

from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from services.crm.sandbox.resources import BY_SEGMENT
from services.crm.sandbox.switches import Seconds

Action = Literal[
    "list", "get", "exists", "count", "search", "search_ids", "template", "schema",
    "create", "update", "delete", "login", "me",
]  # fmt: skip


class FaultName(StrEnum):
    """What can go wrong with a call."""

    DROP_BEFORE = "drop_before"
    COMMIT_THEN_DROP = "commit_then_drop"
    COMMIT_THEN_DELAY = "commit_then_delay"
    DELAY_THEN_COMMIT = "delay_then_commit"
    HTML_502 = "html_502"
    HTML_200 = "html_200"
    STATUS = "status"
    TRUNCATED_BODY = "truncated_body"
    SHORTENED_ID = "shortened_id"
    EMPTY_BODY = "empty_body"
    SLOW_DRIP = "slow_drip"
    DUPLICATE = "duplicate"
    REVOKE_TOKENS = "revoke_tokens"


_ARGUMENTS: dict[FaultName, frozenset[str]] = {
    FaultName.COMMIT_THEN_DELAY: frozenset({"seconds"}),
    FaultName.DELAY_THEN_COMMIT: frozenset({"seconds"}),
    FaultName.SLOW_DRIP: frozenset({"seconds"}),
    FaultName.HTML_502: frozenset({"commit"}),
    FaultName.HTML_200: frozenset({"commit"}),
    FaultName.STATUS: frozenset({"status", "message", "retry_after", "commit"}),
    FaultName.DUPLICATE: frozenset({"status"}),
}


class FaultMatch(BaseModel):
    """Which calls a fault counts; what is left out matches everything.

    `action` is what the call does, however its path is spelt: a POST without an id in its body is a
    `create`. The fault starts with the `nth` matching call after it was planned.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["GET", "POST", "PUT", "DELETE"] | None = None
    controller: str | None = None
    action: Action | None = None
    nth: int = Field(1, ge=1)

    @field_validator("controller")
    @classmethod
    def _by_its_own_name(cls, given: str | None) -> str | None:
        if given is None or given.casefold() == "auth":
            return given and "Auth"
        if given.casefold() not in BY_SEGMENT:
            raise ValueError(f"there is no controller {given!r}")
        return BY_SEGMENT[given.casefold()].name

    def fits(self, *, method: str, controller: str, action: str) -> bool:
        return (
            self.method in (None, method)
            and self.controller in (None, controller)
            and self.action in (None, action)
        )


class FaultArguments(BaseModel):
    """The arguments of a fault; each fault accepts only some of these."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: Seconds = 1.0
    status: int = Field(500, ge=400, le=599)
    message: str | None = None
    retry_after: int | None = Field(None, ge=0)
    commit: bool = False


class Fault(BaseModel):
    """One planned misbehaviour; it hits `times` matching calls in a row, or all of them when `times` is null."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: FaultMatch = FaultMatch()
    fault: FaultName
    args: FaultArguments = FaultArguments()
    times: int | None = Field(1, ge=1)

    @model_validator(mode="after")
    def _takes_its_arguments(self) -> Self:
        foreign = self.args.model_fields_set - _ARGUMENTS.get(self.fault, frozenset())
        if foreign:
            raise ValueError(f"{self.fault} takes no {', '.join(sorted(foreign))}")
        return self

    def due(self, *, seen: int, used: int) -> bool:
        """Whether it hits a call, having counted `seen` matching ones with this and hit `used` of them."""
        return seen >= self.match.nth and (self.times is None or used < self.times)
