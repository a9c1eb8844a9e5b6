"""The plan token: what an operator was shown, in a text that comes back with the press of the button.

It holds the digest of a plan with all that the plan rests on, and the facts of the CRM that were shown beside it. So
nothing has to be kept between the two. There is no secret in it: whoever forges a token gets no further than somebody
who presses without one.
"""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeGuard

from services.errors import Refusal

Facts = Mapping[str, Sequence[int]]
"""What the CRM was seen to hold, by what it was looked up for."""

LONGEST = 230_000
"""Characters of a token: that of ten thousand opportunities. What is longer was not given out here."""

LONGEST_KEY = 64
MARK_DIGITS = 12


class PlanStale(Refusal):
    """What the press would do now is not what was shown."""

    code = "PLAN_STALE"

    def __init__(self) -> None:
        super().__init__(
            "What you were shown no longer holds; look at the preview again.", path=("planToken",)
        )


def issue_token(plan: object, facts: Facts) -> str:
    """A token for the plan, whose parts are dataclasses and plain values, and the facts.

    >>> token = issue_token({"lines": ["first"]}, {"first": [4711]})
    >>> shown_facts(token, {"lines": ["first"]})
    {'first': [4711]}
    """
    body = json.dumps({"digest": digest([plan, facts]), "facts": facts}, separators=(",", ":"))
    return urlsafe_b64encode(body.encode()).decode().rstrip("=")


def shown_facts(token: str, plan: object) -> dict[str, list[int]]:
    """The facts that were shown with exactly this plan; any other token is refused as PLAN_STALE."""
    claimed = _read(token)
    facts = claimed.get("facts")
    if _are_facts(facts) and claimed.get("digest") == digest([plan, facts]):
        return facts
    raise PlanStale


def _read(token: str) -> dict[str, Any]:
    if len(token) > LONGEST or not token.isascii():
        raise PlanStale
    try:
        body = json.loads(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, RecursionError):
        raise PlanStale from None
    return body if isinstance(body, dict) else {}


def _are_facts(facts: object) -> TypeGuard[dict[str, list[int]]]:
    """Whether it has the form of facts. A token comes from outside, and facts are kept."""
    return isinstance(facts, dict) and all(
        len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and _are_ids(ids)
        for key, ids in facts.items()
    )


def _are_ids(ids: object) -> bool:
    return isinstance(ids, list) and all(type(number) is int and 0 <= number < 2**63 for number in ids)


def digest(value: object) -> str:
    """The same for the same dataclasses and plain values, in whichever process."""
    text = json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def mark_of(value: object) -> int:
    """A number for a decision among the facts of a token, which another decision hardly ever has."""
    return int(digest(value)[:MARK_DIGITS], 16)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a plan.")
