"""The plan token: what a preview showed, as a text that comes back with the press of the button.

It holds the digest of the plan with all its inputs, and the facts of the CRM that were shown. So nothing is stored
between preview and press. It holds no secret: a forged token gets no further than a press without one.
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
"""The record ids that the CRM holds, by the key that they were looked up for."""

LONGEST = 230_000
"""The characters of a token for ten thousand opportunities. We never issue a longer one."""

LONGEST_KEY = 64
MARK_DIGITS = 12


class PlanStale(Refusal):
    """The button would no longer do what the preview showed."""

    code = "PLAN_STALE"
    moves: Sequence[object]

    def __init__(self, moves: Sequence[object] = ()) -> None:
        """`moves` is what would move otherwise than shown, if the preview was about dates."""
        super().__init__("The preview is out of date; look at it again.", path=("planToken",))
        self.moves = moves


def issue_token(plan: object, facts: Facts) -> str:
    """Return a token for the facts and the plan, whose parts are dataclasses and plain values.

    >>> token = issue_token({"lines": ["first"]}, {"first": [4711]})
    >>> shown_facts(token, {"lines": ["first"]})
    {'first': [4711]}
    """
    body = json.dumps({"digest": digest([plan, facts]), "facts": facts}, separators=(",", ":"))
    return urlsafe_b64encode(body.encode()).decode().rstrip("=")


def shown_facts(token: str, plan: object) -> dict[str, list[int]]:
    """Return the facts that were shown with exactly this plan. Any other token is refused as PLAN_STALE."""
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
    """Return whether the value has the form of facts. A token comes from outside, and facts are stored."""
    return isinstance(facts, dict) and all(
        len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and _are_ids(ids)
        for key, ids in facts.items()
    )


def _are_ids(ids: object) -> bool:
    return isinstance(ids, list) and all(type(number) is int and 0 <= number < 2**63 for number in ids)


def digest(value: object) -> str:
    """Return a digest that is equal for equal dataclasses and plain values, in every process."""
    text = json.dumps(value, default=_plain, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def mark_of(value: object) -> int:
    """Return a number for a decision among the facts of a token. Two decisions almost never share one."""
    return int(digest(value)[:MARK_DIGITS], 16)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a plan.")
