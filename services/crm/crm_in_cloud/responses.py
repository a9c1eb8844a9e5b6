"""What an answer of CRM in Cloud means: pure, one place for every status and every shape.

A call that the CRM itself refused wrote nothing. An answer from anything else (a proxy, a firewall, a page in HTML)
proves nothing about a write, and is a temporary failure for a read.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime

from services.crm.errors import (
    CrmError,
    CrmForbidden,
    CrmOutcomeUnknown,
    CrmRefused,
    CrmUnavailable,
    LoginRefused,
)
from services.crm.protocol import LONGEST_PAUSE

DEFAULT_PAUSE = 60.0
_DIGITS = re.compile(r"-?[0-9]{1,18}")
_TOO_LARGE = 10**18
_NOT_JSON = object()


@dataclass(frozen=True)
class Call:
    """One request, named by method and path in every message."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, object] | None = field(default=None, repr=False)
    writes: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_update(self) -> bool:
        """Whether it changes a record that exists: with an id in the body the CRM creates none."""
        return self.writes and "id" in (self.body or {})


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def retry_after(self) -> str | None:
        return self.headers.get("Retry-After")


def read_answer(call: Call, answer: Answer, *, now: datetime) -> object:
    """Return the JSON of the CRM's answer (for a write only the id), or raise the error that the answer means."""
    if not 200 <= answer.status < 300:
        raise _failure(call, answer, now=now)
    body = _json(answer.body)
    if body is _NOT_JSON:
        raise unclear(call, f"was answered {answer.status} with something that is not JSON.")
    return read_new_id(call, body) if call.writes else body


def read_new_id(call: Call, body: object) -> int:
    """Return the id in the answer to a create or an update: a number, digits, or an object that holds one."""
    number = whole(body)
    if number is None or number <= 0:
        raise unclear(call, "was answered without an id.", crm_message=_message_of_crm(body))
    return number


def unclear(
    call: Call,
    what: str,
    *,
    retry_after: float | None = None,
    paused_until: datetime | None = None,
    crm_message: str = "",
) -> CrmError:
    """Return the error for a call with an unknown result: harmless for a read, an unknown outcome for a write."""
    if call.writes:
        return CrmOutcomeUnknown(f"{call} {what}", crm_message=crm_message)
    return CrmUnavailable(
        f"{call} {what}", retry_after=retry_after, paused_until=paused_until, crm_message=crm_message
    )


def is_json(answer: Answer) -> bool:
    return _json(answer.body) is not _NOT_JSON


def in_own_words(answer: Answer) -> bool:
    """Whether the CRM itself refused: with a JSON object that has `message` or `error`."""
    return bool(_message_of_crm(_json(answer.body)))


def whole(value: object) -> int | None:
    """Return a whole number, also if it is written as digits or is the `id` of an object.

    A number that no database column can hold counts as none.

    >>> [whole(value) for value in (7, "7", {"id": "7"}, Decimal("7.0"), True, "seven", 7.5, None, 2**63)]
    [7, 7, 7, 7, None, None, None, None, None]
    """
    match value:
        case bool():
            return None
        case int():
            return value if -_TOO_LARGE < value < _TOO_LARGE else None
        case str() if _DIGITS.fullmatch(value.strip()):
            return int(value)
        case Decimal() if value.is_finite() and abs(value) < _TOO_LARGE and value == int(value):
            return int(value)
        case {"id": inner} if not isinstance(inner, dict):
            return whole(inner)
        case _:
            return None


def pause_asked(header: str | None, *, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for, by number or by date; a minute if it cannot be read.

    >>> from datetime import UTC
    >>> now = datetime(2026, 12, 21, 9, 0, tzinfo=UTC)
    >>> [pause_asked(header, now=now) for header in ("7", None, "soon", "-7", "999999")]
    [7.0, 60.0, 60.0, 60.0, 3600.0]
    >>> pause_asked("Mon, 21 Dec 2026 09:00:30 GMT", now=now)
    30.0
    """
    if header is None:
        return DEFAULT_PAUSE
    if header.strip().isdecimal():
        return min(float(header), LONGEST_PAUSE)
    try:
        seconds = (parsedate_to_datetime(header) - now).total_seconds()
    except (TypeError, ValueError):
        return DEFAULT_PAUSE
    return min(max(seconds, 0.0), LONGEST_PAUSE)


def pause_for_all(answer: Answer, *, now: datetime) -> float | None:
    """Return for how many seconds all calls must stop. A 429 always means that; a 503 if it says when to come back."""
    if answer.status == 429 or (answer.status == 503 and answer.retry_after):
        return pause_asked(answer.retry_after, now=now)
    return None


def _failure(call: Call, answer: Answer, *, now: datetime) -> CrmError:
    status, message = answer.status, _message_of_crm(_json(answer.body))
    pause = pause_for_all(answer, now=now)
    until = None if pause is None else now + timedelta(seconds=pause)
    what = f"was answered {status}."
    if status == 429:
        return CrmUnavailable(f"{call} {what}", retry_after=pause, paused_until=until, crm_message=message)
    if not _is_refusal(call, answer):
        wait = pause_asked(answer.retry_after, now=now) if answer.retry_after else None
        return unclear(call, what, retry_after=wait, paused_until=until, crm_message=message)
    if status == 401:
        return LoginRefused(
            f"{call} was refused with 401: the CRM does not accept our credentials.", status=status
        )
    kind = CrmForbidden if status == 403 else CrmRefused
    duplicate = status == 409 or "duplic" in message.lower()
    return kind(f"{call} was refused with {status}.", status=status, crm_message=message, duplicate=duplicate)


def _is_refusal(call: Call, answer: Answer) -> bool:
    # 408 and 425 mean that a server gave up waiting, which is no refusal.
    if not 400 <= answer.status < 500 or answer.status in (408, 425):
        return False
    if call.writes:
        return in_own_words(answer)
    return answer.status in (401, 403) or not answer.body.strip() or _json(answer.body) is not _NOT_JSON


def _message_of_crm(body: object) -> str:
    if not isinstance(body, dict):
        return ""
    said = {str(key).lower(): value for key, value in body.items()}
    return " ".join(str(said[key]) for key in ("message", "error") if said.get(key))


def _json(body: bytes) -> object:
    try:
        parsed: object = json.loads(body, parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _NOT_JSON
    return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON.")
