"""The answers to calls (§2.0, §3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A JSON answer, and the effect on the store that it reports; a payload of None is an empty body."""

    payload: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    effect: str | None = None


class ApiError(Exception):
    """A call that the CRM declines: nothing was written, and the body is an object with `message` (§3)."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.answer = Answer({"message": message}, status, headers or {})


class MissingRecord(ApiError):
    """No record has this id; whether the answer then has a body is unknown (§7)."""

    def __init__(self, what: str, record_id: int, *, with_message: bool = True) -> None:
        super().__init__(404, f"{what} {record_id} does not exist.")
        if not with_message:
            self.answer = Answer(None, 404)


class Duplicate(ApiError):
    """The refusal of a duplicate: only the fragment "duplic" of its wording is known, and not its status (§2.5)."""

    def __init__(self, what: str, property_name: str, *, status: int) -> None:
        super().__init__(status, f"{what}: duplicated value for '{property_name}'.")


class LoginRefused(ApiError):
    """A failed login carries `error` beside `message` (§1)."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)
        self.answer = Answer({"error": "invalid_grant", "message": message}, 400)
